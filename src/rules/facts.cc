#include "cfwarden/rules/facts.h"

#include "cfwarden/base/path.h"
#include "cfwarden/base/shell_word.h"
#include "cfwarden/model/cloudflared_directories.h"
#include "cfwarden/model/words.h"
#include "cfwarden/rules/need_facts.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

namespace cfwarden {
namespace {

constexpr unsigned permission_bits = 07777;
constexpr unsigned decimal_400 = 0620;
constexpr std::size_t names_in_text = 3;
constexpr std::size_t paths_in_text = 12;

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
          "planted-key-pair",    "configured-secret",    "tunnel-secret"};
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
FactValue joined(const std::vector<std::string>& names, std::size_t most = names_in_text,
                 std::size_t not_listed = 0) {
  std::string all;
  for (std::size_t i = 0; i < std::min(names.size(), most); ++i) {
    if (i > 0) all += ", ";
    all += names[i];
  }
  const std::size_t more = names.size() - std::min(names.size(), most) + not_listed;
  if (more > 0) all += " and " + std::to_string(more) + " more";
  return text(all);
}

bool is_credential(const Subject& s) {
  return s.type == SubjectType::credential;
}

// A pointer is about a line of a file, not about the file's own permissions; of an exception's file
// nothing is judged but what it says.
bool is_file(const Subject& s) {
  return s.type != SubjectType::pointer && s.type != SubjectType::exception;
}

bool has_mode(const Subject& s) {
  return is_file(s) && !s.in_memory;
}

unsigned mode_of(const Subject& s) {
  return s.facts.permissions.mode & permission_bits;
}

constexpr std::string_view in_no_definition = "none";
constexpr std::string_view in_script = "init-script";
constexpr std::array definition_carriers{
    std::string_view{"systemd-unit"}, in_script,
    std::string_view{"crontab"},      std::string_view{"supervisor-config"},
    std::string_view{"compose"},      std::string_view{"kubernetes-manifest"},
    std::string_view{"process"},      std::string_view{"container-state"}};

std::vector<std::string_view> definition_words() {
  std::vector<std::string_view> words{in_no_definition};
  words.insert(words.end(), definition_carriers.begin(), definition_carriers.end());
  return words;
}

// In an archive a definition starts nothing.
FactValue definition_of(const Subject& s) {
  const bool is_definition =
      s.member.empty() &&
      std::ranges::find(definition_carriers, s.carrier) != definition_carriers.end();
  return is_definition ? s.carrier : std::string{in_no_definition};
}

// A script that may not be executed any more starts nothing.
unsigned allowed_mode_of(const Subject& s) {
  constexpr unsigned owner_executes = 0100;
  const bool is_script = s.carrier == in_script || s.carrier == "script";
  return s.allowed_mode | (is_script ? mode_of(s) & owner_executes : 0);
}

// On a directory setgid and the sticky bit let nobody in.
unsigned kept_mode_of(const Subject& s) {
  constexpr unsigned special = 07000;
  return s.type == SubjectType::directory ? allowed_mode_of(s) | special : allowed_mode_of(s);
}

unsigned excess_of(const Subject& s) {
  return mode_of(s) & ~kept_mode_of(s);
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

struct ManagedPlace {
  std::string_view directory;
  std::string_view manager;
};
constexpr std::string_view managed_by_nobody = "nobody";
constexpr std::array managed_places{ManagedPlace{"/nix/store", "nix-store"},
                                    ManagedPlace{"/run/credentials", "systemd"},
                                    ManagedPlace{"/var/lib/kubelet", "kubelet"}};

std::vector<std::string_view> managers() {
  std::vector<std::string_view> words{managed_by_nobody};
  for (const ManagedPlace& place : managed_places) words.push_back(place.manager);
  return words;
}

// By where the file really lies: its name may be a link into such a place.
FactValue manager_of(const Subject& s) {
  const auto& above = s.facts.ancestors;
  for (const ManagedPlace& place : managed_places) {
    const bool lies_there = !above.empty() && lies_in(above.back().path, place.directory);
    if (lies_there || lies_in(s.path, place.directory)) return std::string{place.manager};
  }
  return std::string{managed_by_nobody};
}

// The directories that were searched are those of the path and no others.
bool is_free_of_links(const Subject& s) {
  std::string_view directory = directory_of(s.path);
  const auto& above = s.facts.ancestors;
  for (auto at = above.rbegin(); at != above.rend(); ++at) {
    if (at->path != directory) return false;
    if (directory == "/") return at + 1 == above.rend();
    directory = directory_of(directory);
  }
  return above.empty();
}

constexpr std::uint32_t root_uid = 0;
constexpr unsigned others_write = 022;
constexpr unsigned sticky = 01000;
constexpr std::string_view root_command = "sudo";
constexpr std::string_view unsafe_root_command =
    "# only once no directory above can be changed by others: sudo";

bool is_open_to_writers(const DirectoryFacts& directory) {
  return (directory.permissions.mode & others_write) != 0;
}

// Nobody but root can exchange a directory on the way, or a file of root's at its end.
bool leads_root_safely(const Subject& s) {
  return std::ranges::all_of(s.facts.ancestors, [](const DirectoryFacts& directory) {
    const bool is_sticky = (directory.permissions.mode & sticky) != 0;
    return directory.permissions.uid == root_uid && (!is_open_to_writers(directory) || is_sticky);
  });
}

std::string_view command_of_root(bool is_safe) {
  return is_safe ? root_command : unsafe_root_command;
}

// sudo -u refuses a uid without an account, and under --root names mean other uids.
std::string command_of_uid(std::uint32_t uid) {
  const std::string id = std::to_string(uid);
  return "sudo setpriv --reuid=" + id + " --regid=" + id + " --clear-groups --";
}

std::string command_of_owner(const Subject& s) {
  const std::uint32_t uid = s.facts.permissions.uid;
  if (uid == root_uid) return std::string{command_of_root(leads_root_safely(s))};
  const auto name = shell_word(s.owner);
  const bool has_account = name && s.owner != std::to_string(uid);
  return has_account && s.root_prefix.empty() ? "sudo -u " + *name : command_of_uid(uid);
}

std::string command_of_directory_owner(const Subject& s) {
  const std::uint32_t uid = s.facts.ancestors.back().permissions.uid;
  if (uid == root_uid) return std::string{command_of_root(leads_root_safely(s))};
  return uid == s.facts.permissions.uid ? command_of_owner(s) : command_of_uid(uid);
}

FactValue owner_of_directory(const Subject& s) {
  if (s.facts.ancestors.empty()) return {};
  const std::uint32_t uid = s.facts.ancestors.back().permissions.uid;
  if (uid == root_uid) return "root";
  return uid == s.facts.permissions.uid ? text(s.owner) : FactValue{std::to_string(uid)};
}

// What belongs to somebody else can be exchanged in a sticky directory too.
std::string command_for_chown(const Subject& s) {
  const bool is_closed = std::ranges::none_of(s.facts.ancestors, is_open_to_writers);
  return std::string{command_of_root(is_closed && leads_root_safely(s))};
}

FactValue command_on_host(const std::string& root_prefix) {
  return root_prefix.empty() ? FactValue{} : FactValue{"# on that host: "};
}

// The owner can always read: a mode without that would not be kept, and lock the service out.
unsigned mended_mode_of(const Subject& s) {
  const unsigned owner_reads = s.type == SubjectType::directory ? 0500 : 0400;
  return (mode_of(s) & kept_mode_of(s)) | owner_reads;
}

bool is_open_to_strangers(const Subject& s) {
  const Reach& readers = s.exposure.readers;
  return readers.strangers || readers.audience == Audience::everyone;
}

bool is_service(const Subject& s) {
  return s.type == SubjectType::service && s.service.has_value();
}

// What an engine or the kernel keeps of what it was given is no copy of anybody's making.
bool is_kept_by_system(const std::string& path) {
  return lies_in(path, "/proc") || lies_in(path, "/var/lib/docker/containers") ||
         path.ends_with("/userdata/config.json");
}

std::vector<std::string> copies_of(const Subject& s) {
  std::vector<std::string> paths = s.same_secret;
  std::erase_if(paths, is_kept_by_system);
  return paths;
}

bool is_certificate_on_connector(const Subject& s) {
  return s.credential.kind == "account-certificate" && s.on_connector == Answer::yes;
}

FactValue start_source_of(const Subject& s) {
  const Need* service = service_of(s);
  return service == nullptr ? FactValue{} : word_of(service->source);
}

FactValue id_of(const std::optional<std::uint32_t>& id) {
  return id ? FactValue{std::to_string(*id)} : FactValue{};
}

FactValue service_uid_of(const Subject& s) {
  const Need* service = service_of(s);
  return service == nullptr ? FactValue{} : id_of(service->uid);
}

FactValue service_gid_of(const Subject& s) {
  const Need* service = service_of(s);
  return service == nullptr ? FactValue{} : id_of(service->gid);
}

FactValue service_name_of(const Subject& s) {
  const Need* service = service_of(s);
  return service == nullptr ? FactValue{} : text(service->who);
}

FactValue runs_as_root(const Subject& s) {
  if (!is_service(s)) return word_of(Answer::unknown);
  const Need& need = s.service->need;
  return need.uid || need.user == "dynamic" ? answer(need.uid == root_uid)
                                            : word_of(Answer::unknown);
}

FactValue of_service(const Subject& s, bool (*ask)(const ServiceFacts&)) {
  return is_service(s) ? answer(ask(*s.service)) : word_of(Answer::unknown);
}

FactValue of_exception(const Subject& s, std::string Exception::*text_of) {
  return s.exception ? text((*s.exception->exception).*text_of) : FactValue{};
}

FactValue warning_of_lock_out(const Subject& s) {
  if (!is_file(s)) return {};
  const FactValue who = joined(locked_out_by(mended_mode_of(s), s));
  const auto* names = std::get_if<std::string>(&who);
  return names == nullptr ? FactValue{} : "chmod alone would lock out " + *names;
}

// Of what a person starts by hand, such as a Compose project, nothing says whether it is used.
FactValue in_use(const Subject& s) {
  if (!is_service(s)) return word_of(Answer::unknown);
  const Need& need = s.service->need;
  if (!need.is_in_use) return word_of(Answer::no);
  const bool is_by_hand =
      !need.is_enabled && !need.is_active &&
      (need.source == StartSource::compose || need.source == StartSource::kubernetes);
  return word_of(is_by_hand ? Answer::unknown : Answer::yes);
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

constexpr Fact path_fact(Fact fact, PathFact path) {
  fact.path = path;
  return fact;
}

constexpr Fact command_fact(std::string_view name, std::string_view summary,
                            std::string_view placeholder, FactValue (*read)(const Subject&)) {
  Fact fact = text_fact(name, summary, placeholder, read);
  fact.command = true;
  return fact;
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
    word_fact(
        "placement", "Where in the file the credential stands", names_of<Placement>,
        [](const Subject& s) { return is_credential(s) ? word_of(s.placement) : FactValue{}; }),
    word_fact("definition", "What says how a service is started, where the credential stands in it",
              definition_words,
              [](const Subject& s) { return is_credential(s) ? definition_of(s) : FactValue{}; }),
    word_fact("advice", "What helps where a sweep found the credential, by the sort of file",
              names_of<ContextAdvice>,
              [](const Subject& s) { return is_credential(s) ? word_of(s.advice) : FactValue{}; }),
    text_fact("member", "What of an archive the credential stands in", "MEMBER",
              [](const Subject& s) { return text(s.member); }),
    word_fact("tracked", "git tracks the file, as far as a sweep was told to ask", answers,
              [](const Subject& s) {
                return word_of(s.tracking ? s.tracking->is_tracked : Answer::unknown);
              }),
    word_fact("staged", "It is what git is to commit, and not the file", answers,
              [](const Subject& s) { return word_of(s.is_staged ? Answer::yes : Answer::no); }),
    path_fact(text_fact("work_tree", "The work tree of git that the file lies in", "REPOSITORY",
                        [](const Subject& s) {
                          return s.tracking ? text(s.tracking->work_tree) : FactValue{};
                        }),
              PathFact::of_subject),
    word_fact("place", "How the file came to be looked at", names_of<PlaceKind>,
              [](const Subject& s) { return word_of(s.place); }),
    path_fact(text_fact("path", "The file, as reported", "FILE",
                        [](const Subject& s) { return text(s.path); }),
              PathFact::of_subject),
    text_fact("file_name", "The last component of the path", "NAME",
              [](const Subject& s) { return text(std::string{file_name_of(s.path)}); }),
    path_fact(text_fact("directory", "The path without its last component", "DIRECTORY",
                        [](const Subject& s) { return text(std::string{directory_of(s.path)}); }),
              PathFact::of_subject),
    text_fact("directory_owner", "Who owns the directory that holds it: a name, or the uid",
              "DIRECTORY_OWNER", owner_of_directory),
    word_fact("managed_by", "What lays the file out and sets its mode, by where it lies", managers,
              manager_of),
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
    word_fact("open_to_strangers",
              "A uid without an account could read it too: everyone can, or all but a few", answers,
              [](const Subject& s) {
                return is_file(s) ? answer(is_open_to_strangers(s)) : FactValue{};
              }),
    word_fact("exposed", "Others can read it now, by more than allowed_mode gives or by an ACL",
              answers,
              [](const Subject& s) { return is_file(s) ? answer(is_exposed(s)) : FactValue{}; }),
    text_fact("reader_accounts", "The accounts that can read it, three at most, then a count",
              "unknown", [](const Subject& s) { return joined(s.exposure.readers.accounts); }),
    text_fact("else_can_read", "That nobody else can read it today, where that is known", "unknown",
              [](const Subject& s) {
                return text(s.exposure.readers.at_least ? "whether others can read it is not known"
                                                        : "nobody else can read it today");
              }),
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
              [](const Subject& s) { return has_mode(s) ? number(mode_of(s)) : FactValue{}; }),
    mode_fact(
        "allowed_mode", "The widest mode that is right for it",
        [](const Subject& s) { return has_mode(s) ? number(allowed_mode_of(s)) : FactValue{}; }),
    mode_fact("mode_excess", "The bits of mode that are not in allowed_mode",
              [](const Subject& s) { return has_mode(s) ? number(excess_of(s)) : FactValue{}; }),
    mode_fact(
        "mended_mode", "mode without mode_excess, readable by its owner: what to set",
        [](const Subject& s) { return has_mode(s) ? number(mended_mode_of(s)) : FactValue{}; }),
    word_fact("decimal_mode",
              "The mode is 0620, which cloudflared 2020.6.5 to 2023.7.1 gave tunnel credentials",
              answers,
              [](const Subject& s) {
                return answer(s.credential.kind == "tunnel-credentials" &&
                              mode_of(s) == decimal_400 && has_mode(s));
              }),
    text_fact("owner", "The owner's name, or the uid where it has none", "OWNER",
              [](const Subject& s) { return is_file(s) ? text(s.owner) : FactValue{}; }),
    command_fact("as_owner", "What runs a command as the owner", "sudo -u OWNER",
                 [](const Subject& s) {
                   return s.owner.empty() ? FactValue{} : FactValue{command_of_owner(s)};
                 }),
    command_fact("as_directory_owner", "What runs a command as the directory's owner",
                 "sudo -u DIRECTORY_OWNER",
                 [](const Subject& s) {
                   return s.facts.ancestors.empty() ? FactValue{}
                                                    : FactValue{command_of_directory_owner(s)};
                 }),
    command_fact("as_root",
                 "What runs a command as root, where no other account can lead it astray", "sudo",
                 [](const Subject& s) { return FactValue{command_for_chown(s)}; }),
    command_fact("on_host", "Nothing; under --root what keeps a command from the running host", "",
                 [](const Subject& s) { return command_on_host(s.root_prefix); }),
    word_fact(
        "owner_expected", "The owner is one that such a file should have", answers,
        [](const Subject& s) { return is_file(s) ? word_of(s.owner_expected) : FactValue{}; }),
    text_fact("expected_owner", "Who should own it, in words", "the account that uses it",
              [](const Subject& s) { return text(s.expected_owner); }),
    text_fact("expected_because", "Which need asks for allowed_mode and expected_owner", "unknown",
              [](const Subject& s) { return text(s.expected_because); }),
    text_fact("group", "The owning group's name, or the gid where it has none", "GROUP",
              [](const Subject& s) { return is_file(s) ? text(s.group) : FactValue{}; }),
    number_fact(
        "group_members", "Accounts in the owning group besides root and the owner",
        [](const Subject& s) { return is_file(s) ? number(s.group_members) : FactValue{}; }),
    number_fact("links", "Names (hard links) that the file has",
                [](const Subject& s) {
                  const bool counts = has_mode(s) && s.type != SubjectType::directory;
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
                [](const Subject& s) { return number(copies_of(s).size() + s.more_same_secret); }),
    path_fact(text_fact("same_secret", "Those files, three at most, then a count", "unknown",
                        [](const Subject& s) {
                          return joined(copies_of(s), names_in_text, s.more_same_secret);
                        }),
              PathFact::elsewhere),
    number_fact("age_days", "Days since the file was last modified",
                [](const Subject& s) { return s.age_days ? number(*s.age_days) : FactValue{}; }),
    text_fact("pointer_key", "The configuration's key that names a file", "KEY",
              [](const Subject& s) { return text(s.pointer_key); }),
    path_fact(text_fact("pointer_target", "The file that the key leads to", "TARGET",
                        [](const Subject& s) { return text(s.pointer_target); }),
              PathFact::elsewhere),
    word_fact(
        "target_present", "That file is there", answers,
        [](const Subject& s) { return is_file(s) ? FactValue{} : word_of(s.target_present); }),
    text_fact("needed_by",
              "The services, containers and processes that need the file, three at most", "unknown",
              [](const Subject& s) { return joined(names_of_needs(s)); }),
    number_fact("needed_count", "How many need it",
                [](const Subject& s) {
                  return is_file(s) && !is_service(s) ? number(names_of_needs(s).size())
                                                      : FactValue{};
                }),
    word_fact("host_has_needs", "Something that only root controls runs a tunnel on this host",
              answers,
              [](const Subject& s) {
                return is_service(s) ? word_of(Answer::unknown) : answer(s.host_has_needs);
              }),
    word_fact(
        "on_connector",
        "This host runs tunnels, and none of them by name or with an account certificate", answers,
        [](const Subject& s) { return word_of(is_service(s) ? Answer::unknown : s.on_connector); }),
    word_fact("certificate_on_connector", "It is an account certificate, and on_connector is yes",
              answers, [](const Subject& s) { return answer(is_certificate_on_connector(s)); }),
    word_fact("reader_can_read", "Who needs it can read it: no where one of them cannot", answers,
              [](const Subject& s) { return word_of(can_be_read(s)); }),
    text_fact("obstacle", "Of the first that cannot: who it is, and what is in the way", "unknown",
              [](const Subject& s) { return text(first_obstacle(s)); }),
    text_fact("locked_out", "Who reads it now, and could not with mended_mode", "unknown",
              [](const Subject& s) {
                return is_file(s) ? joined(locked_out_by(mended_mode_of(s), s)) : FactValue{};
              }),
    text_fact("lock_out_warning", "Then: that a chmod alone would lock them out, in words",
              "unknown", warning_of_lock_out),
    text_fact("runs_as", "As whom the service runs, or those that need the file", "unknown",
              [](const Subject& s) { return joined(users_of_needs(s)); }),
    word_fact("runs_as_root", "The service runs as root", answers, runs_as_root),
    text_fact("service", "The service; of a file one that needs it, rather one that cannot read it",
              "SERVICE", service_name_of),
    id_fact("service_uid", "The uid that this one runs as", "SERVICE_UID", service_uid_of),
    id_fact("service_gid", "Its group's id", "SERVICE_GID", service_gid_of),
    word_fact("start_source", "What starts it", names_of<StartSource>, start_source_of),
    text_fact("controlled_by",
              "Ordinary users who could have made up a need: it binds their own files only",
              "unknown", [](const Subject& s) { return joined(controllers_of_needs(s)); }),
    word_fact("service_enabled", "Something starts the service without a person", answers,
              [](const Subject& s) {
                return of_service(s, [](const ServiceFacts& f) { return f.need.is_enabled; });
              }),
    word_fact("service_active", "The service runs, as far as that can be seen", answers,
              [](const Subject& s) {
                return of_service(s, [](const ServiceFacts& f) { return f.need.is_active; });
              }),
    word_fact("service_in_use", "The service is enabled, active, or not merely packaged", answers,
              in_use),
    word_fact("service_resolves", "The service finds a secret to run with", answers,
              [](const Subject& s) {
                return word_of(is_service(s) ? s.service->resolves : Answer::unknown);
              }),
    text_fact(
        "missing", "What it does not find", "unknown",
        [](const Subject& s) { return is_service(s) ? text(s.service->missing) : FactValue{}; }),
    text_fact("tried", "Every path that it tries, twelve at most, then a count", "unknown",
              [](const Subject& s) {
                return is_service(s) ? joined(s.service->tried, paths_in_text) : FactValue{};
              }),
    number_fact("exception_days", "Days until an exception ends: 0 on its last day, less after it",
                [](const Subject& s) {
                  return s.exception ? number(s.exception->days_left) : FactValue{};
                }),
    word_fact("exception_used",
              "An exception matches a finding: no where all that it names was looked at", answers,
              [](const Subject& s) {
                return word_of(s.exception ? s.exception->used : Answer::unknown);
              }),
    id_fact("excepted_rule", "The rule that an exception is from", "RULE",
            [](const Subject& s) { return of_exception(s, &Exception::rule); }),
    id_fact("exception_ends", "The last day on which an exception holds", "DATE",
            [](const Subject& s) { return of_exception(s, &Exception::expires); }),
    text_fact("exception_owner", "Who answers for an exception", "the owner",
              [](const Subject& s) { return of_exception(s, &Exception::owner); }),
    word_fact("service_group",
              "A service that is not root reads it as a member of the owning group", answers,
              [](const Subject& s) { return answer(is_read_through_service_group(s)); }),
    text_fact("group_outsiders", "The accounts that can read it besides that service", "unknown",
              [](const Subject& s) { return joined(group_outsiders(s)); }),
    word_fact("service_owns", "A service that is not root needs it and owns it", answers,
              [](const Subject& s) { return answer(is_owned_by_service_user(s)); }),
    word_fact(
        "container_mismatch",
        "A container that is not root needs it as another uid than the owner, and not through "
        "its group",
        answers, [](const Subject& s) { return answer(has_mismatched_container(s)); }),
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
  FactValues values{
      .values = {}, .root_prefix = subject.root_prefix, .free_of_links = is_free_of_links(subject)};
  values.values.reserve(facts.size());
  for (const Fact& fact : facts) values.values.push_back(fact.read(subject));
  return values;
}

FactValues no_facts(const std::string& root_prefix) {
  FactValues none{.values = std::vector<FactValue>(facts.size()), .root_prefix = root_prefix};
  none.values[static_cast<std::size_t>(find_fact("on_host") - facts.data())] =
      command_on_host(root_prefix);
  return none;
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
