#include "cfwarden/rules/need_facts.h"

#include "cfwarden/rules/rule.h"

#include <doctest/doctest.h>

using namespace cfwarden;

namespace {

using Names = std::vector<std::string>;

constexpr std::uint32_t service_id = 990;

Need need(const std::string& who, std::uint32_t id, std::optional<bool> can_read) {
  return {.who = who,
          .user = id == 0 ? "root" : "u" + std::to_string(id),
          .uid = id,
          .gid = id,
          .can_read = can_read};
}

Subject subject_with(unsigned mode, std::uint32_t uid, std::uint32_t gid,
                     const std::vector<Need>& needs) {
  Subject subject;
  subject.facts.permissions = {.mode = mode, .uid = uid, .gid = gid};
  subject.needs = needs;
  return subject;
}

std::string filled(std::string_view text, const Subject& subject) {
  return fill_template(text, facts_of(subject));
}

}  // namespace

TEST_CASE("of several needs each name stands once, in their order") {
  const Subject subject = subject_with(
      0600, 0, 0, {need("b", 0, true), need("a", service_id, true), need("b", 0, true)});
  CHECK(names_of_needs(subject) == Names{"b", "a"});
  CHECK(users_of_needs(subject) == Names{"root", "u990"});
  CHECK(filled("{needed_by} {needed_count} {runs_as}", subject) == "b, a 2 root, u990");
}

TEST_CASE("one that cannot read it makes the answer no, one that is unknown makes it unknown") {
  const Need yes = need("a", 0, true);
  const Need no = need("b", 7, false);
  const Need unknown = need("c", 8, std::nullopt);
  CHECK(can_be_read(subject_with(0600, 0, 0, {})) == Answer::unknown);
  CHECK(can_be_read(subject_with(0600, 0, 0, {yes, yes})) == Answer::yes);
  CHECK(can_be_read(subject_with(0600, 0, 0, {yes, unknown})) == Answer::unknown);
  CHECK(can_be_read(subject_with(0600, 0, 0, {unknown, no})) == Answer::no);
}

TEST_CASE("the obstacle is that of the first who cannot read, with who it is") {
  Need unit = need("web.service", 7, false);
  unit.obstacle = "cannot search /root (mode 0700, owner root)";
  Need container = need("web", 65532, false);
  container.source = StartSource::docker;
  container.is_container = true;
  container.obstacle = "ProtectHome=yes hides /root";
  CHECK(first_obstacle(subject_with(0600, 0, 0, {need("a", 0, true), unit, container})) ==
        "web.service (User=u7) cannot search /root (mode 0700, owner root)");
  CHECK(first_obstacle(subject_with(0600, 0, 0, {container})) ==
        "container web (user u65532): ProtectHome=yes hides /root");
  container.obstacle.clear();
  CHECK(first_obstacle(subject_with(0600, 0, 0, {container})) ==
        "container web (user u65532) cannot read it");
  CHECK(first_obstacle(subject_with(0600, 0, 0, {need("a", 0, true)})).empty());
}

TEST_CASE("a service reads through a group only if it is in it, and the group gives the reading") {
  const Need service = need("s", service_id, true);
  CHECK(is_read_through_service_group(subject_with(0640, 0, service_id, {service})));
  CHECK_FALSE(is_read_through_service_group(subject_with(0604, 0, service_id, {service})));
  CHECK_FALSE(is_read_through_service_group(subject_with(0640, 0, 100, {service})));
  Need member = service;
  member.more_gids = {7, 100};
  CHECK(is_read_through_service_group(subject_with(0640, 0, 100, {member})));
  member.uid.reset();
  member.user = "dynamic";
  CHECK(is_read_through_service_group(subject_with(0640, 0, 100, {member})));
  CHECK_FALSE(is_read_through_service_group(subject_with(0640, service_id, service_id, {service})));
  CHECK_FALSE(is_read_through_service_group(
      subject_with(0640, 0, service_id, {need("s", service_id, false)})));
  for (const std::uint32_t of_nobody : {0U, 65534U}) {
    Need odd = service;
    odd.gid = of_nobody;
    CHECK_FALSE(is_read_through_service_group(subject_with(0640, 0, of_nobody, {odd})));
  }
  Need made_up = service;
  made_up.controlled_by = service_id;
  CHECK_FALSE(is_read_through_service_group(subject_with(0640, 0, service_id, {made_up})));
  Need handed_over = service;
  handed_over.read_by_manager = true;
  CHECK_FALSE(is_read_through_service_group(subject_with(0640, 0, service_id, {handed_over})));
}

TEST_CASE("outsiders of a service's group are those whom no need names") {
  Subject subject = subject_with(0640, 0, service_id, {need("s", service_id, true)});
  subject.exposure.readers = {.audience = Audience::group, .accounts = {"alice", "u990"}};
  CHECK(group_outsiders(subject) == Names{"alice"});
  CHECK(filled("{service_group} {group_outsiders}", subject) == "yes alice");
  subject.exposure.readers.audience = Audience::everyone;
  CHECK(group_outsiders(subject).empty());
  subject.exposure.readers.audience = Audience::group;
  subject.needs.front().gid = 7;
  CHECK(group_outsiders(subject).empty());
}

