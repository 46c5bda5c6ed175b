// For subjects as hosts have them: exactly these rules fire, no other.
#include "cfwarden/model/words.h"
#include "cfwarden/rules/rule.h"

#include <doctest/doctest.h>
#include <algorithm>

using namespace cfwarden;

namespace {

using Ids = std::vector<std::string>;

Ids fired(const Subject& subject) {
  static const auto rules = load_rules({}, Extent::verdict);
  REQUIRE(rules);
  Ids ids;
  for (const Finding& finding : findings_of(*rules, subject)) ids.push_back(finding.rule);
  std::ranges::sort(ids);
  return ids;
}

// As cloudflared 2026.8.2 leaves it: the owner's, mode 0600, fresh, ordinary.
Subject clean(const std::string& kind, const std::string& path) {
  Subject subject;
  subject.path = path;
  subject.carrier = "whole-file";
  subject.credential.kind = kind;
  subject.credential.status = Status::usable;
  subject.credential.authority =
      kind == "account-certificate" ? Authority::manage_account : Authority::run_tunnel;
  subject.credential.scope.account = "699d98642c564d2e855e9661899b7252";
  subject.credential.secret_bytes = 32;
  subject.credential.secret_quality = SecretQuality::ordinary;
  subject.facts.permissions.mode = 0600;
  subject.owner = "root";
  subject.group = "root";
  subject.owner_expected = Answer::yes;
  subject.expected_owner = "root";
  subject.age_days = 3;
  return subject;
}

Subject with_mode(Subject subject, unsigned mode, Audience readers, Audience writers) {
  subject.facts.permissions.mode = mode;
  subject.exposure.readers.audience = readers;
  subject.exposure.writers.audience = writers;
  return subject;
}

Subject token() {
  return clean("tunnel-token", "/etc/cloudflared/token");
}

Subject certificate() {
  return clean("account-certificate", "/root/.cloudflared/cert.pem");
}

Subject credentials() {
  Subject subject =
      clean("tunnel-credentials", "/root/.cloudflared/f70ff985-a4ef-4643-bbbc-4a0ed4fc8415.json");
  subject.facts.permissions.mode = 0400;
  subject.id_matches_name = Answer::yes;
  return subject;
}

Subject configuration() {
  Subject subject = clean("", "/etc/cloudflared/config.yml");
  subject.type = SubjectType::configuration;
  subject.carrier = "cloudflared-config";
  subject.credential = {};
  subject.allowed_mode = 0644;
  return with_mode(subject, 0644, Audience::everyone, Audience::owner);
}

Subject inline_token() {
  Subject subject = clean("tunnel-token", "/etc/cloudflared/config.yml");
  subject.carrier = "cloudflared-config";
  subject.line = 2;
  return subject;
}

Subject directory(const std::string& path, unsigned mode, unsigned allowed) {
  Subject subject = clean("", path);
  subject.type = SubjectType::directory;
  subject.carrier = "";
  subject.credential = {};
  subject.allowed_mode = allowed;
  subject.facts.permissions.mode = mode;
  subject.facts.links = 3;
  return subject;
}

Subject pointer(const std::string& key, Answer present) {
  Subject subject = configuration();
  subject.type = SubjectType::pointer;
  subject.pointer_key = key;
  subject.pointer_target = "/etc/cloudflared/gone.json";
  subject.target_present = present;
  return subject;
}

constexpr std::uint32_t service_id = 990;  // Of the account cloudflared, and of its group.

Need need_of_root() {
  return {.who = "cloudflared.service",
          .source = StartSource::systemd,
          .file = "/etc/systemd/system/cloudflared.service",
          .line = 9,
          .user = "root",
          .uid = 0,
          .gid = 0,
          .can_read = true,
          .is_enabled = true};
}

Need need_of_service() {
  Need need = need_of_root();
  need.user = "cloudflared";
  need.uid = service_id;
  need.gid = service_id;
  return need;
}

Need need_of_container() {
  Need need = need_of_root();
  need.who = "tunnel";
  need.source = StartSource::docker;
  need.user = "65532";
  need.uid = 65532;
  need.gid = 65532;
  need.is_container = true;
  return need;
}

Need in_vain(Need need, const std::string& obstacle) {
  need.can_read = false;
  need.obstacle = obstacle;
  return need;
}

// On a host that runs a tunnel by token or by id.
Subject on_connector(Subject subject) {
  subject.host_has_needs = true;
  subject.on_connector = Answer::yes;
  return subject;
}

Subject needed(Subject subject, const Need& need) {
  subject.needs.push_back(need);
  return on_connector(std::move(subject));
}

Subject service(const Need& need) {
  Subject subject;
  subject.type = SubjectType::service;
  subject.path = need.file;
  subject.line = need.line;
  subject.place = PlaceKind::service;
  subject.facts.permissions.mode = 0644;
  subject.exposure.readers = {.audience = Audience::everyone, .strangers = true};
  subject.service = ServiceFacts{.need = need};
  return subject;
}

Subject in_unit(Placement placement) {
  Subject subject = clean("tunnel-token", "/etc/systemd/system/cloudflared.service");
  subject.line = 9;
  subject.carrier = "systemd-unit";
  subject.placement = placement;
  return needed(subject, need_of_root());
}

Subject group_readable(const Need& need) {
  Subject subject = needed(credentials(), need);
  subject.facts.permissions.mode = 0640;
  subject.facts.permissions.gid = service_id;
  subject.group = "cloudflared";
  subject.group_members = 1;
  subject.allowed_mode = 0640;
  subject.exposure.readers = {.audience = Audience::group, .accounts = {"cloudflared"}};
  return subject;
}

}  // namespace

