#include "cfwarden/app/drift.h"

#include "cfwarden/app/exclusion.h"
#include "cfwarden/base/ascii.h"
#include "cfwarden/base/path_set.h"
#include "cfwarden/model/words.h"
#include "cfwarden/rules/profile.h"
#include "cfwarden/rules/rule.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <iterator>
#include <set>
#include <tuple>
#include <unordered_map>
#include <utility>

namespace cfwarden {
namespace {

// What these say hangs on more than the file that they are about: what was not read elsewhere can
// silence them.
constexpr std::array<std::string_view, 11> rules_of_the_whole{"account-certificate-on-connector",
                                                              "config-points-nowhere",
                                                              "container-user-mismatch",
                                                              "credential-needed-by-nobody",
                                                              "need-resolves-to-nothing",
                                                              "same-secret-elsewhere",
                                                              "service-cannot-read",
                                                              "service-group-has-members",
                                                              "service-runs-as-root",
                                                              "service-user-owns-credential",
                                                              "tunnel-id-mismatch"};

using Strings = std::vector<std::string>;

// A process gets another number whenever it is started.
std::string steady_path(std::string_view path) {
  constexpr std::string_view processes = "/proc/";
  if (!path.starts_with(processes)) return std::string{path};
  std::size_t end = processes.size();
  while (end < path.size() && is_digit(path[end])) ++end;
  if (end == processes.size()) return std::string{path};
  return std::string{processes} + "*" + std::string{path.substr(end)};
}

// "sha256" or "hmac": fingerprints of the two tell nothing of each other.
std::set<std::string> fingerprint_schemes(const SavedReport& report) {
  std::set<std::string> schemes;
  for (const auto& [id, credential] : report.credentials) {
    const std::size_t colon = credential.fingerprint.find(':');
    if (colon != std::string::npos) schemes.insert(credential.fingerprint.substr(0, colon));
  }
  return schemes;
}

const SavedCredential* credential_of(const SavedFinding& finding, const SavedReport& report) {
  const auto known = report.credentials.find(finding.credential);
  return finding.credential.empty() || known == report.credentials.end() ? nullptr : &known->second;
}

// Finds for each newer finding the older one that it is. Each pass asks for less, and takes what
// the ones before it left: of several that are alike the same number is known.
class Matching {
 public:
  static constexpr std::size_t none = static_cast<std::size_t>(-1);

  Matching(const SavedReport& older, const SavedReport& newer)
      : older_{older}, newer_{newer}, of_newer_(newer.findings.size(), none) {
    taken_.resize(older.findings.size());
    const std::set<std::string> schemes = fingerprint_schemes(older);
    const std::set<std::string> others = fingerprint_schemes(newer);
    by_fingerprint_ = schemes.empty() || others.empty() || schemes == others;
    for (const Pass pass : {Pass::all, Pass::line_of_secret, Pass::secret_or_words, Pass::line}) {
      match(pass);
    }
  }

  // Indices of older findings, or none.
  const std::vector<std::size_t>& of_newer() const { return of_newer_; }
  bool is_left(std::size_t older) const { return !taken_[older]; }

 private:
  enum class Pass { all, line_of_secret, secret_or_words, line };

  void match(Pass pass) {
    std::unordered_map<std::string, std::vector<std::size_t>> waiting;
    for (std::size_t i = older_.findings.size(); i-- != 0;) {  // The first one is taken first.
      if (!taken_[i]) waiting[key_of(older_.findings[i], older_, pass)].push_back(i);
    }
    for (std::size_t i = 0; i < newer_.findings.size(); ++i) {
      if (of_newer_[i] != none) continue;
      const auto same = waiting.find(key_of(newer_.findings[i], newer_, pass));
      if (same == waiting.end() || same->second.empty()) continue;
      of_newer_[i] = same->second.back();
      taken_[same->second.back()] = true;
      same->second.pop_back();
    }
  }

