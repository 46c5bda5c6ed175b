#include "cfwarden/needs/named_paths.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

using namespace cfwarden;

namespace {

using Form = NamedPath::Form;

bool names(const std::string& text, const std::string& path, Form form = Form::whole) {
  const std::vector<NamedPath> all = paths_named_in(text);
  return std::ranges::any_of(
      all, [&](const NamedPath& one) { return one.path == path && one.form == form; });
}

}  // namespace

TEST_CASE("a path is seen however a command uses it") {
  for (const std::string text : {
           "ExecStart=/bin/sh -c 'x --token \"$(cat /etc/cloudflared/token)\"'",
           "T=`cat /etc/cloudflared/token`",
           "T=$(</etc/cloudflared/token)",
           "read X < /etc/cloudflared/token",
           "ExecStartPre=/bin/cp /etc/cloudflared/token /run/x/",
           "with open('/etc/cloudflared/token') as f:",
           "x --secret=/etc/cloudflared/token;",
           "x -f/etc/cloudflared/token",
           "curl -d @/etc/cloudflared/token",
           "  - /etc/cloudflared/token:/token:ro",
           "x /etc//cloudflared/./token",
           "WorkingDirectory=-/etc/cloudflared/token",
           "x \\\n  /etc/cloudflared/token",
       }) {
    CAPTURE(text);
    CHECK(names(text, "/etc/cloudflared/token"));
  }
}

TEST_CASE("a longer name, a longer path, a comment and what systemd reads itself name nothing") {
  for (const std::string text : {
           "cat /etc/cloudflared/token.old",
           "cat /etc/cloudflared/token-2",
           "cat /srv/etc/cloudflared/token",
           "cat ./etc/cloudflared/token",
           "cat ~/etc/cloudflared/token",
           "# cat /etc/cloudflared/token",
           "  ; cat /etc/cloudflared/token",
           "LoadCredential=token:/etc/cloudflared/token",
           "EnvironmentFile = -/etc/cloudflared/token",
           "ReadOnlyPaths=/x \\\n  /etc/cloudflared/token",
           "ConditionPathExists=!/etc/cloudflared/token",
       }) {
    CAPTURE(text);
    CHECK_FALSE(names(text, "/etc/cloudflared/token"));
  }
}

TEST_CASE("patterns and variables leave a begin or an end") {
  CHECK(names("cat /etc/cloudflared/*.json", "/etc/cloudflared/", Form::begin));
  CHECK(names("cat /etc/cloudflared/$NAME", "/etc/cloudflared/", Form::begin));
  CHECK(names("cat $D/token", "/token", Form::end));
  CHECK(names("cat \"${D}\"/token", "/token", Form::end));
  CHECK(names("cat ${D}/token", "/token", Form::end));
  CHECK_FALSE(names("cat $D/token", "/token"));
}

TEST_CASE("a bare name counts where the text changes its directory") {
  for (const std::string text : {
           "cd /etc/cloudflared && T=$(cat token) x",
           "cd /etc/cloudflared; T=`cat token`",
           "(cd \"$D\" && read T <token)",
           "chdir('/etc/cloudflared')\nopen('token')",
           "ExecStart=/bin/sh -c 'T=$(cat ./token) x'\nWorkingDirectory=/etc/cloudflared",
           "x --chdir=/etc/cloudflared token",
       }) {
    CAPTURE(text);
    CHECK(names(text, "/token", Form::end));
  }
  CHECK(names("cd /etc; cat cloudflared/token", "/cloudflared/token", Form::end));
  for (const std::string text : {
           "cat token",
           "abcd; cat token",
           "cd /etc/cloudflared; x --token $token %d/token /token ${token}",
           "Description=the token\nWorkingDirectory=/etc/cloudflared",
           "# cat token\ncd /etc/cloudflared",
       }) {
    CAPTURE(text);
    CHECK_FALSE(names(text, "/token", Form::end));
  }
}

TEST_CASE("each path has its line") {
  const std::vector<NamedPath> all = paths_named_in("# x\ncat /a/b\n\ncat /c/d");
  REQUIRE(all.size() == 2);
  CHECK(all[0].line == 2);
  CHECK(all[1].line == 4);
}

TEST_CASE("a program that runs others as somebody else is seen by its name alone") {
  for (const std::string text :
       {"su cloudflared -c x", "/usr/bin/sudo -u x y", "exec chpst -u x"}) {
    CAPTURE(text);
    CHECK(may_change_user(text));
  }
  for (const std::string text : {"sum x", "ensue", "pseudo", "result-su", ""}) {
    CAPTURE(text);
    CHECK_FALSE(may_change_user(text));
  }
}