TEST_CASE("what cloudflared lays out itself is clean") {
  CHECK(fired(token()) == Ids{});
  CHECK(fired(certificate()) == Ids{});
  CHECK(fired(credentials()) == Ids{});
  CHECK(fired(configuration()) == Ids{});
  CHECK(fired(directory("/root/.cloudflared", 0700, 0700)) == Ids{});
  Subject system_directory = directory("/etc/cloudflared", 0755, 0755);
  system_directory.exposure.readers.audience = Audience::everyone;
  CHECK(fired(system_directory) == Ids{});
  CHECK(fired(pointer("credentials-file", Answer::yes)) == Ids{});
}

TEST_CASE("a service's own group may read its credentials") {
  Subject subject = with_mode(credentials(), 0640, Audience::group, Audience::owner);
  subject.allowed_mode = 0640;
  subject.group = "cloudflared";
  subject.group_members = 1;
  CHECK(fired(subject) == Ids{});

  Subject in_configuration = with_mode(inline_token(), 0640, Audience::group, Audience::owner);
  in_configuration.allowed_mode = 0640;
  CHECK(fired(in_configuration) == Ids{"secret-in-config"});
}

TEST_CASE("who can read decides between the rules on modes, and one of them speaks") {
  struct Case {
    Subject subject;
    unsigned mode;
    Audience readers;
    Ids ids;
  };
  const Case cases[] = {
      {certificate(), 0644, Audience::everyone, {"account-certificate-readable-by-everyone"}},
      {certificate(), 0644, Audience::owner, {"mode-too-wide"}},
      {certificate(), 0640, Audience::group, {"account-certificate-readable-by-group"}},
      {certificate(), 0640, Audience::some_users, {"account-certificate-readable-by-group"}},
      {certificate(), 0640, Audience::owner, {"mode-too-wide"}},
      {certificate(), 0700, Audience::owner, {"mode-too-wide"}},
      {certificate(), 0400, Audience::owner, {}},
      {token(), 0644, Audience::everyone, {"readable-by-everyone"}},
      {token(), 0644, Audience::owner, {"mode-too-wide"}},
      {token(), 0640, Audience::group, {"readable-by-group"}},
      {token(), 0604, Audience::some_users, {"readable-by-group"}},
      {credentials(), 0444, Audience::everyone, {"readable-by-everyone"}},
      {credentials(), 0600, Audience::owner, {}},
      {inline_token(), 0644, Audience::everyone, {"secret-in-readable-config"}},
      {inline_token(), 0640, Audience::group, {"secret-in-readable-config"}},
      {inline_token(), 0644, Audience::owner, {"secret-in-config"}},
      {inline_token(), 0600, Audience::owner, {"secret-in-config"}},
  };
  for (const Case& c : cases) {
    CAPTURE(c.subject.path);
    CAPTURE(c.mode);
    CAPTURE(name_of(c.readers));
    CHECK(fired(with_mode(c.subject, c.mode, c.readers, Audience::owner)) == c.ids);
  }
}

