#include <kainjow/mustache.hpp>

#include "cfwarden/base/ascii.h"
#include "cfwarden/model/words.h"
#include "cfwarden/output/all_formats.h"
#include "cfwarden/output/html_cards.h"
#include "cfwarden/output/html_page.h"
#include "cfwarden/output/phrases.h"
#include "cfwarden/output/rows.h"
#include "cfwarden/output/steps.h"
#include "cfwarden/output/summary_lines.h"

#include <algorithm>
#include <array>
#include <ostream>
#include <set>
#include <stdexcept>
#include <utility>

namespace cfwarden {
namespace {

using Data = kainjow::mustache::data;
using List = kainjow::mustache::list;

// What a browser still scrolls through; what is left out is counted on the page.
constexpr std::size_t most_cards = 2000;
constexpr std::size_t most_lines = 2000;  // Of names, of gaps, of places.

// One level of the template. Every name that stands in a section is set there, if only to false:
// what it lacks, mustache looks for in the levels around it.
class Level {
 public:
  Level& put(const char* name, std::string_view text) {
    const Data value = text.empty() ? Data{false} : Data{std::string{text}};
    data_.set(name, value);
    return *this;
  }

  Level& flag(const char* name, bool value) {
    data_.set(name, Data{value});
    return *this;
  }

  // And whether there is anything in it, as "has_" and the name.
  Level& put(const std::string& name, const List& list) {
    data_.set("has_" + name, Data{!list.empty()});
    data_.set(name, Data{list});  // It copies, whatever it is given.
    return *this;
  }

  // As a list, and how many more there are than fit, as "more_" and the name.
  template <class Item, class Make>
  Level& put_most(const std::string& name, const std::vector<Item>& items, std::size_t most,
                  Make make) {
    List list;
    for (std::size_t i = 0; i < std::min(items.size(), most); ++i) list.push_back(make(items[i]));
    const std::size_t rest = items.size() - list.size();
    put(name, list);
    return put(("more_" + name).c_str(),
               rest == 0 ? "" : "And " + counted(rest) + " more, which the format json has.");
  }

  Data take() { return std::move(data_); }