  std::string key_of(const SavedFinding& finding, const SavedReport& report, Pass pass) const {
    std::string key;
    const auto add = [&key](std::string_view part) {
      key += part;
      key += '\0';
    };
    add(finding.rule);
    add(steady_path(finding.path));
    add(finding.service);
    const SavedCredential* credential = credential_of(finding, report);
    const bool is_told_by_secret =
        by_fingerprint_ && credential != nullptr && !credential->fingerprint.empty();
    if (credential != nullptr) add(credential->kind);
    if (is_told_by_secret) add(credential->fingerprint);
    const bool wants_line = pass != Pass::secret_or_words;
    const bool wants_words = pass == Pass::all || (pass != Pass::line && !is_told_by_secret);
    if (wants_line) add(finding.line ? std::to_string(*finding.line) : "");
    if (wants_words) add(finding.message);
    return key;
  }

  const SavedReport& older_;
  const SavedReport& newer_;
  bool by_fingerprint_ = true;
  std::vector<std::size_t> of_newer_;
  std::vector<bool> taken_;
};

// How the newer of two that are the same stands to the older one.
struct Comparison {
  Turn turn = Turn::unknown;  // fresh and gone never.
  std::string why;
  bool is_same() const { return turn == Turn::unknown; }
};

std::string names_of(const Strings& names) {
  constexpr std::size_t most = 8;
  std::string text;
  const std::size_t count = std::min(names.size(), most);
  for (std::size_t i = 0; i < count; ++i) {
    if (i != 0) text += i + 1 == names.size() ? " and " : ", ";
    text += names[i];
  }
  if (count < names.size()) text += " and " + std::to_string(names.size() - count) + " more";
  return text;
}

Strings added(const SavedReach& older, const SavedReach& newer) {
  const std::set<std::string_view> known(older.accounts.begin(), older.accounts.end());
  Strings names;
  for (const std::string& account : newer.accounts) {
    if (!known.contains(account)) names.push_back(account);
  }
  return names;
}

// `verb`: "read" or "change". Of everyone the names say nothing.
Comparison comparison_of(const SavedReach& older, const SavedReach& newer,
                         const std::string& verb) {
  if (older.audience != newer.audience) {
    const bool is_wider = newer.audience > older.audience;
    return {.turn = is_wider ? Turn::worse : Turn::better,
            .why = "who can " + verb + " it: was " + std::string{name_of(older.audience)} +
                   ", is " + std::string{name_of(newer.audience)}};
  }
  if (newer.audience == Audience::everyone) return {};
  if (const Strings more = added(older, newer); !more.empty()) {
    return {.turn = Turn::worse, .why = names_of(more) + " can " + verb + " it now"};
  }
  if (const Strings fewer = added(newer, older); !fewer.empty()) {
    return {.turn = Turn::better, .why = names_of(fewer) + " cannot " + verb + " it any more"};
  }
  return {};
}

bool tells(const SavedFinding& finding, std::string_view word) {
  return finding.rule.find(word) != std::string::npos;
}

std::optional<unsigned> mode_in(std::string_view text) {
  if (text.size() != 4 || text.find_first_not_of("01234567") != std::string_view::npos)
    return std::nullopt;
  unsigned mode = 0;
  for (const char c : text) mode = mode * 8 + static_cast<unsigned>(c - '0');
  return mode;
}

// Whether a mode lets in somebody more. Without the sticky bit all who may write may replace, too.
bool is_wider_mode(unsigned before, unsigned after) {
  constexpr unsigned sticky = 01000;
  return ((after ^ sticky) & ~(before ^ sticky)) != 0;
}

// Of what is about no credential only the words tell how bad it is. Those of a message belong to
// the version that wrote it. Which of two words is the worse one is not known, but for modes.
Comparison comparison_of_words(const SavedFinding& was, const SavedReport& older,
                               const SavedFinding& is, const SavedReport& newer) {
  const bool is_of_one_version = older.tool_version == newer.tool_version || is.actual.empty();
  const bool is_reworded = is_of_one_version && was.message != is.message;
  if (was.actual == is.actual && !is_reworded) return {};
  const std::optional<unsigned> before = mode_in(was.actual);
  const std::optional<unsigned> after = mode_in(is.actual);
  if (before && after && was.actual != is.actual) {
    // Whom the bits of a group let in is not told: fewer bits may be more accounts.
    if (!is_wider_mode(*before, *after)) return {};
    return {.turn = Turn::worse, .why = "was " + was.actual + ", is " + is.actual};
  }
  const std::string& words =
      was.actual == is.actual || was.actual.empty() ? was.message : was.actual;
  return {.turn = Turn::worse, .why = "is not what it was: " + words};
}

Comparison comparison_of(const SavedFinding& was, const SavedReport& older, const SavedFinding& is,
                         const SavedReport& newer) {
  if (was.excepted != is.excepted) {
    return is.excepted ? Comparison{.turn = Turn::better, .why = "an exception accepts it now"}
                       : Comparison{.turn = Turn::worse, .why = "no exception accepts it any more"};
  }
  if (was.severity != is.severity) {
    return {.turn = is.severity > was.severity ? Turn::worse : Turn::better,
            .why = "was " + std::string{name_of(was.severity)} + ", is " +
                   std::string{name_of(is.severity)}};
  }
  const SavedCredential* before = credential_of(was, older);
  const SavedCredential* after = credential_of(is, newer);
  if (before == nullptr && after == nullptr) return comparison_of_words(was, older, is, newer);
  if (before == nullptr || after == nullptr) return {};
  if (tells(is, "readable")) return comparison_of(before->readers, after->readers, "read");
  if (tells(is, "writable") || tells(is, "replaceable")) {
    return comparison_of(before->writers, after->writers, "change");
  }
  return {};
}

bool is_looked_at(PlaceState state) {
  return state == PlaceState::looked_at || state == PlaceState::absent;
}

// Those of before did not say so.
bool is_stopped(const SavedReport& report) {
  return report.interrupted || (!report.complete && report.gaps.empty());
}

// Whether the newer report looked where the older one found something.
class Coverage {
 public:
  Coverage(const SavedReport& older, const SavedReport& newer,
           std::span<const std::string_view> own_rules)
      : newer_{newer}, own_rules_(own_rules.begin(), own_rules.end()) {
    is_stopped_ = is_stopped(newer);
    for (const Gap& gap : newer.gaps) {
      has_unnamed_gap_ = has_unnamed_gap_ || gap.path.empty();
      gaps_.add(steady_path(gap.path));
    }
    for (const std::string& glob : newer.left_out.excludes) glob_bytes_ += glob.size();
    take_places(older);
    const std::set<std::string_view> kept_away(older.skipped.begin(), older.skipped.end());
    for (const std::string& path : newer.skipped) {
      if (!kept_away.contains(path)) skipped_.add(path);
    }
    rules_off_.insert(newer.left_out.rules_off.begin(), newer.left_out.rules_off.end());
    rules_added_.insert(newer.left_out.rules_added.begin(), newer.left_out.rules_added.end());
  }