TEST_CASE("who would be locked out by a mode is whoever reads by a bit that it lacks") {
  struct Case {
    unsigned mode;
    std::uint32_t gid;  // Of the file.
    unsigned mended;
    bool is_locked_out;
  };
  const Case cases[] = {
      {0644, 0, 0600, true},           {0644, 0, 0604, false}, {0640, service_id, 0600, true},
      {0640, service_id, 0640, false}, {0644, 0, 0640, true},  {0644, service_id, 0640, false},
      {0640, 100, 0640, false},  // By a supplementary group.
  };
  for (const Case& c : cases) {
    CAPTURE(c.mode);
    CAPTURE(c.gid);
    CAPTURE(c.mended);
    const Subject subject = subject_with(c.mode, 0, c.gid, {need("s", service_id, true)});
    CHECK(locked_out_by(c.mended, subject).empty() != c.is_locked_out);
  }
  const Subject others = subject_with(
      0644, 7, 0, {need("root", 0, true), need("owner", 7, true), need("out", 8, false)});
  CHECK(locked_out_by(0600, others).empty());
  Need made_up = need("eve", 9, true);
  made_up.controlled_by = 9;
  CHECK(locked_out_by(0600, subject_with(0644, 0, 0, {made_up})).empty());
  Need dynamic = need("d", 1, true);
  dynamic.user = "dynamic";
  dynamic.uid.reset();
  CHECK(locked_out_by(0600, subject_with(0644, 0, 0, {dynamic})) == Names{"d (User=dynamic)"});
}

TEST_CASE("a finding's service is its own, else one that cannot read, else one that is not root") {
  Subject subject = subject_with(0600, 0, 0, {});
  CHECK(service_of(subject) == nullptr);
  CHECK(filled("{service} {service_uid} {service_gid}", subject) ==
        "SERVICE SERVICE_UID SERVICE_GID");
  subject.needs = {need("root", 0, true)};
  CHECK(service_of(subject)->who == "root");
  subject.needs.push_back(need("other", 7, true));
  CHECK(service_of(subject)->who == "other");
  subject.needs.push_back(need("vain", 8, false));
  CHECK(filled("{service} {service_uid} {service_gid} {start_source}", subject) ==
        "vain 8 8 systemd");
  subject.service = ServiceFacts{.need = need("own", 9, true)};
  CHECK(service_of(subject)->who == "own");
}

TEST_CASE("what only services can be asked is unknown of files, and the other way round") {
  Subject service;
  service.type = SubjectType::service;
  Need idle = need("s", 0, std::nullopt);
  idle.is_in_use = false;
  service.service = ServiceFacts{
      .need = idle, .resolves = Answer::no, .tried = {"/a", "/b"}, .missing = "the token file"};
  CHECK(filled("{runs_as_root} {service_resolves} {missing} {tried}", service) ==
        "yes no the token file /a, /b");
  CHECK(filled("{service_enabled} {service_active} {service_in_use}", service) == "no no no");
  CHECK(filled("{host_has_needs} {on_connector} {needed_count}", service) ==
        "unknown unknown unknown");
  service.service->need.is_active = true;
  service.service->need.is_in_use = true;
  CHECK(filled("{service_enabled} {service_active} {service_in_use}", service) == "no yes yes");
  service.service->need.uid.reset();
  CHECK(filled("{runs_as_root}", service) == "unknown");
  service.service->need.user = "dynamic";
  CHECK(filled("{runs_as_root}", service) == "no");
  service.service->tried.assign(15, "/x");
  CHECK(filled("{tried}", service).ends_with("/x and 3 more"));
  const Subject file = subject_with(0600, 0, 0, {need("s", 0, true)});
  CHECK(filled("{runs_as_root} {service_resolves} {service_in_use}", file) ==
        "unknown unknown unknown");
}

TEST_CASE("a script stays executable when its mode is mended") {
  Subject script = subject_with(0755, 0, 0, {});
  script.carrier = "init-script";
  CHECK(filled("{allowed_mode} {mode_excess} {mended_mode} {definition}", script) ==
        "0700 0055 0700 init-script");
  script.carrier = "whole-file";
  CHECK(filled("{allowed_mode} {mended_mode} {definition}", script) == "0600 0600 none");
}

TEST_CASE("a lock-out is warned of in a clause, which is nothing where there is none") {
  Subject subject = subject_with(0644, 0, 0, {need("s", service_id, true)});
  CHECK(filled("is {mode}{lock_out_warning:clause}", subject) ==
        "is 0644; chmod alone would lock out s (User=u990)");
  subject.needs.clear();
  CHECK(filled("is {mode}{lock_out_warning:clause}", subject) == "is 0644");
}