TEST_CASE("one denied account makes neither the severity nor the rule another") {
  Subject subject = with_mode(certificate(), 0644, Audience::some_users, Audience::owner);
  subject.exposure.readers.strangers = true;
  CHECK(fired(subject) == Ids{"account-certificate-readable-by-everyone"});
  subject = with_mode(token(), 0604, Audience::some_users, Audience::owner);
  subject.exposure.readers.strangers = true;
  CHECK(fired(subject) == Ids{"readable-by-everyone"});
}

TEST_CASE("after chmod -R 777 every file is readable and replaceable") {
  const auto wide = [](Subject subject) {
    return with_mode(std::move(subject), 0777, Audience::everyone, Audience::everyone);
  };
  CHECK(fired(wide(certificate())) ==
        Ids{"account-certificate-readable-by-everyone", "replaceable-by-others"});
  CHECK(fired(wide(credentials())) == Ids{"readable-by-everyone", "replaceable-by-others"});
  CHECK(fired(wide(token())) == Ids{"readable-by-everyone", "replaceable-by-others"});
  CHECK(fired(wide(configuration())) == Ids{"config-writable-by-others"});
  CHECK(fired(wide(inline_token())) == Ids{"secret-in-readable-config"});
  CHECK(fired(wide(directory("/root/.cloudflared", 0777, 0700))) ==
        Ids{"credential-directory-open"});
  CHECK(fired(wide(directory("/etc/cloudflared", 0777, 0755))) == Ids{"credential-directory-open"});
}

TEST_CASE("mode 0620 of tunnel credentials is known, and replaceable only with group members") {
  Subject subject = credentials();
  CHECK(fired(with_mode(subject, 0620, Audience::owner, Audience::owner)) ==
        Ids{"group-writable-decimal-mode"});
  CHECK(fired(with_mode(subject, 0620, Audience::owner, Audience::group)) ==
        Ids{"group-writable-decimal-mode", "replaceable-by-others"});
  CHECK(fired(with_mode(certificate(), 0620, Audience::owner, Audience::owner)) ==
        Ids{"mode-too-wide"});
}

TEST_CASE("an ACL that lets others in is one finding, unless the group reads without it too") {
  Subject subject = with_mode(token(), 0640, Audience::some_users, Audience::owner);
  subject.acl = AclState::grants;
  subject.group_members = 2;
  subject.facts.permissions.acl = {{.tag = AclTag::owner, .permissions = 6},
                                   {.tag = AclTag::user, .id = 1001, .permissions = 4},
                                   {.tag = AclTag::group, .permissions = 0},
                                   {.tag = AclTag::mask, .permissions = 4},
                                   {.tag = AclTag::others, .permissions = 0}};
  CHECK(fired(subject) == Ids{"acl-grants-access"});

  subject.facts.permissions.acl[2].permissions = 4;
  CHECK(fired(subject) == Ids{"acl-grants-access", "readable-by-group"});
  subject.group_members = 0;
  CHECK(fired(subject) == Ids{"acl-grants-access"});
  subject.facts.permissions.mode = 0644;
  CHECK(fired(subject) == Ids{"acl-grants-access", "readable-by-group"});

  Subject latent = with_mode(token(), 0640, Audience::owner, Audience::owner);
  latent.acl = AclState::latent;
  CHECK(fired(latent) == Ids{"acl-entry-latent"});
}

TEST_CASE("a secret's own faults are told beside those of its file") {
  Subject subject = token();
  subject.credential.secret_quality = SecretQuality::published;
  CHECK(fired(subject) == Ids{"tunnel-secret-published"});
  subject.credential.secret_quality = SecretQuality::predictable;
  subject.credential.secret_bytes = 16;
  CHECK(fired(subject) == Ids{"tunnel-secret-predictable", "tunnel-secret-too-short"});
  subject.credential.secret_quality = SecretQuality::ordinary;
  CHECK(fired(subject) == Ids{"tunnel-secret-too-short"});
  subject.credential.secret_bytes = 36;
  CHECK(fired(subject) == Ids{});
}

TEST_CASE("an account certificate's API token may be of any length") {
  Subject subject = certificate();
  subject.credential.secret_bytes = 20;
  CHECK(fired(subject) == Ids{});
}

