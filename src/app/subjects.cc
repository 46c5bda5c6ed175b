#include "cfwarden/app/subjects.h"

#include "cfwarden/base/path.h"
#include "cfwarden/base/uuid.h"
#include "cfwarden/carriers/carrier.h"
#include "cfwarden/exposure/exposure.h"
#include "cfwarden/model/cloudflared_directories.h"
#include "cfwarden/needs/expectation.h"

#include <algorithm>

namespace cfwarden {
namespace {

constexpr std::int64_t seconds_a_day = 24 * 60 * 60;
constexpr std::string_view service_account = "cloudflared";

// A home that root owns (/usr/sbin of daemon) is a system directory that an account was given.
bool is_root_owned(const std::string& directory, const FileFacts& facts) {
  const auto found = std::ranges::find(facts.ancestors, directory, &DirectoryFacts::path);
  return found != facts.ancestors.end() && found->permissions.uid == 0;
}

struct ExpectedOwners {
  std::vector<std::uint32_t> uids;
  std::string text;
};

void allow(ExpectedOwners& expected, std::uint32_t uid, const std::string& name) {
  if (std::ranges::find(expected.uids, uid) != expected.uids.end()) return;
  expected.uids.push_back(uid);
  if (!expected.text.empty()) expected.text += " or ";
  expected.text += name;
}

bool is_in_the_system(std::string_view path) {
  return lies_in(path, "/etc") || lies_in(path, "/usr");
}

ExpectedOwners expected_owners(const std::string& path, const FileFacts& facts,
                               const SubjectFrame& frame) {
  ExpectedOwners expected;
  const Account* at_home = home_owner(path, *frame.accounts);
  if (at_home != nullptr) allow(expected, at_home->uid, at_home->name);
  if (at_home != nullptr && !is_root_owned(at_home->home, facts)) return expected;
  if (lies_in(path, "/home/nonroot")) {
    allow(expected, container_uid, "65532");
    return expected;
  }
  allow(expected, 0, "root");
  const Account* service = frame.accounts->find_name(std::string{service_account});
  if (service != nullptr) allow(expected, service->uid, service->name);
  allow(expected, container_uid, "65532");
  if (at_home != nullptr) return expected;
  if (frame.caller != 0) allow(expected, frame.caller, frame.accounts->user_name(frame.caller));
  if (is_in_the_system(path)) return expected;
  const auto users = std::ranges::find_if(facts.ancestors, [](const DirectoryFacts& directory) {
    return directory.permissions.uid != 0;
  });
  if (users == facts.ancestors.end()) return expected;
  allow(expected, users->permissions.uid, frame.accounts->user_name(users->permissions.uid));
  return expected;
}

// As cloudflared makes them: its own for root 0755, those in homes 0700.
unsigned allowed_directory_mode(const std::string& path) {
  return is_default_directory(path) && !is_system_directory(path) ? 0700 : 0755;
}

// root:cloudflared 0640, as an administrator who runs the tunnel as its own account lays it out.
bool is_for_service_group(const FileFacts& facts, const Accounts& accounts) {
  const Account* service = accounts.find_name(std::string{service_account});
  const std::uint32_t gid = facts.permissions.gid;
  const bool is_service_group =
      gid == container_uid || (service != nullptr && service->uid != 0 && gid == service->gid);
  if (!is_service_group) return false;
  const auto members = members_of(gid, facts.permissions.uid, accounts);
  return std::ranges::all_of(members,
                             [](const std::string& name) { return name == service_account; });
}

// A store's directory is open to its build users, but what lies in it is its daemon's work, root's
// and closed to all.
bool is_sealed_in_store(std::string_view location, const Permissions& permissions) {
  const bool is_in_store = lies_in(location, "/nix/store") || lies_in(location, "/gnu/store");
  return is_in_store && permissions.uid == 0 && (permissions.mode & 0222U) == 0;
}

}  // namespace

const Account* home_owner(std::string_view path, const Accounts& accounts) {
  const Account* owner = nullptr;
  // A service account may have been given one of these as its home: it stays the system's.
  if (lies_in(path, "/etc") || lies_in(path, "/usr/local/etc")) return owner;
  for (const Account& account : accounts.users) {
    if (account.home.size() < 2 || !account.home.starts_with('/')) continue;
    if (!lies_in(path, account.home)) continue;
    if (owner == nullptr || account.home.size() > owner->home.size()) owner = &account;
  }
  return owner;
}

Subject subject_of_file(SubjectType type, const std::string& path, const FileFacts& facts,
                        const SubjectFrame& frame) {
  const ExpectedOwners expected = expected_owners(path, facts, frame);
  const Accounts& accounts = *frame.accounts;
  const bool owner_expected =
      std::ranges::find(expected.uids, facts.permissions.uid) != expected.uids.end();

  Subject subject;
  subject.type = type;
  subject.path = path;
  subject.root_prefix = frame.root;
  subject.facts = facts;
  subject.exposure = exposure_of(facts, accounts);
  subject.acl = acl_state_of(facts, accounts);
  subject.default_acl = default_acl_grants(facts.default_acl) ? Answer::yes : Answer::no;
  subject.owner = accounts.user_name(facts.permissions.uid);
  subject.group = accounts.group_name(facts.permissions.gid);
  subject.expected_owner = expected.text;
  subject.owner_expected = owner_expected ? Answer::yes : Answer::no;
  subject.group_members = static_cast<unsigned>(
      members_of(facts.permissions.gid, facts.permissions.uid, accounts).size());
  subject.backup = backup_name(file_name_of(path)).is_backup ? Answer::yes : Answer::no;
  subject.age_days = std::max<std::int64_t>(0, (frame.now - facts.modified) / seconds_a_day);
  if (type == SubjectType::directory) {
    subject.allowed_mode = allowed_directory_mode(path);
  } else if (type == SubjectType::configuration) {
    subject.allowed_mode = 0644;
  }
  return subject;
}

void stand_in_memory(Subject& subject, const std::string& program) {
  subject.in_memory = true;
  subject.program = program;
  subject.age_days.reset();
  Reach& readers = subject.exposure.readers;
  if (readers.audience == Audience::everyone) {
    readers.because = {"the arguments of a process are shown to every account"};
  }
}

Subject subject_of_directory(const FileFacts& file, const SubjectFrame& frame) {
  const DirectoryFacts& directory = file.ancestors.back();
  FileFacts facts{.id = directory.id,
                  .type = FileType::directory,
                  .permissions = directory.permissions,
                  .default_acl = directory.default_acl,
                  .ancestors = file.ancestors};
  facts.ancestors.pop_back();
  return subject_of_file(SubjectType::directory, directory.path, facts, frame);
}

bool is_sound_directory(const std::string& path, const Permissions& permissions,
                        const std::vector<AclEntry>& default_acl) {
  return (permissions.mode & 0777U & ~allowed_directory_mode(path)) == 0 &&
         permissions.acl.empty() && default_acl.empty();
}

void expect_by_needs(Subject& subject, const SubjectFrame& frame) {
  if (subject.type != SubjectType::credential || subject.needs.empty()) return;
  const Permissions& permissions = subject.facts.permissions;
  const Account* home = home_owner(subject.path, *frame.accounts);
  const bool is_at_home = home != nullptr && !is_root_owned(home->home, subject.facts);
  const Holding held{.uid = permissions.uid,
                     .gid = permissions.gid,
                     .group_members = members_of(permissions.gid, permissions.uid, *frame.accounts),
                     .home_owner = is_at_home ? std::optional{home->uid} : std::nullopt,
                     .home_owner_name = is_at_home ? home->name : ""};
  const auto expected = expected_for(subject.credential.authority, held, subject.needs);
  if (!expected) return;
  subject.allowed_mode = expected->allowed_mode;
  subject.expected_owner = expected->owner_text;
  const bool is_owner =
      std::ranges::find(expected->owners, permissions.uid) != expected->owners.end();
  subject.owner_expected = is_owner ? Answer::yes : Answer::no;
  subject.expected_because = expected->because;
}

std::uint32_t controller_of(const Opened& file) {
  constexpr unsigned writable_by_others = 0022;
  const Permissions& permissions = file.facts.permissions;
  if (is_sealed_in_store(file.location, permissions)) return 0;
  if (!file.territory.trusted) return file.territory.uid;
  if (permissions.uid != 0) return permissions.uid;
  return (permissions.mode & writable_by_others) != 0 ? nobody_uid : 0;
}

void add_credential(Subject& subject, const Credential& credential, const SubjectFrame& frame) {
  subject.credential = credential;
  const bool runs_one_tunnel = credential.authority == Authority::run_tunnel;
  const bool shared_with_service =
      runs_one_tunnel && is_for_service_group(subject.facts, *frame.accounts);
  subject.allowed_mode = shared_with_service ? 0640 : 0600;

  const std::string name = backup_name(file_name_of(subject.path)).original;
  if (credential.kind != "tunnel-credentials" || credential.scope.tunnel.empty()) return;
  if (!name.ends_with(".json")) return;
  const auto id = parse_uuid(std::string_view{name}.substr(0, name.size() - 5));
  if (id) {
    subject.id_matches_name = canonical(*id) == credential.scope.tunnel ? Answer::yes : Answer::no;
  }
}

}  // namespace cfwarden
