"""The page that people get, in a browser as they have one."""

import base64
import json
import os
import pathlib
import shutil
import subprocess
import unittest

import browser
import host_tree
import invented
from host_tree import run

# Where to leave pictures to look at; none are taken without it.
PICTURES = os.environ.get("CFWARDEN_PICTURES")

HOSTILE = [b"<img src=x onerror=document.title=1>-token", b"'\"><script>alert(1)<!---token",
           b"{{host}}{{{root}}}{{#cards}}-token", b"' onmouseover='x-token", b"&lt;b&gt;-token",
           b"javascript:alert(1)-token", b"x\n<h1>forged<_h1>-token", b"\xff\x1b[31m\x07-token",
           "\u202egnp-token".encode(), b"n" * 200 + b"-token"]

CONTRAST = """(() => {
  const parse = (text) => text.match(/[\\d.]+/g).map(Number);
  const light = (text) => parse(text).slice(0, 3).map((one) => one / 255)
    .map((one) => one <= 0.03928 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4)
    .reduce((sum, one, at) => sum + one * [0.2126, 0.7152, 0.0722][at], 0);
  const behind = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const color = getComputedStyle(at).backgroundColor;
      if (parse(color)[3] !== 0) return color;
    }
    return "rgb(255, 255, 255)";
  };
  let worst = [99, ""];
  for (const element of document.querySelectorAll("main *:not(svg):not(svg *), footer p, .top *")) {
    const own = Array.from(element.childNodes).some((n) => n.nodeType === 3 && n.data.trim());
    if (!own || !element.checkVisibility() || element.tagName === "OPTION") continue;
    const both = [light(getComputedStyle(element).color), light(behind(element))].sort();
    const contrast = (both[1] + 0.05) / (both[0] + 0.05);
    if (contrast < worst[0]) worst = [contrast, element.outerHTML.slice(0, 200)];
  }
  return worst;
})()"""


def lay_out(host):
    """Every severity, several audiences, hostile names, and one file that cannot be read."""
    alice = host.home("alice", 0o755, 0o755)
    for name in HOSTILE:
        host.file(os.fsencode(alice) + b"/" + name, invented.token(name=name.hex()), 0o644, "alice")
    host.file(f"{alice}/{invented.OTHER_TUNNEL}.json",
              invented.credentials(invented.OTHER_TUNNEL, name="sound"), 0o400, "alice")
    host.file(f"{alice}/broken.json", b'{"TunnelSecret":"*"}', 0o640, "alice")
    os.mkfifo(os.fsencode(host.at(alice)) + b"/<fifo>-token")
    host.file(f"{host.home('root', 0o755, 0o755)}/cert.pem", invented.certificate(), 0o644)
    host.folder("/etc/systemd/system")
    host.file("/etc/systemd/system/cloudflared.service",
              b"[Service]\nExecStart=/usr/bin/cloudflared tunnel run --token "
              + invented.token(name="unit") + b"\n", 0o644)


