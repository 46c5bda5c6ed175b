#include "cfwarden/output/phrases.h"

#include "cfwarden/output/layout.h"
#include "samples.h"

#include <doctest/doctest.h>

using namespace cfwarden;

TEST_CASE("long ids are shown by their ends, and cannot carry bytes to the terminal") {
  const Terminal ascii{.charset = Charset::ascii};
  CHECK(short_id(samples::account, {}) == "9f3c…e1b0");
  CHECK(short_id(samples::account, ascii) == "9f3c...e1b0");
  CHECK(short_id("short", {}) == "short");
  CHECK(short_id("", {}).empty());
  CHECK(short_id("\x1b[2J", {}) == "\\x1b[2J");
  CHECK(short_id("\xe4\xb8\xad\xe6\x96\x87\xe4\xb8\xad\xe6\x96\x87\xe4\xb8\xad", {}).find("中") ==
        0);
}

TEST_CASE("what a credential can do depends on its authority and names its scope") {
  CHECK(can_do(samples::certificate(), {}) ==
        "create, delete and re-route every tunnel of account 9f3c…e1b0");
  CHECK(can_do(samples::token(), {}) == "run tunnel 6f1b…c0de: serve its hostnames from anywhere");
  CHECK(can_do(samples::access_token(), {}) ==
        "act as its user in the Access applications of https://example.cloudflareaccess.com");
  Credential session = samples::access_token();
  session.authority = Authority::call_application;
  CHECK(can_do(session, {}) == "call the Access application aud0000111122223333 as its user");
  session.kind = "access-service-token";
  session.audience_claim = "";
  CHECK(can_do(session, {}) == "call the Access applications that admit it, as a service");
  session.kind = "configured-secret";
  CHECK(can_do(session, {}) == "use the service that it is a key to");
  Credential nameless = samples::certificate();
  nameless.scope = {};
  CHECK(can_do(nameless, {}) == "create, delete and re-route every tunnel of its account");
  nameless.authority = Authority::none;
  CHECK(can_do(nameless, {}) == "do nothing by itself");
  Credential federal = samples::token();
  federal.scope.endpoint = "fed";
  CHECK(can_do(federal, {}).ends_with(" (endpoint fed)"));
}

TEST_CASE("a claim of any length stays a clause") {
  Credential credential = samples::access_token();
  credential.issuer = std::string(5000, 'i');
  CHECK(columns_of(can_do(credential, {})) < 130);
}

TEST_CASE("a few names are given and the rest counted, all of them with -v") {
  CHECK(some_of({}, {}) == "other accounts");
  CHECK(some_of({"a"}, {}) == "a");
  CHECK(some_of({"a", "b"}, {}) == "a and b");
  CHECK(some_of({"a", "b", "c", "d"}, {}) == "a, b, c and d");
  CHECK(some_of({"a", "b", "c", "d", "e"}, {}) == "a, b, c and 2 more");
  CHECK(some_of({"a", "b", "c", "d", "e"}, {.verbose = true}) == "a, b, c, d and e");
}

TEST_CASE("who can reach it is said once, with the reason") {
  const ReportedCredential token = samples::group_token();
  CHECK(reached_by(token.exposure.writers, token, {}) == "group cloudflared: alice, deploy");
  CHECK(reached_by(token.exposure.writers, token, {.verbose = true}) ==
        "alice and deploy (group cloudflared: alice, deploy)");
  CHECK(reached_by(token.exposure.readers, token, {}) ==
        "alice, bob, deploy and 2 more (group cloudflared: alice, deploy; mode 0664: www-data, "
        "zoe; acl user:bob:r--)");
  const ReportedCredential sound = samples::sound_token();
  CHECK(reached_by(sound.exposure.readers, sound, {}) == "root only: mode 0600");
  CHECK(reached_by({}, sound, {}) == "root only: mode 0600");
  const ReportedCredential open = samples::exposed_certificate();
  CHECK(reached_by(open.exposure.readers, open, {}) ==
        "everyone: mode 0644, and every directory above can be searched (14 accounts)");
}

TEST_CASE("an account's line names the widest of each, and does not pretend they are one") {
  CHECK(account_line({samples::account, 3, Authority::manage_account, Audience::everyone}, {}) ==
        "9f3c…e1b0: 3 credentials here, the widest can manage every tunnel, the most exposed is "
        "read by everyone");
  CHECK(account_line({samples::account, 1, Authority::run_tunnel, Audience::owner}, {}) ==
        "9f3c…e1b0: 1 credential here, which can run a tunnel and is read by its owner only");
}

TEST_CASE("times are ISO 8601 in UTC") {
  CHECK(utc_text(0) == "1970-01-01T00:00:00Z");
  CHECK(utc_text(-1) == "1969-12-31T23:59:59Z");
  CHECK(utc_text(1709251199) == "2024-02-29T23:59:59Z");
  CHECK(utc_text(253402300799) == "9999-12-31T23:59:59Z");
  CHECK(utc_text(253402300800).empty());
  CHECK(utc_text(INT64_MAX).empty());
  CHECK(utc_text(INT64_MIN).empty());
}