TEST_CASE("what cannot be used says why, and an empty one has nothing to protect") {
  Subject incomplete = with_mode(credentials(), 0644, Audience::everyone, Audience::owner);
  incomplete.credential.status = Status::incomplete;
  incomplete.credential.secret_bytes = 0;
  CHECK(fired(incomplete) == Ids{"credential-incomplete"});
  incomplete.credential.secret_bytes = 32;
  CHECK(fired(incomplete) == Ids{"credential-incomplete", "readable-by-everyone"});

  Subject no_account = certificate();
  no_account.credential.status = Status::incomplete;
  no_account.credential.scope.account = "";
  CHECK(fired(no_account) == Ids{"account-certificate-needs-refresh"});

  Subject legacy = with_mode(certificate(), 0644, Audience::everyone, Audience::owner);
  legacy.credential.status = Status::legacy;
  CHECK(fired(legacy) ==
        Ids{"account-certificate-legacy", "account-certificate-readable-by-everyone"});

  Subject damaged = with_mode(token(), 0644, Audience::everyone, Audience::owner);
  damaged.credential.status = Status::damaged;
  CHECK(fired(damaged) == Ids{"credential-malformed", "readable-by-everyone"});

  Subject malformed = with_mode(token(), 0644, Audience::everyone, Audience::everyone);
  malformed.type = SubjectType::malformed;
  malformed.credential = {.kind = "tunnel-token", .reason = "not base64"};
  CHECK(fired(malformed) == Ids{"credential-malformed"});
}

TEST_CASE("a file that could not be read is judged by what the kernel says of it") {
  Subject subject = token();
  subject.type = SubjectType::unread;
  subject.carrier = "";
  subject.credential = {.kind = "tunnel-token", .reason = "permission denied"};
  CHECK(fired(subject) == Ids{});
  CHECK(fired(with_mode(subject, 0044, Audience::everyone, Audience::owner)) ==
        Ids{"unread-file-readable-by-others"});
  CHECK(fired(with_mode(subject, 0644, Audience::owner, Audience::owner)) == Ids{"mode-too-wide"});
  subject.owner_expected = Answer::no;
  subject.facts.links = 2;
  CHECK(fired(with_mode(subject, 0600, Audience::owner, Audience::everyone)) ==
        Ids{"hard-linked", "replaceable-by-others", "unexpected-owner"});
}

TEST_CASE("copies, links, age and owners are told once each") {
  Subject subject = certificate();
  subject.path = "/root/.cloudflared/cert.pem.bak";
  subject.backup = Answer::yes;
  subject.same_secret = {"/root/.cloudflared/cert.pem"};
  CHECK(fired(subject) == Ids{"backup-copy"});

  subject.backup = Answer::no;
  subject.facts.links = 2;
  subject.age_days = 366;
  subject.owner_expected = Answer::no;
  CHECK(fired(subject) ==
        Ids{"credential-old", "hard-linked", "same-secret-elsewhere", "unexpected-owner"});

  Subject renamed = credentials();
  renamed.id_matches_name = Answer::no;
  CHECK(fired(renamed) == Ids{"tunnel-id-mismatch"});
}

TEST_CASE("a configuration's own faults are told once, though it may be two subjects") {
  Subject writable = with_mode(configuration(), 0664, Audience::everyone, Audience::group);
  writable.owner_expected = Answer::no;
  CHECK(fired(writable) == Ids{"config-writable-by-others", "unexpected-owner"});
  Subject same_file = with_mode(inline_token(), 0664, Audience::everyone, Audience::group);
  same_file.owner_expected = Answer::no;
  CHECK(fired(same_file) == Ids{"secret-in-readable-config"});
}

TEST_CASE("only a file that cloudflared reads has to be there") {
  for (const char* key : {"credentials-file", "token-file", "origincert"}) {
    CAPTURE(key);
    CHECK(fired(pointer(key, Answer::no)) == Ids{"config-points-nowhere"});
    CHECK(fired(pointer(key, Answer::unknown)) == Ids{});
  }
  CHECK(fired(pointer("logfile", Answer::no)) == Ids{});
  CHECK(fired(pointer("log-directory", Answer::no)) == Ids{});
}

TEST_CASE("a directory is told of when others can list it, or its default ACL opens new files") {
  Subject open = directory("/home/alice/.cloudflared", 0755, 0700);
  CHECK(fired(open) == Ids{});
  open.exposure.readers.audience = Audience::everyone;
  CHECK(fired(open) == Ids{"credential-directory-open"});
  open.path = "/home/alice";
  CHECK(fired(open) == Ids{});
  open.default_acl = Answer::yes;
  CHECK(fired(open) == Ids{"default-acl"});
}