@unittest.skipUnless(browser.PROGRAM, "chromium is not installed")
class PageTest(host_tree.TreeTest):
    @classmethod
    def setUpClass(cls):
        cls.browser = browser.Browser().__enter__()
        cls.addClassCleanup(cls.browser.__exit__)
        cls.browser.ask("Browser.getVersion")

    def written(self, *arguments, verb="audit"):
        folder = self.host.folder("/out")
        path = f"{self.host.at(folder)}/report.html"
        self.outcome = run(verb, "--root", self.directory, "-o", f"html={path}", "-o",
                           f"json={self.host.at(folder)}/report.json", *arguments)
        self.assertEqual((self.outcome.out, self.outcome.err), (b"", b""), self.outcome)
        self.report = json.loads(pathlib.Path(f"{self.host.at(folder)}/report.json").read_bytes())
        return path

    def opened(self, *arguments, width=1100, **options):
        path = self.written(*arguments, **options)
        page = self.browser.page()
        page.ask("Emulation.setDeviceMetricsOverride", width=width, height=900,
                 deviceScaleFactor=1, mobile=False)
        page.open(path)
        self.addCleanup(page.ask, "Page.close")
        return page

    def messy(self, **options):
        lay_out(self.host)
        return self.opened(**options)

    def shown(self, page, what="path"):
        return page.run("Array.from(document.querySelectorAll('#cards > li'))"
                        f".filter((card) => !card.hidden).map((card) => card.dataset.{what})")

    def picture(self, page, name):
        if PICTURES:
            shot = page.ask("Page.captureScreenshot", captureBeyondViewport=True)["data"]
            (pathlib.Path(PICTURES) / f"{name}.png").write_bytes(base64.b64decode(shot))

    def test_it_logs_nothing_and_asks_for_nothing(self):
        page = self.messy()
        page.run("new Promise((resolve) => setTimeout(resolve, 300))")
        self.assertEqual(page.complaints(), [])
        others = [url for url in page.requests() if not url.startswith(("file://", "data:,"))]
        self.assertEqual((others, len([url for url in page.requests() if url.startswith("file:")])),
                         ([], 1))
        self.picture(page, "light")

    def test_what_the_policy_does_not_name_does_not_run(self):
        page = self.messy()
        page.run("""(() => {
          const script = document.createElement('script');
          script.textContent = 'document.title = "forged"';
          document.body.append(script);
          document.body.setAttribute('style', 'display: none');
          const image = document.createElement('img');
          image.src = 'https://example.invalid/x';
          document.body.append(image);
        })()""")
        self.assertTrue(page.run("document.title").startswith("cfwarden: tree-host: "))
        self.assertNotEqual(page.run("getComputedStyle(document.body).display"), "none")
        refused = [one for one in page.complaints()
                   if "Content Security Policy" in json.dumps(one)]
        self.assertGreaterEqual(len(refused), 3)

    def test_names_stay_text(self):
        page = self.messy()
        self.assertEqual(page.run("document.scripts.length"), 1)
        self.assertEqual(page.run("document.querySelectorAll('img, iframe, object, b').length"), 0)
        self.assertEqual(page.run("document.querySelectorAll('h1').length"), 1)
        self.assertFalse(page.run(
            "Array.from(document.querySelectorAll('*')).some((one) => "
            "Array.from(one.attributes).some((a) => a.name.startsWith('on') || a.name === 'style'))"))
        paths = page.run("Array.from(document.querySelectorAll('.card .path'),"
                         " (one) => one.textContent)")
        for name in HOSTILE[:6]:
            self.assertIn(f"/home/alice/.cloudflared/{name.decode()}", paths)
        self.assertIn("/home/alice/.cloudflared/\\xff\\x1b[31m\\x07-token", paths)

    def test_every_credential_finding_and_gap_is_on_it(self):
        page = self.messy()
        text = page.run("document.body.textContent")
        cards = self.shown(page)
        for credential in self.report["credentials"]:
            self.assertIn(credential["fingerprint"], text)
        self.assertEqual(page.run("document.querySelectorAll('.findings > li').length"),
                         len(self.report["findings"]))
        self.assertGreaterEqual(len(cards), len(self.report["credentials"]))
        self.assertEqual(page.run("document.querySelectorAll('#not-read + div tbody tr').length"),
                         len(self.report["gaps"]))
        self.assertIn("This look is not the whole one", text)
        total = sum(self.report["summary"].values())
        self.assertIn(f"{total} findings: ", page.run("document.querySelector('#verdict').textContent"))

    def test_cards_are_filtered_by_severity_readers_and_words(self):
        page = self.messy()
        everything = self.shown(page)
        told = "document.getElementById('shown').textContent"
        self.assertEqual(page.run(told), f"All {len(everything)} shown.")
        page.run("document.querySelector('input[value=high]').click()")
        self.assertNotIn("high", self.shown(page, "severity"))
        left = len(self.shown(page))
        self.assertEqual(page.run(told), f"Filtered: {left} of {len(everything)} shown.")
        page.run("document.querySelector('button[type=reset]').click()")
        page.run("new Promise((resolve) => setTimeout(resolve, 50))")
        self.assertEqual(self.shown(page), everything)
        page.run("(() => { const one = document.getElementById('readers');"
                 " one.value = 'owner'; one.dispatchEvent(new Event('input', {bubbles: true})); })()")
        self.assertEqual(set(self.shown(page, "readers")), {"owner"})
        page.run("document.querySelector('button[type=reset]').click()")
        page.run("document.getElementById('search').focus()")
        page.type("CERTIFICATE cert.pem")
        self.assertEqual(self.shown(page), ["/root/.cloudflared/cert.pem"])
        self.assertEqual(page.complaints(), [])

    def test_cards_are_sorted(self):
        page = self.messy()

        def by(order):
            page.run("(() => { const one = document.getElementById('order'); one.value = "
                     f"'{order}'; one.dispatchEvent(new Event('change', {{bubbles: true}})); }})()")

        first = self.shown(page)
        ranks = [int(rank) for rank in self.shown(page, "rank")]
        self.assertEqual(ranks, sorted(ranks, reverse=True))
        by("reach")
        reach = [int(one) for one in self.shown(page, "reach")]
        self.assertEqual(reach, sorted(reach, reverse=True))
        by("kind")
        self.assertEqual(self.shown(page, "kind"), sorted(self.shown(page, "kind")))
        by("path")
        page_order = page.run("Array.from(document.querySelectorAll('#cards > li'),"
                              " (card) => card.dataset.path)")
        self.assertEqual(page_order, sorted(page_order, key=lambda path: path.encode("utf-16-be")))
        by("severity")
        self.assertEqual(self.shown(page), first)

    def test_the_keyboard_reaches_and_works_everything(self):
        page = self.messy()
        focus = "document.activeElement"
        page.tab()
        self.assertEqual(page.run(f"{focus}.className"), "skip")
        page.press("Enter", "\r", 13)
        self.assertEqual(page.run(f"{focus}.id"), "credentials")
        seen = []
        for _ in range(10):
            page.tab()
            seen.append(page.run(f"{focus}.id || {focus}.value || {focus}.type"))
        self.assertEqual(seen[:1], ["critical"])
        for wanted in ("high", "readers", "order", "search", "reset"):
            self.assertIn(wanted, seen)
        self.assertNotEqual(page.run(f"getComputedStyle({focus}).outlineStyle"), "none")
        page.run("document.querySelector('input[value=critical]').focus()")
        page.press(" ", " ", 32)
        self.assertNotIn("critical", self.shown(page, "severity"))
        page.press("/", "/", 191)
        self.assertEqual(page.run(f"{focus}.id + {focus}.value"), "search")
        page.type("nothing has this")
        self.assertEqual(self.shown(page), [])
        page.press("Escape", code=27)
        self.assertGreater(len(self.shown(page)), 0)
        page.run("document.querySelector('#cards > li:not([hidden]) summary').focus()")
        page.press("Enter", "\r", 13)
        self.assertTrue(page.run(f"{focus}.parentElement.open"))
        self.assertEqual(page.complaints(), [])

    def test_a_link_to_a_rule_opens_it(self):
        page = self.messy()
        page.run("document.querySelector('.findings a').click()")
        page.run("new Promise((resolve) => setTimeout(resolve, 50))")
        self.assertTrue(page.run("document.querySelector('details:target').open"))

    def test_light_and_dark_can_both_be_read(self):
        page = self.messy()
        grounds = []
        for scheme in ("light", "dark"):
            page.ask("Emulation.setEmulatedMedia",
                     features=[{"name": "prefers-color-scheme", "value": scheme}])
            grounds.append(page.run("getComputedStyle(document.body).backgroundColor"))
            contrast, where = page.run(CONTRAST)
            self.assertGreaterEqual(contrast, 4.5, (scheme, where))
            self.picture(page, scheme)
        self.assertEqual(len(set(grounds)), 2)

    def test_paper_shows_all_of_it_without_controls(self):
        page = self.messy()
        page.ask("Emulation.setEmulatedMedia", media="print")
        self.assertEqual(page.run("getComputedStyle(document.querySelector('form')).display"), "none")
        page.run("dispatchEvent(new Event('beforeprint'))")
        self.assertEqual(page.run("document.querySelectorAll('details:not([open])').length"), 0)
        page.run("dispatchEvent(new Event('afterprint'))")
        self.assertEqual(page.run("document.querySelectorAll('details[open]').length"), 0)
        contrast, where = page.run(CONTRAST)
        self.assertGreaterEqual(contrast, 4.5, where)
        page.ask("Emulation.setEmulatedMedia", media="")
        paper = base64.b64decode(page.ask("Page.printToPDF", printBackground=True)["data"])
        self.assertTrue(paper.startswith(b"%PDF-"))
        if PICTURES:
            (pathlib.Path(PICTURES) / "paper.pdf").write_bytes(paper)
        if shutil.which("pdftotext"):
            text = subprocess.run(["pdftotext", "-", "-"], input=paper, check=True,
                                  stdout=subprocess.PIPE).stdout.decode()
            for credential in self.report["credentials"]:
                self.assertIn(credential["fingerprint"], text)

    def test_without_scripts_everything_is_shown(self):
        lay_out(self.host)
        path = self.written()
        page = self.browser.page()
        self.addCleanup(page.ask, "Page.close")
        page.ask("Emulation.setScriptExecutionDisabled", value=True)
        page.open(path)
        self.assertEqual(page.run("document.querySelectorAll('details:not([open])').length"), 0)
        self.assertTrue(page.run("document.getElementById('controls').hidden"))
        self.assertGreaterEqual(len(self.shown(page)), len(self.report["credentials"]))

    def test_a_narrow_screen_scrolls_in_one_direction_only(self):
        page = self.messy(width=360)
        self.assertLessEqual(page.run("document.documentElement.scrollWidth"), 360)
        self.picture(page, "narrow")

    def test_it_can_be_read_aloud(self):
        page = self.messy()
        self.assertTrue(page.run("document.documentElement.lang === 'en'"))
        unnamed = page.run("Array.from(document.querySelectorAll('input, select, button'))"
                           ".filter((one) => !one.labels?.length && !one.textContent).length")
        self.assertEqual(unnamed, 0)
        ids = page.run("Array.from(document.querySelectorAll('[id]'), (one) => one.id)")
        self.assertEqual(len(ids), len(set(ids)))
        missing = page.run("Array.from(document.querySelectorAll('[aria-labelledby]'))"
                           ".filter((one) => !document.getElementById("
                           "one.getAttribute('aria-labelledby'))).length")
        self.assertEqual(missing, 0)
        levels = page.run("Array.from(document.querySelectorAll('h1, h2, h3'),"
                          " (one) => Number(one.tagName[1]))")
        self.assertEqual(levels[0], 1)
        self.assertTrue(all(after - before <= 1 for before, after in zip(levels, levels[1:])))
        told = page.run("document.querySelector('svg').getAttribute('aria-label')")
        self.assertRegex(told, r"^Findings by severity: Critical \d+, High \d+")

    def test_a_clean_host_and_a_host_without_credentials_say_so(self):
        page = self.opened()
        self.assertEqual(page.run("document.querySelector('#verdict').textContent"),
                         "No credentials found")
        self.picture(page, "empty")
        self.host.file(f"{self.host.home('alice')}/a-token", invented.token(), 0o400, "alice")
        page = self.opened()
        self.assertEqual(page.run("document.querySelector('.verdict').className"), "verdict ok")
        self.assertTrue(page.run("document.getElementById('controls').hidden"))  # Of one card.
        self.assertEqual(page.complaints(), [])
        self.picture(page, "clean")

    def test_a_sweep_of_names_is_no_clean_host(self):
        lay_out(self.host)
        page = self.opened("--names-only", verb="sweep")
        self.assertIn("no file was opened", page.run("document.querySelector('#verdict').textContent"))
        self.assertEqual(page.run("document.querySelectorAll('.verdict.ok').length"), 0)
        self.assertGreaterEqual(page.run("document.querySelectorAll('#names + ul li').length"),
                                len(HOSTILE))
        self.assertEqual(page.complaints(), [])
        self.picture(page, "names")

    def test_a_sweep_is_a_page_too(self):
        lay_out(self.host)
        page = self.opened(verb="sweep")
        self.assertEqual(page.complaints(), [])
        self.assertEqual(page.run("document.querySelectorAll('.findings > li').length"),
                         len(self.report["findings"]))
        self.picture(page, "sweep")


if __name__ == "__main__":
    unittest.main()
