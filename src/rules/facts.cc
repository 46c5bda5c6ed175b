#include "cfwarden/rules/facts.h"

#include "cfwarden/base/path.h"
#include "cfwarden/model/cloudflared_directories.h"
#include "cfwarden/model/words.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

namespace cfwarden {
namespace {

constexpr unsigned permission_bits = 07777;
constexpr unsigned decimal_400 = 0620;
constexpr std::size_t names_in_text = 3;

template <class E>
std::vector<std::string_view> names_of() {
  std::vector<std::string_view> names;
  for (const auto& word : words_of<E>()) names.push_back(word.name);
  return names;
}

constexpr std::string_view public_api = "api.cloudflare.com";
constexpr std::string_view fedramp_api = "api.fed.cloudflare.com";

std::vector<std::string_view> api_hosts() {
  return {public_api, fedramp_api};
}

std::string api_host_of(const Subject& s) {
  return std::string{s.credential.scope.endpoint == "fed" ? fedramp_api : public_api};
}

// The kinds floor is a sibling: a test of the app floor compares the two lists.
std::vector<std::string_view> kind_names() {
  return {"account-certificate", "tunnel-credentials",   "tunnel-token",
          "access-token",        "access-service-token", "ssh-key",
          "planted-key-pair"};
}

FactValue word_of(auto value) {
  return std::string{name_of(value)};
}

FactValue text(const std::string& value) {
  return value.empty() ? FactValue{} : FactValue{value};
}

FactValue number(auto value) {
  return static_cast<double>(value);
}

FactValue answer(bool yes) {
  return word_of(yes ? Answer::yes : Answer::no);
}

// "a, b, c and 9 more".
FactValue joined(const std::vector<std::string>& names) {
  std::string all;
  for (std::size_t i = 0; i < std::min(names.size(), names_in_text); ++i) {
    if (i > 0) all += ", ";
    all += names[i];
  }
  if (names.size() > names_in_text) {
    all += " and " + std::to_string(names.size() - names_in_text) + " more";
  }
  return text(all);
}

bool is_credential(const Subject& s) {
  return s.type == SubjectType::credential;
}

// A pointer is about a line of a file, not about the file's own permissions.
bool is_file(const Subject& s) {
  return s.type != SubjectType::pointer;
}

unsigned mode_of(const Subject& s) {
  return s.facts.permissions.mode & permission_bits;
}

unsigned excess_of(const Subject& s) {
  return mode_of(s) & ~s.allowed_mode;
}

unsigned acl_permissions(const Subject& s, AclTag tag) {
  const auto& acl = s.facts.permissions.acl;
  const auto found = std::ranges::find(acl, tag, &AclEntry::tag);
  return found == acl.end() ? 0 : found->permissions;
}

// Without the ACL nobody but the owner could read: neither the owning group nor the others may.
bool only_the_acl_lets_read(const Subject& s) {
  if (s.acl != AclState::grants) return false;
  constexpr unsigned read = 4;
  const unsigned mask = acl_permissions(s, AclTag::mask);
  const bool group = (acl_permissions(s, AclTag::group) & mask & read) != 0 && s.group_members > 0;
  const bool others = (mode_of(s) & read) != 0;
  return !group && !others;
}

// Readers whom allowed_mode provides for, such as the service's own group, do not count.
bool is_exposed(const Subject& s) {
  const bool others_read = s.exposure.readers.audience != Audience::owner;
  return others_read && (excess_of(s) != 0 || s.acl == AclState::grants);
}

// sudo takes an account's name, and a uid without one after '#'.
std::string owner_for_sudo(const std::string& owner) {
  const bool is_uid =
      !owner.empty() && std::ranges::all_of(owner, [](char c) { return c >= '0' && c <= '9'; });
  return is_uid ? "#" + owner : owner;
}

constexpr Fact word_fact(std::string_view name, std::string_view summary,
                         std::vector<std::string_view> (*words)(),
                         FactValue (*read)(const Subject&)) {
  return {.name = name, .type = FactType::word, .summary = summary, .words = words, .read = read};
}

constexpr Fact with_placeholder(Fact fact, std::string_view placeholder) {
  fact.placeholder = placeholder;
  return fact;
}

constexpr Fact number_fact(std::string_view name, std::string_view summary,
                           FactValue (*read)(const Subject&)) {
  return {
      .name = name, .type = FactType::number, .summary = summary, .words = nullptr, .read = read};
}

constexpr Fact mode_fact(std::string_view name, std::string_view summary,
                         FactValue (*read)(const Subject&)) {
  return {.name = name,
          .type = FactType::number,
          .summary = summary,
          .words = nullptr,
          .octal = true,
          .read = read,
          .placeholder = "MODE"};
}

constexpr Fact text_fact(std::string_view name, std::string_view summary,
                         std::string_view placeholder, FactValue (*read)(const Subject&)) {
  return {.name = name,
          .type = FactType::text,
          .summary = summary,
          .words = nullptr,
          .read = read,
          .placeholder = placeholder};
}

constexpr Fact id_fact(std::string_view name, std::string_view summary,
                       std::string_view placeholder, FactValue (*read)(const Subject&)) {
  return {.name = name,
          .type = FactType::text,
          .summary = summary,
          .words = nullptr,
          .read = read,
          .placeholder = placeholder,
          .identifier = true};
}

constexpr auto answers = &names_of<Answer>;

constexpr std::array facts{
    word_fact("subject", "What the rule is asked about", names_of<SubjectType>,
              [](const Subject& s) { return word_of(s.type); }),
    word_fact("kind", "What the credential is; of a file that does not decode, by its name",
              kind_names, [](const Subject& s) { return text(s.credential.kind); }),
    word_fact("status", "What cloudflared makes of the credential", names_of<Status>,
              [](const Subject& s) {
                if (s.type == SubjectType::malformed) return word_of(Status::rejected);
                return is_credential(s) ? word_of(s.credential.status) : FactValue{};
              }),
    word_fact("authority", "What whoever holds the credential may do", names_of<Authority>,
              [](const Subject& s) {
                return is_credential(s) ? word_of(s.credential.authority) : FactValue{};
              }),
    word_fact("account_known", "The credential names its Cloudflare account", answers,
              [](const Subject& s) {
                return is_credential(s) ? answer(!s.credential.scope.account.empty())
                                        : word_of(Answer::unknown);
              }),
    id_fact("account", "The Cloudflare account's id", "ACCOUNT_ID",
            [](const Subject& s) { return text(s.credential.scope.account); }),
    id_fact("zone", "The zone's id", "ZONE_ID",
            [](const Subject& s) { return text(s.credential.scope.zone); }),
    id_fact("tunnel", "The tunnel's id", "TUNNEL_ID",
            [](const Subject& s) { return text(s.credential.scope.tunnel); }),
    id_fact("endpoint", "The endpoint the credential names, such as fed", "ENDPOINT",
            [](const Subject& s) { return text(s.credential.scope.endpoint); }),
    with_placeholder(word_fact("api_host", "The API that manages the credential's account",
                               api_hosts, [](const Subject& s) { return text(api_host_of(s)); }),
                     public_api),
    text_fact("reason", "Why the credential is not usable, or could not be read", "unknown",
              [](const Subject& s) { return text(s.credential.reason); }),
    number_fact("secret_bytes", "Length of the decoded secret",
                [](const Subject& s) {
                  return s.credential.secret_bytes ? number(*s.credential.secret_bytes)
                                                   : FactValue{};
                }),
    word_fact("secret", "What can be said of the secret's strength", names_of<SecretQuality>,
              [](const Subject& s) {
                return is_credential(s) ? word_of(s.credential.secret_quality) : FactValue{};
              }),
    text_fact("carrier", "How the credential is wrapped, such as whole-file, cloudflared-config",
              "unknown",
              [](const Subject& s) { return is_credential(s) ? text(s.carrier) : FactValue{}; }),
    word_fact("place", "How the file came to be looked at", names_of<PlaceKind>,
              [](const Subject& s) { return word_of(s.place); }),
    text_fact("path", "The file, as reported", "FILE",
              [](const Subject& s) { return text(s.path); }),
    text_fact("file_name", "The last component of the path", "NAME",
              [](const Subject& s) { return text(std::string{file_name_of(s.path)}); }),
    text_fact("directory", "The path without its last component", "DIRECTORY",
              [](const Subject& s) { return text(std::string{directory_of(s.path)}); }),
    word_fact("default_directory", "The directory is one that cloudflared itself looks into",
              answers,
              [](const Subject& s) {
                return s.type == SubjectType::directory ? answer(is_default_directory(s.path))
                                                        : word_of(Answer::unknown);
              }),
    word_fact("readers", "Who else can read it now (of a directory: list it)", names_of<Audience>,
              [](const Subject& s) {
                return is_file(s) ? word_of(s.exposure.readers.audience) : FactValue{};
              }),
    word_fact("exposed", "Others can read it now, by more than allowed_mode gives or by an ACL",
              answers,
              [](const Subject& s) { return is_file(s) ? answer(is_exposed(s)) : FactValue{}; }),
    text_fact("reader_accounts", "The accounts that can read it, three at most, then a count",
              "unknown", [](const Subject& s) { return joined(s.exposure.readers.accounts); }),
    text_fact("reader_reason", "Why they can read it", "unknown",
              [](const Subject& s) { return joined(s.exposure.readers.because); }),
    word_fact("writers", "Who else can change or replace it now", names_of<Audience>,
              [](const Subject& s) {
                return is_file(s) ? word_of(s.exposure.writers.audience) : FactValue{};
              }),
    text_fact("writer_accounts", "The accounts that can change or replace it", "unknown",
              [](const Subject& s) { return joined(s.exposure.writers.accounts); }),
    text_fact("writer_reason", "Why they can change or replace it", "unknown",
              [](const Subject& s) { return joined(s.exposure.writers.because); }),
    mode_fact("mode", "Permission bits; with an ACL the group's are its mask",
              [](const Subject& s) { return is_file(s) ? number(mode_of(s)) : FactValue{}; }),
    mode_fact("allowed_mode", "The widest mode that is right for it",
              [](const Subject& s) { return is_file(s) ? number(s.allowed_mode) : FactValue{}; }),
    mode_fact("mode_excess", "The bits of mode that are not in allowed_mode",
              [](const Subject& s) { return is_file(s) ? number(excess_of(s)) : FactValue{}; }),
    mode_fact("mended_mode", "mode without mode_excess: what to set",
              [](const Subject& s) {
                return is_file(s) ? number(mode_of(s) & s.allowed_mode) : FactValue{};
              }),
    word_fact("decimal_mode",
              "The mode is 0620, which cloudflared 2020.6.5 to 2023.7.1 gave tunnel credentials",
              answers,
              [](const Subject& s) {
                return answer(s.credential.kind == "tunnel-credentials" &&
                              mode_of(s) == decimal_400 && is_file(s));
              }),
    text_fact("owner", "The owner's name, or the uid where it has none", "OWNER",
              [](const Subject& s) { return is_file(s) ? text(s.owner) : FactValue{}; }),
    text_fact(
        "sudo_user", "The owner as sudo -u takes it: a name, or # and the uid", "OWNER",
        [](const Subject& s) { return is_file(s) ? text(owner_for_sudo(s.owner)) : FactValue{}; }),
    word_fact(
        "owner_expected", "The owner is one that such a file should have", answers,
        [](const Subject& s) { return is_file(s) ? word_of(s.owner_expected) : FactValue{}; }),
    text_fact("expected_owner", "Who should own it, in words", "the account that uses it",
              [](const Subject& s) { return text(s.expected_owner); }),
    text_fact("group", "The owning group's name, or the gid where it has none", "GROUP",
              [](const Subject& s) { return is_file(s) ? text(s.group) : FactValue{}; }),
    number_fact(
        "group_members", "Accounts in the owning group besides root and the owner",
        [](const Subject& s) { return is_file(s) ? number(s.group_members) : FactValue{}; }),
    number_fact("links", "Names (hard links) that the file has",
                [](const Subject& s) {
                  const bool counts = is_file(s) && s.type != SubjectType::directory;
                  return counts ? number(s.facts.links) : FactValue{};
                }),
    word_fact("acl", "What extended ACL entries mean today", names_of<AclState>,
              [](const Subject& s) { return is_file(s) ? word_of(s.acl) : FactValue{}; }),
    word_fact("only_acl_reads", "Without the ACL nobody but the owner could read it", answers,
              [](const Subject& s) { return answer(only_the_acl_lets_read(s)); }),
    word_fact("default_acl", "The directory has a default ACL that names others", answers,
              [](const Subject& s) { return is_file(s) ? word_of(s.default_acl) : FactValue{}; }),
    word_fact("backup", "The file's name says that it is a copy", answers,
              [](const Subject& s) { return is_file(s) ? word_of(s.backup) : FactValue{}; }),
    word_fact("id_matches_name", "<UUID>.json holds the credentials of tunnel <UUID>", answers,
              [](const Subject& s) { return word_of(s.id_matches_name); }),
    number_fact("duplicate_count", "Other files that hold the same secret",
                [](const Subject& s) { return number(s.same_secret.size()); }),
    text_fact("same_secret", "Those files, three at most, then a count", "unknown",
              [](const Subject& s) { return joined(s.same_secret); }),
    number_fact("age_days", "Days since the file was last modified",
                [](const Subject& s) { return s.age_days ? number(*s.age_days) : FactValue{}; }),
    text_fact("pointer_key", "The configuration's key that names a file", "KEY",
              [](const Subject& s) { return text(s.pointer_key); }),
    text_fact("pointer_target", "The file that the key leads to", "TARGET",
              [](const Subject& s) { return text(s.pointer_target); }),
    word_fact(
        "target_present", "That file is there", answers,
        [](const Subject& s) { return is_file(s) ? FactValue{} : word_of(s.target_present); }),
};

}  // namespace

std::span<const Fact> all_facts() {
  return facts;
}

const Fact* find_fact(std::string_view name) {
  const auto found = std::ranges::find(facts, name, &Fact::name);
  return found == facts.end() ? nullptr : &*found;
}

const FactValue& FactValues::of(const Fact& fact) const {
  return values[static_cast<std::size_t>(&fact - facts.data())];
}

FactValues facts_of(const Subject& subject) {
  FactValues values;
  values.values.reserve(facts.size());
  for (const Fact& fact : facts) values.values.push_back(fact.read(subject));
  return values;
}

FactValues no_facts() {
  return {.values = std::vector<FactValue>(facts.size())};
}

std::string text_of(const Fact& fact, const FactValue& value) {
  if (const auto* words = std::get_if<std::string>(&value)) return *words;
  const auto* number = std::get_if<double>(&value);
  if (number == nullptr) return "unknown";
  std::array<char, 32> digits{};
  if (fact.octal) {
    std::snprintf(digits.data(), digits.size(), "%04o", static_cast<unsigned>(*number));
  } else {
    std::snprintf(digits.data(), digits.size(), "%.0f", *number);
  }
  return digits.data();
}

}  // namespace cfwarden