TEST_CASE("a planted key pair is told of wherever it lies") {
  Subject subject = clean("planted-key-pair", "/home/alice/cloudflared_priv.pem");
  subject.credential.authority = Authority::none;
  CHECK(fired(subject) == Ids{"planted-key-pair"});
}

TEST_CASE("findings read as they should") {
  const auto rules = load_rules({}, Extent::verdict);
  REQUIRE(rules);
  Subject subject = with_mode(token(), 0666, Audience::everyone, Audience::everyone);
  subject.exposure.writers.because = {"mode 0666, and every directory above can be searched"};
  subject.owner = "1234";
  subject.owner_expected = Answer::no;
  std::vector<std::string> messages;
  for (const Finding& finding : findings_of(*rules, subject)) messages.push_back(finding.message);
  CHECK(messages ==
        std::vector<std::string>{
            "is 0666, may be at most 0600",
            "others can change or replace it: mode 0666, and every directory above can be searched",
            "belongs to 1234, expected root"});
}

TEST_CASE("the stock service of root is one remark, and its token none") {
  CHECK(fired(service(need_of_root())) == Ids{"service-runs-as-root"});
  CHECK(fired(needed(token(), need_of_root())) == Ids{});
  CHECK(fired(needed(credentials(), need_of_root())) == Ids{});
  CHECK(fired(needed(configuration(), need_of_root())) == Ids{});
}

TEST_CASE("whose service runs as root is said of what this host starts, not of containers") {
  CHECK(fired(service(need_of_service())) == Ids{});
  Need dynamic = need_of_root();
  dynamic.user = "dynamic";
  dynamic.uid.reset();
  CHECK(fired(service(dynamic)) == Ids{});
  Need container = need_of_container();
  container.uid = 0;
  container.user = "root";
  CHECK(fired(service(container)) == Ids{});
  Need unused = need_of_root();
  unused.is_in_use = false;
  CHECK(fired(service(unused)) == Ids{});
  unused.is_in_use = true;
  CHECK(fired(service(unused)) == Ids{"service-runs-as-root"});
}

TEST_CASE("a service that cannot read is told of once, whatever the file is") {
  const Need need = in_vain(need_of_service(), "cannot search /root (mode 0700, owner root)");
  const Ids cannot{"service-cannot-read"};
  CHECK(fired(needed(credentials(), need)) == cannot);
  CHECK(fired(needed(certificate(), need)) == cannot);
  CHECK(fired(needed(configuration(), need)) == cannot);
  CHECK(fired(needed(inline_token(), need)) == Ids{"secret-in-config"});
  Subject unread = needed(token(), need);
  unread.type = SubjectType::unread;
  unread.carrier = "";
  unread.credential = {.kind = "tunnel-token"};
  CHECK(fired(unread) == cannot);
  Subject two = needed(needed(credentials(), need_of_root()), need);
  CHECK(fired(two) == cannot);
  Need of_unknown_user = need_of_service();
  of_unknown_user.can_read.reset();
  CHECK(fired(needed(credentials(), of_unknown_user)) == Ids{});
}

TEST_CASE("a container that is not the owner is told of, and that it cannot read where it cannot") {
  Subject open = needed(credentials(), need_of_container());
  open = with_mode(open, 0644, Audience::everyone, Audience::owner);
  open.exposure.readers.strangers = true;
  CHECK(fired(open) == Ids{"container-user-mismatch", "readable-by-everyone"});
  CHECK(fired(needed(credentials(), in_vain(need_of_container(), "cannot read it"))) ==
        Ids{"container-user-mismatch", "service-cannot-read"});
  Subject its_own = needed(credentials(), need_of_container());
  its_own.facts.permissions.uid = 65532;
  CHECK(fired(its_own) == Ids{});
  Need as_root = need_of_container();
  as_root.uid = 0;
  CHECK(fired(needed(credentials(), as_root)) == Ids{});
  Subject by_group = group_readable(need_of_container());
  by_group.facts.permissions.gid = 65532;
  by_group.exposure.readers.accounts = {};
  CHECK(fired(by_group) == Ids{});
}

