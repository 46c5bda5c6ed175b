#include "cfwarden/output/phrases.h"

#include "cfwarden/base/mode_text.h"
#include "cfwarden/model/words.h"
#include "cfwarden/output/layout.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>

namespace cfwarden {
namespace {

constexpr std::size_t id_end = 4;
constexpr std::size_t longest_whole_id = 12;
constexpr std::size_t names_in_short = 3;

std::string_view ellipsis(const Terminal& terminal) {
  return terminal.charset == Charset::ascii ? "..." : "…";
}

// " of account 9f3c…e1b0" or `otherwise` where the id is unknown.
std::string named(std::string_view before, const std::string& id, std::string_view otherwise,
                  const Terminal& terminal) {
  if (id.empty()) return std::string{otherwise};
  return std::string{before} + short_id(id, terminal);
}

// Issuers and audiences are the credential's own text, of any length.
std::string claim(const std::string& text, const Terminal& terminal) {
  constexpr std::size_t most = 60;
  const auto lines = cut(shown(text, terminal), most, most);
  return lines.size() == 1 ? lines.front() : lines.front() + std::string{ellipsis(terminal)};
}

std::string acts_as_user(const Credential& credential, const Terminal& terminal) {
  if (credential.kind == "ssh-key") {
    return "log in over SSH as its user, while the short-lived certificate beside it is valid";
  }
  const std::string who = "act as its user";
  if (credential.issuer.empty()) return who + " in the Access applications it was issued for";
  return who + " in the Access applications of " + claim(credential.issuer, terminal);
}

std::string calls_application(const Credential& credential, const Terminal& terminal) {
  if (credential.kind == "configured-secret") return "use the service that it is a key to";
  const std::string how = credential.kind == "access-token" ? "as its user" : "as a service";
  if (credential.audience_claim.empty()) {
    return "call the Access applications that admit it, " + how;
  }
  return "call the Access application " + claim(credential.audience_claim, terminal) + " " + how;
}

std::string powers(const Credential& credential, const Terminal& terminal) {
  const Scope& scope = credential.scope;
  switch (credential.authority) {
    case Authority::manage_account:
      return "create, delete and re-route every tunnel" +
             named(" of account ", scope.account, " of its account", terminal);
    case Authority::run_tunnel:
      return "run" + named(" tunnel ", scope.tunnel, " its tunnel", terminal) +
             ": serve its hostnames from anywhere";
    case Authority::act_as_user:
      return acts_as_user(credential, terminal);
    case Authority::call_application:
      return calls_application(credential, terminal);
    case Authority::none:
      break;
  }
  return credential.kind == "planted-key-pair"
             ? "collect the certificate or token of whoever logs in from this directory"
             : "do nothing by itself";
}

std::string power_of(Authority authority) {
  switch (authority) {
    case Authority::manage_account:
      return "can manage every tunnel";
    case Authority::run_tunnel:
      return "can run a tunnel";
    case Authority::act_as_user:
      return "can act as a user";
    case Authority::call_application:
      return "can call an application";
    case Authority::none:
      break;
  }
  return "can do nothing by itself";
}

std::string reading_of(const AccountSummary& account) {
  switch (account.audience) {
    case Audience::everyone:
      return "read by everyone";
    case Audience::some_users:
      return "read by other users";
    case Audience::group:
      return "read by a group";
    case Audience::owner:
      break;
  }
  return account.at_least ? "read by its owner at least" : "read by its owner only";
}

std::string joined(const std::vector<std::string>& clauses, const Terminal& terminal) {
  std::string text;
  for (const std::string& clause : clauses) {
    if (!text.empty()) text += "; ";
    text += shown(clause, terminal);
  }
  return text;
}

std::string named_need(const Need& need, const Terminal& terminal) {
  return shown(need.who, terminal) + " (" + shown(need.user, terminal) + ")";
}

// What there is to say of one need besides its name; "" where it reads the file itself.
std::string remark_on(const Need& need, const Terminal& terminal) {
  if (need.can_read == false) {
    return ": " + (need.obstacle.empty() ? "cannot read it" : shown(need.obstacle, terminal));
  }
  if (!need.can_read) return ": whether it can read it is not known";
  const bool is_handed_over = need.read_by_manager && need.what != NeedOf::inline_secret;
  return is_handed_over ? ", handed over by " + std::string{name_of(need.source)} : "";
}

std::string need_line(const Need& need, const Terminal& terminal) {
  std::string line = "by " + named_need(need, terminal) + remark_on(need, terminal);
  if (!need.controlled_by) return line;
  const std::string whose = shown(need.controller, terminal);
  return line + "; " + whose + " could have made that up: it counts for files of " + whose +
         " only";
}

bool runs_on_its_own(const ReportedCredential& credential, const Need& need) {
  return !need.controlled_by && need.can_read != false &&
         credential.credential.authority >= Authority::run_tunnel;
}

std::string all_accounts(const Reach& reach, const Terminal& terminal) {
  if (reach.accounts.empty()) return {};
  if (terminal.verbose) return " (" + some_of(reach.accounts, terminal) + ")";
  return " (" + counted(reach.accounts.size(), "account") + ")";
}

}  // namespace

std::string can_do(const Credential& credential, const Terminal& terminal) {
  std::string text = powers(credential, terminal);
  if (!credential.scope.endpoint.empty()) {
    text += " (endpoint " + claim(credential.scope.endpoint, terminal) + ")";
  }
  return text;
}

std::string reached_by(const Reach& reach, const ReportedCredential& credential,
                       const Terminal& terminal) {
  if (credential.in_memory && reach.audience == Audience::owner) {
    return shown(credential.owner, terminal) + " only: no other account is shown it";
  }
  std::string why = reach.because.empty() ? "mode " + mode_text(credential.permissions.mode)
                                          : joined(reach.because, terminal);
  switch (reach.audience) {
    case Audience::owner:
      return shown(credential.owner, terminal) + (reach.at_least ? " at least: " : " only: ") + why;
    case Audience::everyone:
      return "everyone: " + why + all_accounts(reach, terminal);
    case Audience::group:
    case Audience::some_users:
      break;
  }
  // A single reason names its accounts itself.
  if (reach.because.size() == 1 && !terminal.verbose) return why;
  return some_of(reach.accounts, terminal) + " (" + why + ")";
}

std::string some_of(const std::vector<std::string>& names, const Terminal& terminal) {
  if (names.empty()) return "other accounts";
  const bool all = terminal.verbose || names.size() <= names_in_short + 1;
  const std::size_t count = all ? names.size() : names_in_short;
  std::string text;
  for (std::size_t i = 0; i < count; ++i) {
    if (i > 0) text += all && i + 1 == count ? " and " : ", ";
    text += shown(names[i], terminal);
  }
  if (!all) text += " and " + counted(names.size() - count) + " more";
  return text;
}

std::vector<std::string> needed_by(const ReportedCredential& credential, const Terminal& terminal) {
  std::vector<const Need*> needs;
  for (const Need& need : credential.needs) needs.push_back(&need);
  std::ranges::stable_sort(needs, {}, [](const Need* need) { return need->can_read != false; });
  std::vector<std::string> lines;
  for (const Need* need : needs) {
    std::string line = need_line(*need, terminal);
    if (std::ranges::find(lines, line) == lines.end()) lines.push_back(std::move(line));
  }
  if (terminal.verbose || lines.size() <= names_in_short + 1) return lines;
  const std::size_t more = lines.size() - names_in_short;
  lines.resize(names_in_short);
  lines.push_back("and " + counted(more) + " more");
  return lines;
}

std::string what_runs_here(const Report& report, const Terminal& terminal) {
  std::vector<std::string> names;
  std::string what;
  for (const ReportedCredential& credential : report.credentials) {
    for (const Need& need : credential.needs) {
      if (!runs_on_its_own(credential, need)) continue;
      if (std::ranges::find(names, need.who) != names.end()) continue;
      names.push_back(need.who);
      what = credential.credential.kind;
    }
  }
  if (names.empty()) return {};
  if (names.size() > 1) return some_of(names, terminal) + " run without it";
  std::ranges::replace(what, '-', ' ');
  return shown(names.front(), terminal) + " runs with its own " + shown(what, terminal);
}

std::string service_line(const Need& service, const Terminal& terminal) {
  const std::string who = shown(service.who, terminal);
  const std::string as_whom = ", as " + shown(service.user, terminal);
  if (service.source == StartSource::process) return who + as_whom;
  std::string line = who + " of " + std::string{name_of(service.source)} + as_whom;
  line += service.is_enabled ? "; enabled" : "; not enabled";
  return line + (service.is_active ? ", running" : "");
}

std::string account_line(const AccountSummary& account, const Terminal& terminal) {
  const std::string id = account.account.empty() ? "unknown" : short_id(account.account, terminal);
  const std::string power = power_of(account.authority);
  const std::string reading = reading_of(account);
  const std::string here = id + ": " + counted(account.credentials, "credential") + " here, ";
  if (account.credentials == 1) return here + "which " + power + " and is " + reading;
  if (account.audience == Audience::owner) {
    return here + "the widest " + power + ", each is " + reading;
  }
  return here + "the widest " + power + ", the most exposed is " + reading;
}

std::string short_id(std::string_view id, const Terminal& terminal) {
  if (id.size() <= longest_whole_id) return shown(id, terminal);
  return shown(id.substr(0, id_end), terminal) + std::string{ellipsis(terminal)} +
         shown(id.substr(id.size() - id_end), terminal);
}

std::string_view verdict(Status status) {
  switch (status) {
    case Status::usable:
      return "cloudflared accepts it";
    case Status::incomplete:
      return "cloudflared reads it, but cannot use it as it is";
    case Status::legacy:
      return "only cloudflared 2022.10.3 and older accept it";
    case Status::damaged:
      return "cloudflared refuses it, but the secret in it can be recovered";
    case Status::rejected:
      break;
  }
  return "cloudflared refuses it";
}

bool tells_of_readers(std::string_view rule) {
  return rule.starts_with("readable-by-") || rule.starts_with("account-certificate-readable-by-") ||
         rule == "acl-grants-access" || rule == "secret-in-readable-config" ||
         rule == "service-group-has-members" || rule == "token-in-arguments" ||
         rule == "token-in-environment-of-unit";
}

std::string utc_text(std::int64_t seconds) {
  using namespace std::chrono;
  constexpr std::int64_t first = sys_seconds{sys_days{year{0} / 1 / 1}}.time_since_epoch().count();
  constexpr std::int64_t end =
      sys_seconds{sys_days{year{10000} / 1 / 1}}.time_since_epoch().count();
  if (seconds < first || seconds >= end) return {};
  const sys_seconds moment{std::chrono::seconds{seconds}};
  const auto day = floor<days>(moment);
  const year_month_day date{day};
  const hh_mm_ss time{moment - day};
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02dZ",
                static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                static_cast<unsigned>(date.day()), static_cast<int>(time.hours().count()),
                static_cast<int>(time.minutes().count()), static_cast<int>(time.seconds().count()));
  return text.data();
}

