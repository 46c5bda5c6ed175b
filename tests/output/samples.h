// Reports as app/audit hands them over: sorted, with invented accounts, tunnels and secrets.
#pragma once

#include "cfwarden/model/report.h"

#include <algorithm>
#include <string>
#include <vector>

namespace cfwarden::samples {

inline constexpr const char* account = "9f3c0000aaaa1111bbbb2222cccce1b0";
inline constexpr const char* zone = "11112222333344445555666677778888";
inline constexpr const char* tunnel = "6f1b2c3d-0000-4000-8000-00000000c0de";
inline constexpr const char* other_tunnel = "0a44b5c6-0000-4000-8000-0000000000ff";
inline constexpr std::int64_t started = 1795314050;  // 2026-11-22T02:20:50Z

inline Credential certificate() {
  return {.kind = "account-certificate",
          .status = Status::usable,
          .authority = Authority::manage_account,
          .scope = {.account = account, .zone = zone},
          .fingerprint = "sha256:00112233aabbccdd",
          .secret_bytes = 40,
          .secret_quality = SecretQuality::ordinary,
          .not_after = started + 86400};
}

inline Credential token() {
  return {.kind = "tunnel-token",
          .status = Status::usable,
          .authority = Authority::run_tunnel,
          .scope = {.account = account, .tunnel = tunnel},
          .fingerprint = "sha256:ffeeddcc00112233",
          .secret_bytes = 36,
          .secret_quality = SecretQuality::ordinary};
}

inline Credential credentials_file() {
  return {.kind = "tunnel-credentials",
          .status = Status::usable,
          .authority = Authority::run_tunnel,
          .scope = {.account = account, .tunnel = other_tunnel},
          .fingerprint = "sha256:0123456789abcdef",
          .secret_bytes = 32,
          .secret_quality = SecretQuality::ordinary};
}

inline Credential access_token() {
  return {.kind = "access-token",
          .status = Status::usable,
          .authority = Authority::act_as_user,
          .fingerprint = "sha256:89abcdef01234567",
          .secret_bytes = 43,
          .secret_quality = SecretQuality::ordinary,
          .expires = started - 3600,
          .issuer = "https://example.cloudflareaccess.com",
          .audience_claim = "aud0000111122223333"};
}

inline Reach only_owner(const std::string& mode) {
  return {.audience = Audience::owner, .because = {"mode " + mode}};
}

inline std::vector<std::string> fourteen_accounts() {
  return {"alice", "backup", "bin",  "bob",  "carol",    "daemon", "deploy",
          "games", "lp",     "mail", "news", "www-data", "zoe",    "zulu"};
}

inline ReportedCredential exposed_certificate() {
  return {.id = "c-0001",
          .credential = certificate(),
          .path = "/root/.cloudflared/cert.pem",
          .carrier = "whole-file",
          .permissions = {.mode = 0644},
          .owner = "root",
          .group = "root",
          .modified = started - 1000,
          .exposure = {.readers = {.audience = Audience::everyone,
                                   .accounts = fourteen_accounts(),
                                   .because = {"mode 0644, and every directory above can be "
                                               "searched"}},
                       .writers = only_owner("0644")}};
}

inline ReportedCredential group_token() {
  return {.id = "c-0002",
          .credential = token(),
          .path = "/etc/cloudflared/config.yml",
          .line = 9,
          .carrier = "config",
          .permissions = {.mode = 0664,
                          .gid = 990,
                          .acl = {{AclTag::owner, 0, 6},
                                  {AclTag::user, 1001, 4},
                                  {AclTag::group, 0, 6},
                                  {AclTag::mask, 0, 6},
                                  {AclTag::others, 0, 4}}},
          .owner = "root",
          .group = "cloudflared",
          .modified = started - 2000,
          .exposure = {.readers = {.audience = Audience::some_users,
                                   .accounts = {"alice", "bob", "deploy", "www-data", "zoe"},
                                   .because = {"group cloudflared: alice, deploy",
                                               "mode 0664: www-data, zoe", "acl user:bob:r--"}},
                       .writers = {.audience = Audience::group,
                                   .accounts = {"alice", "deploy"},
                                   .because = {"group cloudflared: alice, deploy"}}}};
}

inline ReportedCredential sound_credentials() {
  return {.id = "c-0003",
          .credential = credentials_file(),
          .path = "/home/alice/.cloudflared/0a44b5c6-0000-4000-8000-0000000000ff.json",
          .carrier = "whole-file",
          .permissions = {.mode = 0400, .uid = 1000, .gid = 1000},
          .owner = "alice",
          .group = "alice",
          .modified = started - 3000,
          .exposure = {.readers = only_owner("0400"), .writers = only_owner("0400")}};
}

inline ReportedCredential sound_token() {
  return {.id = "c-0004",
          .credential = token(),
          .path = "/etc/cloudflared/token",
          .carrier = "whole-file",
          .permissions = {.mode = 0600},
          .owner = "root",
          .group = "root",
          .modified = started - 4000,
          .exposure = {.readers = only_owner("0600"), .writers = only_owner("0600")}};
}

inline ReportedCredential expired_access_token() {
  return {.id = "c-0005",
          .credential = access_token(),
          .path = "/home/alice/.cloudflared/wiki.example.com-aud0000111122223333-token",
          .carrier = "whole-file",
          .permissions = {.mode = 0640, .uid = 1000, .gid = 1000},
          .owner = "alice",
          .group = "staff",
          .modified = started - 5000,
          .exposure = {.readers = {.audience = Audience::group,
                                   .accounts = {"bob", "carol"},
                                   .because = {"group staff: bob, carol"}},
                       .writers = only_owner("0640")}};
}

inline std::vector<Place> places() {
  return {{"/etc/cloudflared", PlaceKind::default_directory, "default directory",
           PlaceState::looked_at},
          {"/home/alice/.cloudflared", PlaceKind::default_directory, "default directory of alice",
           PlaceState::looked_at},
          {"/root/.cloudflare-warp", PlaceKind::default_directory, "default directory of root",
           PlaceState::absent},
          {"/root/.cloudflared", PlaceKind::default_directory, "default directory of root",
           PlaceState::looked_at},
          {"/usr/local/etc/cloudflared", PlaceKind::default_directory, "default directory",
           PlaceState::absent}};
}

inline Report empty() {
  Report report;
  report.tool_version = "0.1.0";
  report.hostname = "edge-1";
  report.root = "/";
  report.started = started;
  report.user = "root";
  report.names_seen = 1212;
  report.places = places();
  for (Place& place : report.places) place.state = PlaceState::absent;
  report.names_seen = 0;
  return report;
}

inline Report clean() {
  Report report = empty();
  report.places = places();
  report.names_seen = 7;
  report.credentials = {sound_token(), sound_credentials()};
  report.accounts = {{account, 2, Authority::run_tunnel, Audience::owner}};
  return report;
}

inline Report incomplete() {
  Report report = clean();
  report.places.push_back({"/mnt/nfs/home/bob/.cloudflared", PlaceKind::default_directory,
                           "default directory of bob", PlaceState::unreadable});
  report.gaps = {{"/mnt/nfs/home/bob/.cloudflared", "openat: permission denied"}};
  report.exit_code = 3;
  return report;
}

inline std::vector<Finding> findings() {
  return {
      {.rule = "account-certificate-readable-by-everyone",
       .severity = Severity::critical,
       .title = "Account certificate readable by every local user",
       .path = "/root/.cloudflared/cert.pem",
       .credential = "c-0001",
       .message = "is 0644, may be at most 0600",
       .expected = "0600",
       .actual = "0644",
       .fix = "owner-only"},
      {.rule = "replaceable-by-others",
       .severity = Severity::high,
       .title = "Others can change or replace it",
       .path = "/etc/cloudflared/config.yml",
       .line = 9,
       .credential = "c-0002",
       .message = "the file is group-writable: alice, deploy",
       .expected = "nobody",
       .actual = "group",
       .fix = "owner-only"},
      {.rule = "config-writable-by-others",
       .severity = Severity::high,
       .title = "A configuration that others can change",
       .path = "/etc/cloudflared/config.yml",
       .message = "is 0664: whoever writes it decides what the tunnel serves",
       .fix = "owner-only",
       .about = SubjectType::configuration},
      {.rule = "secret-in-config",
       .severity = Severity::medium,
       .title = "A secret stands in the configuration",
       .path = "/etc/cloudflared/config.yml",
       .line = 9,
       .credential = "c-0002",
       .message = "stands in config.yml; a token-file can be closed to everyone but its owner, and "
                  "the configuration stays readable",
       .fix = "move-token"},
      {.rule = "config-points-nowhere",
       .severity = Severity::medium,
       .title = "The configuration names a file that is not there",
       .path = "/etc/cloudflared/config.yml",
       .line = 3,
       .message = "credentials-file leads to /etc/cloudflared/gone.json, which is not there",
       .fix = "advise",
       .about = SubjectType::pointer},
      {.rule = "readable-by-group",
       .severity = Severity::medium,
       .title = "Readable by a group",
       .path = "/home/alice/.cloudflared/wiki.example.com-aud0000111122223333-token",
       .credential = "c-0005",
       .message = "is 0640, may be at most 0600",
       .expected = "0600",
       .actual = "0640",
       .fix = "owner-only"},
      {.rule = "credential-directory-open",
       .severity = Severity::low,
       .title = "The directory lists its names to others",
       .path = "/home/alice/.cloudflared",
       .message = "is 0755, cloudflared makes it 0700",
       .expected = "0700",
       .actual = "0755",
       .fix = "owner-only",
       .about = SubjectType::directory},
      {.rule = "credential-malformed",
       .severity = Severity::low,
       .title = "Looks like a credential, but does not decode",
       .path = "/home/alice/.cloudflared/7777aaaa-0000-4000-8000-000000000001.json",
       .message = "TunnelSecret is not base64",
       .fix = "advise",
       .about = SubjectType::malformed},
      {.rule = "credential-old",
       .severity = Severity::info,
       .title = "Not rotated for over a year",
       .path = "/root/.cloudflared/cert.pem",
       .credential = "c-0001",
       .message = "was last changed 400 days ago",
       .fix = "rotate"},
  };
}

inline Report messy() {
  Report report = clean();
  report.credentials = {group_token(), sound_token(), sound_credentials(), expired_access_token(),
                        exposed_certificate()};
  report.findings = findings();
  report.gaps = {{"/mnt/nfs/home/bob/.cloudflared", "openat: permission denied"}};
  report.accounts = {{account, 4, Authority::manage_account, Audience::everyone}};
  report.names_seen = 1212;
  report.exit_code = 1;
  return report;
}

inline ExceptionPtr exception() {
  return std::make_shared<const Exception>(
      Exception{.rule = "readable-by-group",
                .path = "/home/alice/.cloudflared/*-token",
                .reason = "the wiki's backup runs in that group until it is replaced",
                .owner = "network team",
                .expires = "2026-12-31",
                .last_day = 20818,
                .file = "/etc/cfwarden/exceptions.d/wiki.json"});
}

// One finding beside another of the same credential, one alone, and what the profile made of it.
inline Report excepted() {
  Report report = messy();
  const auto accept = [&](std::size_t index) {
    Finding finding = report.findings[index];
    finding.exception = exception();
    report.findings.erase(report.findings.begin() + static_cast<std::ptrdiff_t>(index));
    report.findings.push_back(finding);
  };
  accept(5);
  accept(0);
  report.profile = "strict";
  return report;
}

inline Need need_of(const std::string& who, const std::string& user, std::uint32_t uid) {
  return {.who = who,
          .source = StartSource::systemd,
          .file = "/etc/systemd/system/" + who,
          .line = 9,
          .user = user,
          .uid = uid,
          .gid = uid,
          .can_read = true,
          .is_enabled = true};
}

inline Need in_vain(Need need, const std::string& obstacle) {
  need.can_read = false;
  need.obstacle = obstacle;
  return need;
}

inline Need of_alice() {
  Need need = need_of("process:4711", "alice", 1000);
  need.source = StartSource::process;
  need.file = "/proc/4711";
  need.line = 0;
  need.controlled_by = 1000;
  need.controller = "alice";
  return need;
}

inline Finding service_finding(const Need& need, const std::string& rule, Severity severity) {
  Finding finding{.rule = rule,
                  .severity = severity,
                  .title = "A service",
                  .path = need.file,
                  .message = need.who + " runs as root, and need not",
                  .fix = "edit-service",
                  .about = SubjectType::service};
  if (need.line != 0) finding.line = need.line;
  finding.service = ServiceFacts{.need = need};
  return finding;
}

// A host as cloudflared's own installer leaves it.
inline Report stock() {
  Report report = clean();
  const Need need = need_of("cloudflared.service", "root", 0);
  report.credentials[0].needs = {need};
  report.findings = {service_finding(need, "service-runs-as-root", Severity::info)};
  return report;
}

// Every way in which a credential is needed, or is not.
inline Report needed() {
  Report report = messy();
  const Need root = need_of("cloudflared.service", "root", 0);
  const Need closed_out = in_vain(need_of("cloudflared@web.service", "cloudflared", 990),
                                  "cannot search /root (mode 0700, owner root)");
  Need dynamic = need_of("cloudflared-tunnel.service", "dynamic", 0);
  dynamic.uid.reset();
  dynamic.gid.reset();
  dynamic.read_by_manager = true;
  Need unknown = need_of("tunnel", "cloudflare", 0);
  unknown.source = StartSource::compose;
  unknown.uid.reset();
  unknown.can_read.reset();
  unknown.is_container = true;
  report.credentials[0].needs = {root, closed_out, dynamic, unknown};
  for (int i = 1; i < 8; ++i) {
    const std::string port = std::to_string(i);
    report.credentials[3].needs.push_back(need_of("cloudflared@" + port + ".service", "root", 0));
  }
  report.credentials[3].needs.push_back(of_alice());
  report.credentials[2].needs = {of_alice()};
  const Need lost = need_of("cloudflared@lost.service", "cloudflared", 990);
  Finding nothing = service_finding(lost, "need-resolves-to-nothing", Severity::high);
  nothing.message = "cloudflared@lost.service lacks the token file; tried /etc/cloudflared/lost";
  nothing.service->resolves = Answer::no;
  nothing.service->missing = "the token file";
  nothing.service->tried = {"/etc/cloudflared/lost", "/usr/local/etc/cloudflared/lost"};
  report.findings.insert(report.findings.begin() + 1, nothing);
  report.findings.insert(report.findings.begin() + 2,
                         {.rule = "service-cannot-read",
                          .severity = Severity::high,
                          .title = "A service cannot read what it needs",
                          .path = "/etc/cloudflared/config.yml",
                          .line = 9,
                          .credential = "c-0002",
                          .message = "cloudflared@web.service (User=cloudflared) cannot search "
                                     "/root (mode 0700, owner root)",
                          .fix = "let-service-read"});
  report.findings.push_back(service_finding(root, "service-runs-as-root", Severity::info));
  report.findings.push_back(service_finding(
      need_of("cloudflared-with-a-long-name-of-its-own@production.service", "root", 0),
      "service-runs-as-root", Severity::info));
  return report;
}

// ESC, OSC 8 and 52, a newline with a forged line, C1, DEL, bidi controls, a byte order mark,
// invalid UTF-8, spaces that look like columns.
inline const std::vector<std::string>& hostile_names() {
  static const std::vector<std::string> names{
      "\x1b[2J\x1b[31mred",
      "\x1b]8;;http://evil.example\x1b\\click\x1b]8;;\x1b\\",
      "\x1b]52;c;aHVzaA==\x07",
      "x\nOK        Tunnel token   /etc/cloudflared/token   0600 root",
      "x\r\nNOT READ",
      "a\u202Egnp.exe",
      "b\u2066c\u2069\u061C\u200E\uFEFF",
      "c1\u009B31m\u0085",
      "del\x7f",
      "bad\xff\xc3\x28utf8",
      "back\\slash",
      "wide\u4E2D\u6587\u0301",
      std::string(300, 'n') + "  high     readable-by-everyone   forged",
      "nul" + std::string(1, '\0') + "byte",
  };
  return names;
}

// What is markup, a formula, a command or a separator to one reader or another.
inline const std::vector<std::string>& markup_names() {
  static const std::vector<std::string> names{
      "=HYPERLINK(\"http://evil.example\",\"open\")",
      "+1+cmd|' /C calc'!A0",
      "@root",
      "'quoted'",
      "a,b;c\t\"d\"\r\ne",
      "</failure><error message=\"forged\"/>&amp;<![CDATA[x]]>",
      "--><script>alert(1)</script>",
      "::error file=forged::x",
      "x\n::stop-commands::forged",
      "100%0A::warning::forged%",
      "##[add-path]forged",
      "| forged | cell |\n| --- |",
      "`tick` **bold** [link](http://evil.example) ![image](x) www.evil.example",
      "~~~ # heading <b> &lt; _em_ \\* {0} [0](1)",
      "\xEF\xBC\x9DSUM(A1)",
      "no\xEF\xBF\xBE"
      "character\xEF\xBF\xBF",
      "bad\xff,\xc3\x28<utf8>",
      "C:/drive/../up?query#fragment",
      "\x1b]8;;http://evil.example\x1b\\\x07\u202Ered\x7f\u009B31m",
      "forged\"} 1\ncfwarden_findings{severity=\"high\"} 0",
  };
  return names;
}

// One credential, finding, gap and place a name, every text of the report taken from it.
// A sweep: credentials in a history, an archive and a process, with git asked.
inline Report swept() {
  Report report = empty();
  report.places = {
      {.path = "/srv", .kind = PlaceKind::argument, .why = "named on the command line"}};
  report.names_seen = 1'234'567;
  ReportedCredential history = group_token();
  history.id = "c-0101";
  history.path = "/home/alice/.bash_history";
  history.line = 2;
  history.carrier = "shell-history";
  history.tracking = {.is_tracked = Answer::yes, .work_tree = "/home/alice"};
  ReportedCredential packed = exposed_certificate();
  packed.id = "c-0102";
  packed.path = "/srv/backup.tgz!etc/cloudflared/cert.pem";
  packed.tracking = {.is_tracked = Answer::unknown, .work_tree = "/srv"};
  ReportedCredential sound = sound_token();
  sound.tracking = {.is_tracked = Answer::no, .work_tree = ""};
  ReportedCredential typed = group_token();
  typed.id = "c-0103";
  typed.path = "/proc/4711/cmdline";
  typed.line.reset();
  typed.permissions = {.gid = 990};
  typed.carrier = "process";
  typed.in_memory = true;
  typed.program = "python3";
  typed.exposure = {
      .readers = {.audience = Audience::everyone,
                  .accounts = {"alice", "www-data"},
                  .because = {"the arguments of a process are shown to every account"},
                  .strangers = true},
      .writers = {}};
  typed.tracking.reset();
  ReportedCredential kept = typed;
  kept.id = "c-0104";
  kept.path = "/proc/4711/environ";
  kept.exposure = {};
  report.credentials = {history, sound, packed, typed, kept};
  report.findings = {{.rule = "account-certificate-readable-by-everyone",
                      .severity = Severity::critical,
                      .title = "Account certificate readable by every local user",
                      .path = packed.path,
                      .credential = packed.id,
                      .message = "is 0644, may be at most 0600",
                      .fix = "owner-only"},
                     {.rule = "credential-in-shell-history",
                      .severity = Severity::medium,
                      .title = "Secret in the history of a shell",
                      .path = history.path,
                      .line = 2,
                      .credential = history.id,
                      .message = "was typed into a shell",
                      .fix = "rotate"}};
  report.gaps = {{"/srv/damaged.tgz", "is damaged, and was looked at up to there"}};
  report.sweep = SweptReport{.asked_git = true,
                             .skipped = {{"/mnt/nas", "nfs4", "remote file system"},
                                         {"/proc", "proc", "kernel interface"},
                                         {"/srv/disk", "", "another file system"},
                                         {"/srv/two", "", "another file system"},
                                         {"/sys", "sysfs", "kernel interface"}},
                             .files = 350'000,
                             .bytes = 12'345'678'901,
                             .processes = 212,
                             .mendable = {"/srv/my stack/.env"},
                             .took = std::chrono::milliseconds{3456}};
  report.exit_code = 1;
  return report;
}

inline Report swept_names() {
  Report report = empty();
  report.names_seen = 1212;
  report.sweep = SweptReport{
      .names_only = true,
      .names = {"/root/.cloudflared/cert.pem", "/srv/caf\xe9/cert.pem", "/srv/\x1b[31mred-token"},
      .took = std::chrono::milliseconds{65'000}};
  return report;
}

inline Report hostile_of(const std::vector<std::string>& names) {
  Report report = empty();
  report.places.clear();
  report.exit_code = 1;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const std::string& name = names[i];
    const std::string path = "/home/eve/.cloudflared/" + name;
    ReportedCredential found = i % 2 == 0 ? group_token() : expired_access_token();
    found.id = "h-" + std::to_string(i);
    found.path = path;
    found.owner = name;
    found.group = name;
    found.exposure.readers.accounts = {name, "bob"};
    found.exposure.readers.because = {name};
    found.credential.scope = {.account = name, .zone = name, .tunnel = name, .endpoint = name};
    found.credential.issuer = name;
    found.credential.audience_claim = name;
    Need need = in_vain(need_of(name, name, 1000), "cannot search " + name);
    need.controlled_by = 1000;
    need.controller = name;
    found.needs = {need};
    report.credentials.push_back(found);
    if (i % 3 != 0) {
      report.findings.push_back({.rule = "readable-by-group",
                                 .severity = Severity::medium,
                                 .title = "Readable by a group",
                                 .path = path,
                                 .credential = found.id,
                                 .message = "is read by " + name,
                                 .expected = name,
                                 .actual = name,
                                 .fix = "owner-only"});
    }
    report.findings.push_back({.rule = "config-points-nowhere",
                               .severity = Severity::low,
                               .title = "The configuration names a file that is not there",
                               .path = path,
                               .line = i,
                               .message = "leads to " + name,
                               .fix = "advise",
                               .about = SubjectType::pointer});
    if (i % 4 == 0) {
      report.findings.back().exception = std::make_shared<const Exception>(
          Exception{.reason = name, .owner = name, .expires = "2026-12-31", .file = path});
    }
    for (const Severity severity : {Severity::high, Severity::info}) {
      Finding finding = service_finding(need, "service-runs-as-root", severity);
      finding.path = path;
      finding.service->tried = {name};
      report.findings.push_back(finding);
    }
    report.gaps.push_back({path, "openat: " + name});
    report.places.push_back(
        {path, PlaceKind::configured, "named by " + path + ":3", PlaceState::looked_at});
    report.accounts.push_back({name, 1, Authority::run_tunnel, Audience::group});
  }
  report.hostname = names[0];
  report.user = names[3];
  report.euid = 1000;
  report.sees_all_homes = false;
  return report;
}

inline Report hostile() {
  return hostile_of(hostile_names());
}

// The same in a repository of such a name, with all that rules say of themselves.
inline RuleText rule_text(const std::string& id, Severity severity) {
  return {.id = id,
          .severity = severity,
          .title = "The title of " + id,
          .rationale = "Why it matters.",
          .steps = {"Close FILE:\nchmod 0600 FILE", "Rotate the secret."},
          .references = {"CWE-732, Incorrect Permission Assignment for Critical Resource: "
                         "https://cwe.mitre.org/data/definitions/732.html",
                         "NIST SP 800-53, AC-6: Least Privilege"},
          .kinds = {"tunnel-token", "account-certificate"}};
}

inline std::vector<RuleText> rule_texts_of(const Report& report) {
  std::vector<RuleText> rules{rule_text("never-fires", Severity::low)};
  for (const Finding& finding : report.findings) {
    const auto is_same = [&](const RuleText& rule) { return rule.id == finding.rule; };
    if (std::none_of(rules.begin(), rules.end(), is_same)) {
      rules.push_back(rule_text(finding.rule, finding.severity));
    }
  }
  return rules;
}

inline Report with_rules(Report report) {
  report.rules = rule_texts_of(report);
  return report;
}

inline Report markup() {
  Report report = hostile_of(markup_names());
  report.hostname = markup_names()[0];
  report.source_root = "/home/eve";
  report.rules = rule_texts_of(report);
  RuleText& rule = report.rules.back();
  rule.title = markup_names()[5];
  rule.rationale = markup_names()[12];
  rule.steps = {markup_names()[13] + "\n```\n" + markup_names()[0]};
  rule.references = {markup_names()[12]};
  return report;
}

}  // namespace cfwarden::samples
