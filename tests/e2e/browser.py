"""A headless Chromium, asked over a pipe: the tests open no port, and the browser no network."""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import tempfile
import time

import host_tree

PROGRAM = shutil.which("chromium")
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
         "--disable-background-networking", "--disable-component-update", "--disable-sync",
         "--disable-breakpad", "--disable-dev-shm-usage", "--hide-scrollbars",
         "--remote-debugging-pipe"]
PATIENCE = 300


class Failure(Exception):
    """The browser refused a command."""


class Browser:
    """One running browser, ended when the block is left."""

    def __enter__(self):
        self.folder = tempfile.mkdtemp(prefix="cfwarden-e2e-browser.")
        to_browser, self.commands = os.pipe()
        self.replies, from_browser = os.pipe()

        def connect():
            # It reads its descriptor 3 and writes its descriptor 4.
            first, second = os.dup(to_browser), os.dup(from_browser)
            os.dup2(first, 3)
            os.dup2(second, 4)

        # Enough of them are open that none of the pipe's own is 3 or 4 in the child.
        self.process = subprocess.Popen(
            [PROGRAM, *FLAGS, f"--user-data-dir={self.folder}"], preexec_fn=connect,
            close_fds=False, start_new_session=True, stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            env={**host_tree.ENVIRONMENT, "HOME": self.folder})
        os.close(to_browser)
        os.close(from_browser)
        self.rest, self.number, self.events = b"", 0, []
        return self

    def __exit__(self, *error):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        os.close(self.commands)
        os.close(self.replies)
        shutil.rmtree(self.folder, ignore_errors=True)

    def ask(self, method, session=None, **parameters):
        self.number += 1
        command = {"id": self.number, "method": method, "params": parameters}
        if session:
            command["sessionId"] = session
        os.write(self.commands, json.dumps(command).encode() + b"\0")
        while True:
            message = self.next_message()
            if message.get("id") == self.number:
                if "error" in message:
                    raise Failure(f"{method}: {message['error']}")
                return message["result"]
            self.events.append(message)

    def next_message(self):
        while b"\0" not in self.rest:
            chunk = os.read(self.replies, 1 << 16)
            if not chunk:
                raise Failure("the browser ended")
            self.rest += chunk
        message, self.rest = self.rest.split(b"\0", 1)
        return json.loads(message)

    def page(self):
        return Page(self)


class Page:
    """A page with all that it says, asks for and logs."""

    def __init__(self, browser):
        self.browser = browser
        target = browser.ask("Target.createTarget", url="about:blank")["targetId"]
        self.session = browser.ask("Target.attachToTarget", targetId=target,
                                   flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.ask(f"{domain}.enable")

    def ask(self, method, **parameters):
        return self.browser.ask(method, self.session, **parameters)

    def events(self, *methods):
        return [event for event in self.browser.events
                if event.get("sessionId") == self.session and event["method"] in methods]

    def open(self, path):
        self.ask("Page.navigate", url=f"file://{path}")
        deadline = time.monotonic() + PATIENCE
        while self.run("document.readyState + location.protocol") != "completefile:":
            assert time.monotonic() < deadline, "the page does not load"
            time.sleep(0.02)

    def run(self, script):
        """The value of an expression, as JSON has it."""
        answer = self.ask("Runtime.evaluate", expression=script, returnByValue=True,
                          awaitPromise=True)
        if "exceptionDetails" in answer:
            raise Failure(json.dumps(answer["exceptionDetails"]))
        return answer["result"].get("value")

    def press(self, key, text="", code=0, modifiers=0):
        common = {"key": key, "modifiers": modifiers, "windowsVirtualKeyCode": code}
        self.ask("Input.dispatchKeyEvent", type="keyDown", text=text, **common)
        self.ask("Input.dispatchKeyEvent", type="keyUp", **common)

    def type(self, text):
        for letter in text:
            self.press(letter, letter)

    def tab(self, back=False):
        self.press("Tab", code=9, modifiers=8 if back else 0)

    def complaints(self):
        """What it logged, threw or was refused."""
        return [event["params"] for event in self.events(
            "Log.entryAdded", "Runtime.exceptionThrown", "Runtime.consoleAPICalled",
            "Network.loadingFailed")]

    def requests(self):
        return [event["params"]["request"]["url"]
                for event in self.events("Network.requestWillBeSent")]