  // Why it is not known that the finding has gone; "" where it has.
  std::string doubt_of(const SavedFinding& finding) {
    if (is_stopped_) return "the newer look was stopped before its end";
    const std::string path = steady_path(finding.path);
    if (gaps_.covers(path)) return "it could not be looked at";
    if (has_unnamed_gap_) return "more could not be looked at than the newer report lists";
    if (lost_.covers(finding.path)) return "its place was not looked at again";
    if (!lost_.empty() && !places_.covers(finding.path)) {
      return "not all the places were looked at again";
    }
    if (skipped_.covers(finding.path)) return "its file system was left out";
    std::string doubt = doubt_of_path(finding.path);
    return doubt.empty() ? doubt_of_rule(finding.rule) : doubt;
  }

 private:
  void take_places(const SavedReport& older) {
    std::unordered_map<std::string_view, bool> seen;
    for (const SavedPlace& place : newer_.places) {
      const bool was_seen = is_looked_at(place.state);
      const auto [known, fresh] = seen.emplace(place.path, was_seen);
      if (!fresh) known->second = known->second && was_seen;
    }
    for (const SavedPlace& place : older.places) {
      if (place.state != PlaceState::looked_at) continue;
      places_.add(place.path);
      const auto again = seen.find(place.path);
      if (again == seen.end() || !again->second) lost_.add(place.path);
    }
  }