std::string counted(std::size_t number) {
  std::string text = std::to_string(number);
  for (std::size_t end = text.size(); end > 3;) {
    end -= 3;
    text.insert(end, 1, ',');
  }
  return text;
}

std::string counted(std::size_t number, std::string_view noun) {
  return counted(number) + " " + std::string{noun} + (number == 1 ? "" : "s");
}

std::string size_text(std::uint64_t bytes) {
  constexpr std::array<const char*, 6> units{"kB", "MB", "GB", "TB", "PB", "EB"};
  if (bytes < 1000) return counted(bytes, "byte");
  double size = static_cast<double>(bytes) / 1000;
  std::size_t unit = 0;
  for (; size >= 999.95 && unit + 1 < units.size(); ++unit) size /= 1000;
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.1f %s", size, units.at(unit));
  return text.data();
}

std::string duration_text(std::chrono::milliseconds time) {
  const auto seconds = time.count() / 1000;
  if (seconds >= 60) {
    return std::to_string(seconds / 60) + " min " + std::to_string(seconds % 60) + " s";
  }
  return std::to_string(seconds) + "." + std::to_string(time.count() % 1000 / 100) + " s";
}

std::string kind_title(std::string_view kind) {
  if (kind.empty()) return "Credential";
  std::string title{kind};
  std::ranges::replace(title, '-', ' ');
  if (title.starts_with("ssh")) {
    title.replace(0, 3, "SSH");
  } else if (title[0] >= 'a' && title[0] <= 'z') {
    title[0] = static_cast<char>(title[0] - 'a' + 'A');
  }
  return title;
}

}  // namespace cfwarden