TEST_CASE("a service without a credential is told of where it is used") {
  Subject lost = service(need_of_service());
  lost.service->resolves = Answer::no;
  CHECK(fired(lost) == Ids{"need-resolves-to-nothing"});
  lost.service->resolves = Answer::unknown;
  CHECK(fired(lost) == Ids{});
  lost.service->resolves = Answer::no;
  lost.service->need.is_in_use = false;
  CHECK(fired(lost) == Ids{});
  lost.service->need.is_in_use = true;
  lost.service->need.is_enabled = false;
  lost.service->need.source = StartSource::compose;
  CHECK(fired(lost) == Ids{"need-resolves-to-nothing"});
  // What runs has found its own.
  lost.service->need.source = StartSource::process;
  lost.service->need.is_active = true;
  CHECK(fired(lost) == Ids{});
}

TEST_CASE("what nobody needs is told of where something runs without it") {
  const Ids by_nobody{"credential-needed-by-nobody"};
  CHECK(fired(on_connector(token())) == by_nobody);
  CHECK(fired(on_connector(credentials())) == by_nobody);
  CHECK(fired(on_connector(certificate())) == Ids{"account-certificate-on-connector"});
  CHECK(fired(needed(certificate(), need_of_root())) == Ids{});
  Subject by_name = on_connector(certificate());
  by_name.on_connector = Answer::no;
  CHECK(fired(by_name) == by_nobody);
  Subject copy = on_connector(credentials());
  copy.backup = Answer::yes;
  CHECK(fired(copy) == Ids{"backup-copy"});
  Subject damaged = on_connector(token());
  damaged.credential.status = Status::damaged;
  CHECK(fired(damaged) == Ids{"credential-malformed"});
  Subject session = on_connector(clean("access-token", "/home/alice/.cloudflared/x-token"));
  CHECK(fired(session) == Ids{});
  Subject variable = on_connector(clean("tunnel-token", "$TUNNEL_TOKEN"));
  variable.place = PlaceKind::environment;
  CHECK(fired(variable) == Ids{});
}

TEST_CASE("a secret in a unit is told of by what shows it") {
  CHECK(fired(in_unit(Placement::argument)) == Ids{"token-in-arguments", "token-in-unit"});
  CHECK(fired(in_unit(Placement::environment)) == Ids{"token-in-environment-of-unit"});
  const auto open = [](Subject subject) {
    subject = with_mode(std::move(subject), 0644, Audience::everyone, Audience::owner);
    subject.exposure.readers.strangers = true;
    return subject;
  };
  CHECK(fired(open(in_unit(Placement::argument))) ==
        Ids{"readable-by-everyone", "token-in-arguments", "token-in-unit"});
  CHECK(fired(open(in_unit(Placement::environment))) ==
        Ids{"readable-by-everyone", "token-in-environment-of-unit"});
  // Behind a closed directory its mode is nobody's concern.
  CHECK(fired(with_mode(in_unit(Placement::argument), 0644, Audience::owner, Audience::owner)) ==
        Ids{"token-in-arguments", "token-in-unit"});
}

TEST_CASE("what shows a secret depends on what it stands in") {
  struct Case {
    const char* carrier;
    Placement placement;
    Ids ids;
  };
  const Case cases[] = {
      {"init-script", Placement::argument, {"token-in-arguments", "token-in-unit"}},
      {"crontab", Placement::argument, {"token-in-arguments", "token-in-unit"}},
      {"supervisor-config", Placement::argument, {"token-in-arguments", "token-in-unit"}},
      {"compose", Placement::argument, {"token-in-arguments"}},
      {"kubernetes-manifest", Placement::argument, {"token-in-arguments"}},
      {"container-state", Placement::argument, {"token-in-arguments"}},
      {"process", Placement::argument, {"token-in-arguments"}},
      {"init-script", Placement::environment, {}},
      {"compose", Placement::environment, {}},
      {"container-state", Placement::environment, {}},
      {"env-file", Placement::environment, {}},
  };
  for (const Case& c : cases) {
    CAPTURE(c.carrier);
    CAPTURE(name_of(c.placement));
    Subject subject = in_unit(c.placement);
    subject.carrier = c.carrier;
    CHECK(fired(subject) == c.ids);
  }
}

TEST_CASE("a process shows its arguments to everyone, which is one finding") {
  Subject subject = in_unit(Placement::argument);
  subject.path = "/proc/123/cmdline";
  subject.carrier = "process";
  subject.owner_expected = Answer::no;
  subject.same_secret = {"/home/alice/token"};
  subject = with_mode(subject, 0444, Audience::everyone, Audience::owner);
  subject.exposure.readers.strangers = true;
  CHECK(fired(subject) == Ids{"token-in-arguments"});
}