  // By its own path, and by that of the archive that it stands in. Each directory of a path is held
  // against each glob: whoever writes a report could have that never end.
  std::string doubt_of_path(std::string_view path) {
    const std::vector<std::string>& globs = newer_.left_out.excludes;
    if (globs.empty()) return {};
    const auto directories = static_cast<std::uint64_t>(std::ranges::count(path, '/')) + 1;
    const std::uint64_t steps = 2 * glob_bytes_ * path.size() * directories;
    if (steps > steps_left_) return "whether its path was excluded takes too long to tell";
    steps_left_ -= steps;
    const bool is_left_out =
        is_excluded(path, globs) || is_excluded(path.substr(0, path.find('!')), globs);
    return is_left_out ? "its path was excluded" : "";
  }

  std::string doubt_of_rule(const std::string& rule) const {
    if (rules_off_.contains(rule)) return "its rule was not asked";
    const bool is_own = own_rules_.contains(rule);
    if (!is_own && !rules_added_.contains(rule)) return "its rule was not asked";
    if (newer_.complete) return {};
    const bool is_of_one_file =
        is_own && std::ranges::find(rules_of_the_whole, rule) == rules_of_the_whole.end();
    return is_of_one_file ? "" : "something else that it hangs on could not be looked at";
  }

  const SavedReport& newer_;
  std::set<std::string_view> own_rules_;
  std::uint64_t glob_bytes_ = 0;
  std::uint64_t steps_left_ = 4'000'000'000;  // Some seconds.
  bool is_stopped_ = false;
  bool has_unnamed_gap_ = false;
  PathSet gaps_;
  PathSet places_;  // That the older one looked at.
  PathSet lost_;    // Those of them that were not looked at again.
  PathSet skipped_;
  std::set<std::string_view> rules_off_;
  std::set<std::string_view> rules_added_;
};

Drifted drifted(Turn turn, const SavedFinding& finding) {
  return {.turn = turn,
          .severity = finding.severity,
          .severity_before = {},
          .rule = finding.rule,
          .title = finding.title,
          .message = finding.message,
          .path = finding.path,
          .line = finding.line,
          .why = {},
          .excepted = finding.excepted && turn != Turn::gone && turn != Turn::unknown};
}

ReportStamp stamp_of(const SavedReport& report) {
  return {.hostname = report.hostname,
          .root = report.root,
          .started = report.started,
          .tool_version = report.tool_version,
          .complete = report.complete,
          .stopped = is_stopped(report)};
}

std::vector<Gap> new_gaps(const SavedReport& older, const SavedReport& newer) {
  std::set<std::string> known;
  for (const Gap& gap : older.gaps) known.insert(steady_path(gap.path));
  std::vector<Gap> gaps;
  std::ranges::copy_if(newer.gaps, std::back_inserter(gaps),
                       [&](const Gap& gap) { return !known.contains(steady_path(gap.path)); });
  return gaps;
}

// A report's word for it could be any bytes.
std::string profile_of(const SavedReport& report) {
  return is_profile_name(report.profile) ? "the profile " + report.profile : "an unknown profile";
}

std::string_view look_of(const SavedReport& report) {
  return report.is_sweep ? "a sweep" : "an audit";
}

}  // namespace

Result<Done> comparable(const SavedReport& older, const SavedReport& newer, HostMatch match) {
  if (older.names_only || newer.names_only) {
    return Error{"a sweep of names only has no findings: there is nothing to compare"};
  }
  if (older.is_sweep != newer.is_sweep) {
    return Error{"the older report is that of " + std::string{look_of(older)} +
                 " and the newer one that of " + std::string{look_of(newer)}};
  }
  if (older.profile != newer.profile) {
    return Error{"the older report was judged by " + profile_of(older) + " and the newer one by " +
                 profile_of(newer) + ": make both with the same --profile"};
  }
  if (match == HostMatch::any_host) return Done{};
  if (older.hostname != newer.hostname) {
    return Error{"the reports are of two hosts; --any-host compares them all the same"};
  }
  if (older.root != newer.root) {
    return Error{"the reports are of two roots; --any-host compares them all the same"};
  }
  return Done{};
}

Drift drift_between(const SavedReport& older, const SavedReport& newer,
                    std::span<const std::string_view> own_rules) {
  Drift drift{.older = stamp_of(older),
              .newer = stamp_of(newer),
              .changes = {},
              .new_gaps = new_gaps(older, newer)};
  const Matching matching{older, newer};
  for (std::size_t i = 0; i < newer.findings.size(); ++i) {
    const SavedFinding& finding = newer.findings[i];
    const std::size_t before = matching.of_newer()[i];
    if (finding.excepted) ++drift.excepted;
    if (before == Matching::none) {
      drift.changes.push_back(drifted(Turn::fresh, finding));
      continue;
    }
    const SavedFinding& was = older.findings[before];
    Comparison compared = comparison_of(was, older, finding, newer);
    if (compared.is_same()) {
      if (!finding.excepted) ++drift.unchanged;
      continue;
    }
    Drifted& change = drift.changes.emplace_back(drifted(compared.turn, finding));
    change.severity_before = was.severity;
    change.why = std::move(compared.why);
  }
  Coverage coverage{older, newer, own_rules};
  for (std::size_t i = 0; i < older.findings.size(); ++i) {
    if (!matching.is_left(i)) continue;
    std::string doubt = coverage.doubt_of(older.findings[i]);
    Drifted& change = drift.changes.emplace_back(
        drifted(doubt.empty() ? Turn::gone : Turn::unknown, older.findings[i]));
    change.why = std::move(doubt);
  }
  std::ranges::stable_sort(drift.changes, [](const Drifted& a, const Drifted& b) {
    if (a.turn != b.turn) return a.turn < b.turn;
    if (a.excepted != b.excepted) return b.excepted;
    if (a.severity != b.severity) return a.severity > b.severity;
    return std::tie(a.path, a.line, a.rule) < std::tie(b.path, b.line, b.rule);
  });
  return drift;
}

int exit_code_of(const Drift& drift, Severity fail_on) {
  const Severity least = std::max(fail_on, Severity::low);
  const bool fails = std::ranges::any_of(drift.changes, [least](const Drifted& one) {
    const bool counts = one.turn == Turn::fresh || one.turn == Turn::worse;
    return counts && !one.excepted && one.severity >= least;
  });
  if (fails) return 1;
  const bool was_looked_at = drift.new_gaps.empty() && drift.count(Turn::unknown) == 0;
  return was_looked_at && !drift.newer.stopped ? 0 : 3;
}

std::vector<Novelty> novelties_in(const SavedReport& older, const SavedReport& newer) {
  const Matching matching{older, newer};
  std::vector<Novelty> novelties;
  for (std::size_t i = 0; i < newer.findings.size(); ++i) {
    const std::size_t before = matching.of_newer()[i];
    if (before == Matching::none) {
      novelties.push_back(Novelty::fresh);
      continue;
    }
    const Comparison compared =
        comparison_of(older.findings[before], older, newer.findings[i], newer);
    novelties.push_back(compared.turn == Turn::worse ? Novelty::worse : Novelty::known);
  }
  return novelties;
}

std::span<const std::string_view> rules_of_the_whole_host() {
  return rules_of_the_whole;
}

std::vector<std::string_view> own_rule_ids() {
  std::vector<std::string_view> ids;
  for (const BuiltInRule& rule : built_in_rules()) {
    std::string_view id = rule.file.substr(rule.file.rfind('/') + 1);
    ids.push_back(id.substr(0, id.rfind('.')));
  }
  return ids;
}

}  // namespace cfwarden