 private:
  Data data_{Data::type::object};
};

List list_of(const std::vector<std::string>& texts, const char* name) {
  List list;
  for (const std::string& text : texts) list.push_back(Level{}.put(name, text).take());
  return list;
}

List list_of(const std::vector<HtmlRow>& rows) {
  List list;
  for (const HtmlRow& row : rows) {
    list.push_back(
        Level{}.put("name", row.name).put("values", list_of(row.values, "value")).take());
  }
  return list;
}

// What is accepted has a tone and a word of its own, in place of a severity's.
constexpr std::string_view excepted_tone = "excepted";
constexpr std::string_view excepted_label = "Excepted";

std::string_view tone_of(const HtmlCard& card) {
  return card.is_excepted ? excepted_tone : html_tone(card.worst);
}

Data data_of(const HtmlFinding& finding, const std::set<std::string>& told_rules) {
  return Level{}
      .put("tone", finding.is_excepted ? excepted_tone : html_tone(finding.severity))
      .put("label", finding.is_excepted ? excepted_label : html_label(finding.severity))
      .put("rule", finding.rule)
      .flag("has_text", told_rules.contains(finding.rule))
      .put("title", finding.title)
      .put("message", finding.message)
      .put("note", finding.note)
      .flag("mended", finding.is_mended)
      .take();
}

int rank_of(std::optional<Severity> severity) {
  return severity ? static_cast<int>(*severity) + 1 : 0;
}

Data data_of(const HtmlCard& card, std::size_t number, const std::set<std::string>& told_rules) {
  List findings;
  for (const HtmlFinding& finding : card.findings) {
    findings.push_back(data_of(finding, told_rules));
  }
  const int reach = card.readers ? static_cast<int>(*card.readers) : -1;
  return Level{}
      .put("number", std::to_string(number))
      .put("tone", tone_of(card))
      .put("label", card.is_excepted ? excepted_label : html_label(card.worst))
      .put("rank", std::to_string(rank_of(card.worst)))
      .put("readers", card.readers ? name_of(*card.readers) : "nobody")
      .put("reach", std::to_string(reach))
      .put("title", card.title)
      .put("path", card.path)
      .put("rows", list_of(card.rows))
      .put("findings", findings)
      .put("more", list_of(card.more))
      .take();
}

struct Bar {
  std::string label;
  std::string_view tone;
  std::size_t count = 0;
};

// Bars below each other; the longest takes all the room there is.
Data chart_of(const std::string& caption, const std::vector<Bar>& bars) {
  constexpr std::size_t row_height = 26;
  constexpr std::size_t longest = 200;
  constexpr std::size_t shortest = 3;  // Of what is there at all.
  std::size_t most = 1;
  for (const Bar& bar : bars) most = std::max(most, bar.count);
  List rows;
  std::string told_bars;
  for (const Bar& bar : bars) {
    const std::size_t y = rows.size() * row_height + 5;
    const std::size_t width = std::max(shortest, bar.count * longest / most);
    if (!told_bars.empty()) told_bars += ", ";
    told_bars += bar.label + " " + counted(bar.count);
    rows.push_back(Level{}
                       .put("label", bar.label)
                       .put("tone", bar.tone)
                       .put("y", std::to_string(y))
                       .put("text_y", std::to_string(y + 12))
                       .put("width", std::to_string(width))
                       .flag("count", bar.count != 0)
                       .put("number", counted(bar.count))
                       .take());
  }
  return Level{}
      .put("caption", caption)
      .put("told", told_bars)
      .put("height", std::to_string(bars.size() * row_height))
      .put("bars", rows)
      .take();
}

std::string label_of(Audience audience) {
  return audience == Audience::owner        ? "owner only"
         : audience == Audience::group      ? "a group"
         : audience == Audience::some_users ? "some users"
                                            : "everyone";
}

std::size_t count_of(Audience audience, const Report& report) {
  return static_cast<std::size_t>(
      std::ranges::count_if(report.credentials, [&](const ReportedCredential& found) {
        return found.exposure.readers.audience == audience;
      }));
}

List charts_of(const Report& report) {
  if (report.has_only_names() || (report.credentials.empty() && report.findings.empty())) return {};
  std::vector<Bar> severities;
  for (const Severity severity : severities_worst_first) {
    severities.push_back({html_label(severity), html_tone(severity), report.count(severity)});
  }
  constexpr std::array<std::pair<Audience, std::string_view>, 4> audiences{
      {{Audience::everyone, "critical"},
       {Audience::some_users, "high"},
       {Audience::group, "medium"},
       {Audience::owner, "ok"}}};
  std::vector<Bar> readers;
  for (const auto& [audience, tone] : audiences) {
    readers.push_back({label_of(audience), tone, count_of(audience, report)});
  }
  return {chart_of("Findings by severity", severities),
          chart_of("Credentials by who can read them", readers)};
}

Data step(const std::string& text, const std::string& command = {}) {
  return Level{}.put("text", text).put("command", command).take();
}

List next_steps(const Report& report, const Terminal& terminal) {
  List steps;
  const std::size_t mended = mendable_findings(report);
  const std::string option = host_options(report.root, terminal);
  if (mended != 0) {
    steps.push_back(step("See how " + counted(mended) + " of " +
                             counted(open_findings(report), "finding") +
                             " would be mended by mode, owner or ACL; this changes nothing:",
                         told(terminal.program) + " fix" + (report.sweep ? " FILE" : "") +
                             (option.empty() ? "" : " " + option)));
  }
  const std::size_t exposed = exposed_secrets(report);
  if (exposed != 0) {
    steps.push_back(step("Rotate " + counted(exposed, "secret") +
                         " that others can read: closing a file does not call back its copies."));
  }
  if (open_findings(report) > mended) {
    steps.push_back(step("For the rest no mode helps: below is what to do, rule by rule."));
  }
  if (!report.complete()) {
    steps.push_back(step("Mend what kept files from being read, and look again."));
  }
  return steps;
}

std::string headline_of(const Report& report) {
  if (report.has_only_names()) return names_told(report);
  if (open_findings(report) != 0) {
    return counted(open_findings(report), "finding") + ": " + findings_told(report);
  }
  if (report.excepted() != 0) {
    const std::string end = report.complete() ? "" : " in what could be read";
    return "No findings" + end + " but what is accepted: " + counted(report.excepted());
  }
  const bool is_empty = report.credentials.empty();
  if (report.complete()) return is_empty ? "No credentials found" : "No findings";
  return is_empty ? "No credentials in what could be read" : "No findings in what could be read";
}

std::string readers_told(const Report& report) {
  const std::size_t all = report.credentials.size();
  const std::size_t open = all - count_of(Audience::owner, report);
  if (all == 0) return {};
  if (open == 0) return ", readable by root and the owner only";
  const std::string how = "readable by more than root and the owner";
  return all == 1 ? ", " + how : ", " + counted(open) + " of them " + how;
}

std::string subline_of(const Report& report) {
  if (report.has_only_names()) {
    return "What stands in these files is not known, and a credential may have any name.";
  }
  std::string text = counted(report.credentials.size(), "credential") + readers_told(report);
  if (report.sweep && report.sweep->staged) {
    return text + "; " + counted(report.sweep->staged->looked_at, "staged file") + " looked at.";
  }
  text += "; " + counted(report.names_seen, "name") + " looked at";
  if (report.sweep) {
    text += ", " + size_text(report.sweep->bytes) + " in " + counted(report.sweep->files, "file") +
            " read, and " + counted(report.sweep->processes) + " processes";
  }
  return text + ".";
}

// "ok" only for a look that was finished, and that opened files.
std::string_view verdict_of(const Report& report) {
  if (open_findings(report) != 0) return html_tone(report.findings.front().severity);
  return report.complete() && !report.has_only_names() ? "ok" : "medium";
}

struct Lead {
  std::string text;
  std::vector<std::string> commands;
};

// A step's first line is prose, every further one a command.
Lead lead_of(const std::string& text) {
  Lead lead;
  std::size_t begin = 0;
  while (begin <= text.size()) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    const std::string line = told(text.substr(begin, end - begin));
    if (begin == 0) {
      lead.text = line;
    } else if (!line.empty()) {
      lead.commands.push_back(line);
    }
    begin = end + 1;
  }
  return lead;
}

Data data_of(const RuleText& rule) {
  List steps;
  for (const std::string& text : rule.steps) {
    const Lead lead = lead_of(text);
    steps.push_back(
        Level{}.put("text", lead.text).put("commands", list_of(lead.commands, "command")).take());
  }
  std::vector<std::string> references;
  for (const std::string& reference : rule.references) references.push_back(told(reference));
  return Level{}
      .put("id", told(rule.id))
      .put("tone", html_tone(rule.severity))
      .put("label", html_label(rule.severity))
      .put("title", told(rule.title))
      .put("rationale", told(rule.rationale))
      .put("steps", steps)
      .put("references", list_of(references, "text"))
      .take();
}

// Those that fired, worst first as the findings stand.
List rules_of(const Report& report, std::set<std::string>& told_rules) {
  List rules;
  for (const Finding& finding : report.findings) {
    const auto rule = std::ranges::find(report.rules, finding.rule, &RuleText::id);
    if (rule == report.rules.end() || !told_rules.insert(told(rule->id)).second) continue;
    rules.push_back(data_of(*rule));
  }
  return rules;
}

// What there is to choose from.
List levels_of(const std::vector<HtmlCard>& cards) {
  List levels;
  const auto add = [&](std::string_view tone, std::string_view label) {
    const auto count = static_cast<std::size_t>(std::ranges::count(cards, tone, tone_of));
    if (count == 0) return;
    levels.push_back(
        Level{}.put("tone", tone).put("label", label).put("number", counted(count)).take());
  };
  for (const Severity severity : severities_worst_first)
    add(html_tone(severity), html_label(severity));
  add(html_tone(std::nullopt), html_label(std::nullopt));
  add(excepted_tone, excepted_label);
  return levels;
}

List audiences_of(const std::vector<HtmlCard>& cards) {
  List audiences;
  for (const Audience audience :
       {Audience::everyone, Audience::some_users, Audience::group, Audience::owner}) {
    if (std::ranges::count(cards, std::optional{audience}, &HtmlCard::readers) == 0) continue;
    audiences.push_back(
        Level{}.put("word", name_of(audience)).put("label", label_of(audience)).take());
  }
  return audiences;
}

void put_cards(Level& page, const Report& report, const std::set<std::string>& told_rules) {
  const std::vector<HtmlCard> cards = html_cards(report);
  page.flag("opened_files", !report.has_only_names());
  page.put("no_cards", cards.empty() ? "There is none in what was looked at." : "");
  page.put("levels", levels_of(cards)).put("audiences", audiences_of(cards));
  std::size_t number = 0;
  page.put_most("cards", cards, most_cards,
                [&](const HtmlCard& card) { return data_of(card, ++number, told_rules); });
}

void put_head(Level& page, const Report& report) {
  const std::string_view left_out = left_out_told(report);
  page.put("look", report.has_only_names() ? "A search for names"
                   : report.sweep          ? "Sweep"
                                           : "Audit");
  page.put("host", report.hostname.empty() ? "unknown host" : told(report.hostname));
  page.put("started", utc_text(report.started)).put("version", told(report.tool_version));
  page.put("viewer", told(report.user)).put("root", report.root == "/" ? "" : told(report.root));
  page.put("profile", report.profile == "baseline" ? "" : told(report.profile));
  page.put("headline", headline_of(report)).put("subline", subline_of(report));
  page.put("verdict", verdict_of(report)).put("shortfall", shortfall(report));
  page.put("unfinished", "What was not read may hold credentials: this is no clean result.");
  page.put("narrow", left_out.empty() ? "" : "Looked as " + told(report.user) + ", not as root");
  std::string why{left_out};
  if (!why.empty() && is_lower(why.front())) why.front() = static_cast<char>(why[0] - 'a' + 'A');
  page.put("narrow_why", why.empty() ? "" : why + ".");
}

void put_tables(Level& page, const Report& report) {
  page.put_most("gaps", report.gaps, most_lines, [](const Gap& gap) {
    return Level{}.put("path", told(gap.path)).put("why", told(gap.why)).take();
  });
  const std::vector<std::string> none;
  page.put_most("names", report.sweep ? report.sweep->names : none, most_lines,
                [](const std::string& name) { return Level{}.put("path", told(name)).take(); });
  const std::vector<SkippedFileSystem> nothing;
  page.put_most(
      "skipped", report.sweep ? report.sweep->skipped : nothing, most_lines,
      [](const SkippedFileSystem& one) {
        const std::string type = one.type.empty() ? "" : " (" + told(one.type) + ")";
        return Level{}.put("path", told(one.path)).put("why", told(one.why) + type).take();
      });
  page.put_most("places", report.places, most_lines, [](const Place& place) {
    return Level{}
        .put("path", told(place.path))
        .put("why", told(place.why))
        .put("state", name_of(place.state))
        .take();
  });
  page.put("places_told", counted(report.places.size(), "place"));
  const Terminal terminal;
  page.put_most("accounts", report.accounts, most_lines, [&](const AccountSummary& account) {
    return Level{}.put("text", account_line(account, terminal)).take();
  });
}

}  // namespace

void write_html(const Report& report, const Terminal& terminal, std::ostream& out) {
  Level page;
  std::set<std::string> told_rules;
  put_head(page, report);
  page.put("charts", charts_of(report)).put("next", next_steps(report, terminal));
  page.put("rules", rules_of(report, told_rules));
  put_cards(page, report, told_rules);
  put_tables(page, report);
  kainjow::mustache::mustache sheet{std::string{html_page()}};
  if (!sheet.is_valid()) throw std::runtime_error{"the page's template is damaged"};
  sheet.render(page.take(), out);
}

}  // namespace cfwarden
