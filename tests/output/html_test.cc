#include "cfwarden/output/format.h"

#include "formats.h"
#include "golden.h"
#include "samples.h"

#include "cfwarden/output/html_cards.h"
#include "cfwarden/output/html_page.h"

#include <algorithm>
#include <set>

using namespace cfwarden;

namespace {

bool says(std::string_view text, std::string_view what) {
  return text.find(what) != std::string_view::npos;
}

std::size_t count_of(const std::string& text, std::string_view what) {
  std::size_t count = 0;
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++count;
  return count;
}

// The page but for its style, its script and their hashes, which have tests of their own.
std::string bare(std::string page) {
  for (const auto& [from, to] : {std::pair<std::string, std::string>{"'sha256-", "'"},
                                 {"'sha256-", "'"},
                                 {"<style>", "</style>"},
                                 {"<script>", "</script>"}}) {
    const auto begin = page.find(from) + from.size();
    page.erase(begin, page.find(to, begin) - begin);
    if (from.front() == '\'') page.replace(begin - from.size(), from.size(), "'SHA-256 ");
  }
  return page;
}

std::string page_of(const Report& report) {
  return bare(written_as("html", report));
}

std::vector<Report> all_samples() {
  return {samples::empty(),   samples::clean(),      samples::incomplete(), samples::messy(),
          samples::hostile(), samples::stock(),      samples::needed(),     samples::swept(),
          samples::markup(),  samples::swept_names()};
}

// Every tag of a page, as it is written.
std::vector<std::string> tags_of(const std::string& page) {
  std::vector<std::string> tags;
  for (auto at = page.find('<'); at != std::string::npos; at = page.find('<', at + 1)) {
    tags.push_back(page.substr(at, page.find('>', at) + 1 - at));
  }
  return tags;
}

// Without the values of its attributes.
std::string names_in(const std::string& tag) {
  std::string names;
  bool is_value = false;
  for (const char c : tag) {
    if (c == '"') is_value = !is_value;
    if (!is_value) names += c;
  }
  return names;
}

}  // namespace

TEST_CASE("pages stay as they are") {
  check_golden("formats-messy.html", page_of(samples::with_rules(samples::messy())));
  check_golden("formats-markup.html", page_of(samples::markup()));
  check_golden("formats-clean.html", page_of(samples::clean()));
  check_golden("formats-swept.html", page_of(samples::swept()));
  check_golden("formats-swept-names.html", page_of(samples::swept_names()));
}

TEST_CASE("no name adds a tag or an attribute to the page") {
  const auto name_of_tag = [](const std::string& tag) {
    return tag.substr(0, tag.find_first_of(" >"));
  };
  std::set<std::string> known;
  for (const std::string& tag : tags_of(page_of(samples::with_rules(samples::needed())))) {
    known.insert(name_of_tag(tag));
  }
  for (const Report& report : {samples::hostile(), samples::markup()}) {
    for (const std::string& tag : tags_of(page_of(report))) {
      CAPTURE(tag);
      CHECK((known.contains(name_of_tag(tag)) || tag == "<tbody>" || tag == "<tr>"));
      CHECK(std::ranges::count(tag, '\'') == (says(tag, "Content-Security-Policy") ? 10 : 0));
      CHECK(std::ranges::count(tag, '"') % 2 == 0);
      CHECK_FALSE(says(names_in(tag), " on"));
      CHECK_FALSE(says(tag, "href=\"j"));
    }
  }
}

TEST_CASE("what mustache would take for a tag in a name stays text") {
  Report report = samples::incomplete();
  report.gaps = {{"/{{host}}{{{root}}}{{#cards}}{{/cards}}{{=<% %>=}}", "{{> page}} <% host %>"}};
  CHECK(says(page_of(report),
             "<code>/{{host}}{{{root}}}{{#cards}}{{/cards}}{{=&lt;% %&gt;=}}</code></td><td>"
             "{{&gt; page}} &lt;% host %&gt;</td>"));
}