TEST_CASE("a service that owns its credential is a remark, a container or a person is none") {
  Subject subject = needed(credentials(), need_of_service());
  subject.facts.permissions.uid = service_id;
  subject.owner = "cloudflared";
  CHECK(fired(subject) == Ids{"service-user-owns-credential"});
  subject.needs.front().controlled_by = service_id;
  CHECK(fired(subject) == Ids{});
  subject.needs = {need_of_container()};
  subject.facts.permissions.uid = 65532;
  CHECK(fired(subject) == Ids{});
  subject.needs = {need_of_root()};
  CHECK(fired(subject) == Ids{});
}

TEST_CASE("a service's group is told of for those who do not belong there, and only once") {
  CHECK(fired(group_readable(need_of_service())) == Ids{});
  Subject shared = group_readable(need_of_service());
  shared.allowed_mode = 0600;
  shared.group_members = 2;
  shared.exposure.readers.accounts = {"alice", "cloudflared"};
  CHECK(fired(shared) == Ids{"service-group-has-members"});
  shared.credential.kind = "account-certificate";
  shared.id_matches_name = Answer::unknown;
  CHECK(fired(shared) == Ids{"service-group-has-members"});
  // Not the service's own group, so that others are let in without any need.
  shared = group_readable(need_of_root());
  shared.allowed_mode = 0600;
  CHECK(fired(shared) == Ids{"readable-by-group"});
  // Anybody can make up a need of their own.
  shared = group_readable(need_of_service());
  shared.allowed_mode = 0600;
  shared.needs.front().controlled_by = service_id;
  CHECK(fired(shared) == Ids{"readable-by-group"});
}

TEST_CASE("what an engine keeps of what it was given is no copy") {
  Subject subject = needed(token(), need_of_root());
  subject.same_secret = {"/proc/12/cmdline", "/var/lib/docker/containers/1f/config.v2.json",
                         "/var/lib/containers/storage/overlay-containers/1f/userdata/config.json"};
  CHECK(fired(subject) == Ids{});
  subject.same_secret.push_back("/srv/token");
  CHECK(fired(subject) == Ids{"same-secret-elsewhere"});
}

TEST_CASE("findings on services and their needs read as they should") {
  const auto rules = load_rules({}, Extent::verdict);
  REQUIRE(rules);
  const auto only = [&](const Subject& subject) {
    const std::vector<Finding> findings = findings_of(*rules, subject);
    REQUIRE(findings.size() == 1);
    return findings.front();
  };
  const Need need = in_vain(need_of_service(), "cannot search /root (mode 0700, owner root)");
  Subject closed = needed(credentials(), need);
  closed.expected_because = "cloudflared.service runs as cloudflared, which must own it";
  const Finding cannot = only(closed);
  CHECK(cannot.message ==
        "cloudflared.service (User=cloudflared) cannot search /root (mode 0700, owner root)");
  CHECK(cannot.expected ==
        "readable by cloudflared.service; cloudflared.service runs as cloudflared, which must own "
        "it");
  CHECK(only(needed(configuration(), in_vain(need_of_container(), "hidden"))).message ==
        "container tunnel (user 65532): hidden");

  Subject lost = service(need_of_service());
  lost.service->resolves = Answer::no;
  lost.service->missing = "the token file";
  lost.service->tried = {"/etc/cloudflared/token"};
  const Finding nothing = only(lost);
  CHECK(nothing.message ==
        "cloudflared.service lacks the token file; tried /etc/cloudflared/token");
  CHECK(nothing.path == "/etc/systemd/system/cloudflared.service");
  CHECK(nothing.line == 9);
  REQUIRE(nothing.service);
  CHECK(nothing.service->need.who == "cloudflared.service");

  Subject shared = group_readable(need_of_service());
  shared.exposure.readers.accounts = {"alice", "bob", "cloudflared"};
  CHECK(only(shared).message ==
        "group cloudflared is there for cloudflared.service, and also lets in alice, bob");

  Subject open = with_mode(token(), 0644, Audience::everyone, Audience::owner);
  open.exposure.readers.strangers = true;
  CHECK(only(open).expected == "at most 0600");
  open.expected_because = "cloudflared.service runs as root";
  CHECK(only(open).expected == "at most 0600; cloudflared.service runs as root");
}