TEST_CASE("numbers have a comma a thousand") {
  CHECK(counted(0) == "0");
  CHECK(counted(999) == "999");
  CHECK(counted(1212) == "1,212");
  CHECK(counted(1234567) == "1,234,567");
  CHECK(counted(1, "place") == "1 place");
  CHECK(counted(0, "place") == "0 places");
}

TEST_CASE("a kind's title is its name as a person writes it") {
  CHECK(kind_title("account-certificate") == "Account certificate");
  CHECK(kind_title("ssh-key") == "SSH key");
  CHECK(kind_title("") == "Credential");
}

TEST_CASE("wrapping loses nothing but the space at the end of a line") {
  CHECK(wrapped("", 10, 10) == std::vector<std::string>{""});
  CHECK(wrapped("one two three", 7, 5) == std::vector<std::string>{"one two", "three"});
  CHECK(wrapped("abcdefghij", 4, 4) == std::vector<std::string>{"abcd", "efgh", "ij"});
  CHECK(wrapped("a  b", 80, 80) == std::vector<std::string>{"a  b"});
  CHECK(wrapped("中文中文", 5, 5) == std::vector<std::string>{"中文", "中文"});
}

TEST_CASE("cutting loses nothing") {
  const std::string path = "/a b  c/" + std::string(50, 'x') + "中文/ y";
  for (std::size_t columns = 2; columns < 70; ++columns) {
    std::string whole;
    for (const std::string& line : cut(path, columns, columns)) {
      CHECK(columns_of(line) <= columns);
      whole += line;
    }
    CHECK(whole == path);
  }
}

TEST_CASE("a service is told by who it is, what starts it, as whom, and whether it is used") {
  Need service = samples::need_of("cloudflared.service", "root", 0);
  CHECK(service_line(service, {}) == "cloudflared.service of systemd, as root; enabled");
  service.is_enabled = false;
  service.is_active = true;
  CHECK(service_line(service, {}) ==
        "cloudflared.service of systemd, as root; not enabled, running");
  CHECK(service_line(samples::of_alice(), {}) == "process:4711, as alice");
}

TEST_CASE("a need says who, as whom, and what is in the way or in doubt") {
  ReportedCredential credential = samples::sound_token();
  const auto only = [&](const Need& need) {
    credential.needs = {need};
    return needed_by(credential, {}).at(0);
  };
  Need need = samples::need_of("cloudflared.service", "cloudflared", 990);
  CHECK(only(need) == "by cloudflared.service (cloudflared)");
  CHECK(only(samples::in_vain(need, "")) == "by cloudflared.service (cloudflared): cannot read it");
  CHECK(only(samples::in_vain(need, "cannot search /root")) ==
        "by cloudflared.service (cloudflared): cannot search /root");
  CHECK(only(samples::of_alice()) ==
        "by process:4711 (alice); alice could have made that up: it counts for files of alice "
        "only");
  need.read_by_manager = true;
  CHECK(only(need) == "by cloudflared.service (cloudflared), handed over by systemd");
  need.what = NeedOf::inline_secret;
  CHECK(only(need) == "by cloudflared.service (cloudflared)");
  need.can_read.reset();
  CHECK(only(need) == "by cloudflared.service (cloudflared): whether it can read it is not known");
}

TEST_CASE("those who cannot read stand first, and many are counted") {
  ReportedCredential credential = samples::sound_token();
  for (int i = 0; i < 6; ++i) {
    credential.needs.push_back(samples::need_of("s" + std::to_string(i), "root", 0));
  }
  credential.needs.push_back(samples::in_vain(samples::need_of("z", "alice", 1000), "closed"));
  credential.needs.push_back(credential.needs.back());
  using Lines = std::vector<std::string>;
  CHECK(needed_by(credential, {}) ==
        Lines{"by z (alice): closed", "by s0 (root)", "by s1 (root)", "and 4 more"});
  CHECK(needed_by(credential, {.verbose = true}).size() == 7);
  credential.needs.resize(4);
  CHECK(needed_by(credential, {}).size() == 4);
}

TEST_CASE("what runs here is known by needs that only root could have made up") {
  Report report = samples::clean();
  CHECK(what_runs_here(report, {}).empty());
  report.credentials[0].needs = {samples::of_alice()};
  CHECK(what_runs_here(report, {}).empty());
  report.credentials[0].needs = {
      samples::in_vain(samples::need_of("lost.service", "cloudflared", 990), "closed")};
  CHECK(what_runs_here(report, {}).empty());
  report.credentials[0].needs = {samples::need_of("cloudflared.service", "root", 0)};
  CHECK(what_runs_here(report, {}) == "cloudflared.service runs with its own tunnel token");
  report.credentials[1].needs = {samples::need_of("cloudflared.service", "root", 0),
                                 samples::need_of("web.service", "root", 0)};
  CHECK(what_runs_here(report, {}) == "cloudflared.service and web.service run without it");
}
