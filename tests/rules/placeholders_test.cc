#include "cfwarden/rules/placeholders.h"

#include "cfwarden/rules/rule.h"

#include <doctest/doctest.h>

using namespace cfwarden;

namespace {

FactValues with(std::string_view name, FactValue value) {
  FactValues facts = no_facts();
  facts.values[static_cast<std::size_t>(find_fact(name) - all_facts().data())] = std::move(value);
  return facts;
}

FactValue number(unsigned value) {
  return static_cast<double>(value);
}

std::string filled_path(const std::string& path) {
  return fill_template("chmod 0600 {path:quoted}", with("path", path));
}

}  // namespace

TEST_CASE("facts stand in a template as people read them") {
  CHECK(fill_template("is {mode}!", with("mode", number(0644))) == "is 0644!");
  CHECK(fill_template("{links} names", with("links", number(2))) == "2 names");
  CHECK(fill_template("{readers}", with("readers", "some-users")) == "some-users");
  CHECK(fill_template("", no_facts()) == "");
}

TEST_CASE("where a fact is unknown its placeholder tells what belongs there") {
  CHECK(fill_template("{account} {tunnel} {path:quoted} {mended_mode} {readers}", no_facts()) ==
        "ACCOUNT_ID TUNNEL_ID FILE MODE unknown");
}

TEST_CASE("braces that name no fact stand for themselves") {
  for (const char* text : {R"({"name": "x", "tunnel_secret": "%s"})", "{}", "{", "}", "${HOME}",
                           "{Mode}", "{mode", "{mode:", "{mode:quoted", "{:quoted}", "a{b{c"}) {
    CAPTURE(text);
    CHECK(fill_template(text, with("mode", number(0644))) == text);
    CHECK(template_problem(text, TemplateUse::step) == "");
  }
  CHECK(fill_template("{{mode}}", with("mode", number(0600))) == "{0600}");
}

TEST_CASE("a name becomes one word of a shell command, whatever it holds") {
  const std::pair<std::string, std::string> cases[] = {
      {"/etc/cloudflared/cert.pem", "/etc/cloudflared/cert.pem"},
      {"/home/a b/cert.pem", "'/home/a b/cert.pem'"},
      {"/home/$(reboot)/`x`;y", "'/home/$(reboot)/`x`;y'"},
      {"/home/it's", R"('/home/it'\''s')"},
      {"/home/\"x\"|y&z>*?~#!", "'/home/\"x\"|y&z>*?~#!'"},
      {"/home/{mode}", "'/home/{mode}'"},
      {"/home/gr\xC3\xBC\xC3\x9F", "'/home/gr\xC3\xBC\xC3\x9F'"},
  };
  for (const auto& row : cases) {
    const auto& [path, word] = row;
    CAPTURE(row.first);
    CHECK(filled_path(path) == "chmod 0600 " + word);
  }
}

TEST_CASE("a name that a screen would show differently is not offered for copying") {
  for (const char* path : {"/home/a\nb", "/home/\x1b[2J", "/home/a\\b", "/home/\xFF",
                           "/home/\xE2\x80\xAEgnp", "/home/\xC2\x9B", "-rf"}) {
    CAPTURE(path);
    CHECK(filled_path(path) == "chmod 0600 FILE");
  }
}

TEST_CASE("an id that is no id never reaches a command") {
  const char* url = "curl \"https://api.example/accounts/{account}/x\"";
  CHECK(fill_template(url, with("account", "699d98642c564d2e855e9661899b7252")) ==
        "curl \"https://api.example/accounts/699d98642c564d2e855e9661899b7252/x\"");
  for (const std::string& id :
       {std::string{"\"; rm -rf ~; \""}, std::string{"$(reboot)"}, std::string{"../../user"},
        std::string{"a b"}, std::string{"\n"}, std::string(65, 'a')}) {
    CAPTURE(id);
    CHECK(fill_template(url, with("account", id)) ==
          "curl \"https://api.example/accounts/ACCOUNT_ID/x\"");
  }
}

TEST_CASE("a step holds no text of others unquoted, a message may") {
  for (const Fact& fact : all_facts()) {
    const std::string plain = "{" + std::string{fact.name} + "}";
    CAPTURE(plain);
    const bool anyones = fact.type == FactType::text && !fact.identifier && !fact.command;
    CHECK((template_problem(plain, TemplateUse::step) == "") == !anyones);
    CHECK(template_problem(plain, TemplateUse::prose) == "");
    const std::string quoted = "{" + std::string{fact.name} + ":quoted}";
    CHECK((template_problem(quoted, TemplateUse::step) == "") == !fact.command);
  }
}

TEST_CASE(
    "under another root a quoted path leads into it, or is left out where a link leads away") {
  FactValues facts = with("path", "/etc/cloudflared/cert.pem");
  facts.root_prefix = "/mnt/my disk";
  CHECK(fill_template("rm {path:quoted}", facts) == "rm '/mnt/my disk/etc/cloudflared/cert.pem'");
  CHECK(fill_template("is {path}", facts) == "is /etc/cloudflared/cert.pem");
  facts.free_of_links = false;
  CHECK(fill_template("rm {path:quoted}", facts) == "rm FILE");
  facts.root_prefix = "";
  CHECK(fill_template("rm {path:quoted}", facts) == "rm /etc/cloudflared/cert.pem");

  FactValues target = with("pointer_target", "/etc/passwd");
  CHECK(fill_template("{pointer_target:quoted}", target) == "/etc/passwd");
  target.root_prefix = "/mnt";
  CHECK(fill_template("{pointer_target:quoted}", target) == "TARGET");
}

TEST_CASE("a clause is nothing where the fact is not known, and stands in no step") {
  CHECK(fill_template("is {mode}{owner:clause}.", with("owner", "alice")) == "is MODE; alice.");
  CHECK(fill_template("is {mode}{owner:clause}.", no_facts()) == "is MODE.");
  CHECK(template_problem("{owner:clause}", TemplateUse::prose) == "");
  CHECK(template_problem("{owner:clause}", TemplateUse::step) ==
        "placeholder '{owner}': only ':quoted' may follow the fact, or ':clause' outside steps");
}