TEST_CASE("the page loads nothing, and lets in only its own style and script") {
  const std::string page = written_as("html", samples::with_rules(samples::messy()));
  CHECK(says(page, "default-src 'none'; style-src 'sha256-"));
  CHECK(count_of(page, "<script") == 1);
  CHECK(count_of(page, "<style") == 1);
  for (const char* loading : {"src=\"", "url(", "@import", "<iframe", "<img",
                              "http-equiv=\"refresh", "href=\"http", "style=\""}) {
    CAPTURE(loading);
    CHECK_FALSE(says(page, loading));
  }
  CHECK(page.find("Content-Security-Policy") < page.find("<style"));
}

TEST_CASE("no control, bidi or broken byte reaches the page") {
  for (const Report& report : all_samples()) {
    const std::string page = written_as("html", report);
    CHECK(is_valid_utf8(page));
    CHECK(std::ranges::all_of(page, [](char c) {
      const auto byte = static_cast<unsigned char>(c);
      return c == '\n' || (byte >= 0x20 && byte != 0x7f);
    }));
    for (const char* hidden : {"\u202E", "\u2066", "\u200E", "\uFEFF", "\u009B"}) {
      CHECK_FALSE(says(page, hidden));
    }
  }
}

TEST_CASE("every place of the template is filled") {
  for (const Report& report : {samples::with_rules(samples::messy()), samples::clean(),
                               samples::swept(), samples::swept_names()}) {
    CHECK_FALSE(says(page_of(report), "{{"));
    CHECK_FALSE(says(written_as("html", report), "@STYLE"));
    CHECK_FALSE(says(written_as("html", report), "@SCRIPT"));
  }
}

TEST_CASE("a look that is not finished, or opened nothing, is never called clean") {
  const std::string clean = page_of(samples::clean());
  CHECK(says(clean, "<section class=\"verdict ok\""));
  CHECK(says(clean, ">No findings</h2>"));
  CHECK_FALSE(says(clean, "not the whole one"));

  const std::string incomplete = page_of(samples::incomplete());
  CHECK_FALSE(says(incomplete, "verdict ok"));
  CHECK(says(incomplete, ">No findings in what could be read</h2>"));
  CHECK(says(incomplete, "This look is not the whole one"));
  CHECK(says(incomplete, "/mnt/nfs/home/bob/.cloudflared"));

  Report stopped = samples::clean();
  stopped.interrupted = true;
  CHECK_FALSE(says(page_of(stopped), "verdict ok"));
  CHECK(says(page_of(stopped), "stopped before the end"));

  Report names = samples::swept_names();
  names.sweep->names.clear();
  CHECK_FALSE(says(page_of(names), "verdict ok"));
  CHECK(says(page_of(names), "no file was opened"));
  CHECK_FALSE(says(page_of(names), "No findings"));

  Report narrow = samples::clean();
  narrow.user = "alice";
  narrow.sees_all_homes = false;
  CHECK(says(page_of(narrow), "Looked as alice, not as root"));
}

TEST_CASE("each credential has a card, worst first, and so has what is none") {
  const Report report = samples::needed();
  const auto cards = html_cards(report);
  std::size_t credentials = 0;
  std::size_t findings = 0;
  for (const HtmlCard& card : cards) {
    if (card.readers) ++credentials;
    findings += card.findings.size();
  }
  CHECK(credentials == report.credentials.size());
  CHECK(findings == report.findings.size());
  CHECK(cards.front().worst == Severity::critical);
  CHECK_FALSE(cards.back().worst.has_value());
  CHECK(std::ranges::is_sorted(cards, std::ranges::greater{}, &HtmlCard::worst));
}

TEST_CASE("what does not fit is counted") {
  Report report = samples::incomplete();
  for (int i = 0; i < 3000; ++i) report.gaps.push_back({"/gap-" + std::to_string(i), "why"});
  const std::string page = page_of(report);
  CHECK(says(page, "/gap-1998<"));
  CHECK_FALSE(says(page, "/gap-2000<"));
  CHECK(says(page, "And 1,001 more, which the format json has."));
}

TEST_CASE("rules that fired are told, and linked from their findings") {
  const std::string page = page_of(samples::with_rules(samples::messy()));
  CHECK(says(page, "<a href=\"#rule-replaceable-by-others\">"));
  CHECK(says(page, "id=\"rule-replaceable-by-others\""));
  CHECK_FALSE(says(page, "never-fires"));
  CHECK_FALSE(says(page_of(samples::messy()), "<a href=\"#rule-"));
}
