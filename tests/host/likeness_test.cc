#include "cfwarden/host/likeness.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace cfwarden {
namespace {

using Words = std::vector<std::string>;

std::string joined(const Words& words) {
  std::string text;
  for (const std::string& word : words) text.append(word).push_back('\0');
  return text;
}

const std::string token = "eyJ" + std::string(60, 'a');

TEST_CASE("a program is cloudflared by its name, wherever it lies and whatever else it is called") {
  for (const Words& words :
       {Words{"cloudflared"}, Words{"/usr/local/bin/cloudflared", "tunnel", "run"},
        Words{"./cloudflared-linux-amd64", "tunnel"}, Words{"cloudflared.old", "--config", "x"},
        Words{"/lib64/ld-linux-x86-64.so.2", "/usr/bin/cloudflared", "tunnel"}}) {
    CAPTURE(joined(words));
    CHECK(likeness_of(joined(words)) == Likeness::cloudflared);
  }
}

TEST_CASE("a program is cloudflared by words and flags that nothing else has") {
  for (const Words& words :
       {Words{"/opt/cfd", "tunnel", "run", "--token-file", "/srv/token"},
        Words{"cfd", "tunnel", "run", "-token-file=/srv/token"},
        Words{"cfd", "tunnel", "--credentials-file", "/srv/x.json", "run", "blog"},
        Words{"cfd", "tunnel", "--origincert=/root/cert.pem", "run"},
        Words{"cfd", "tunnel", "--no-autoupdate", "run"}, Words{"cfd", "tunnel", "run", token},
        Words{"cfd", "tunnel", "run", "--token", "short"}}) {
    CAPTURE(joined(words));
    CHECK(likeness_of(joined(words)) == Likeness::cloudflared);
  }
}

TEST_CASE("what mentions cloudflared is looked at once more elsewhere") {
  for (const Words& words :
       {Words{"sudo", "-u", "nobody", "cloudflared", "tunnel", "run"},
        Words{"sh", "-c", "exec /usr/bin/cloudflared tunnel run --token-file /etc/x"},
        Words{"bash", "-c", "/opt/cfd tunnel run --token-file /etc/x"},
        Words{"bash", "-c", "/opt/cfd tunnel\trun --token " + token},
        Words{"vim", "-R", "/etc/systemd/system/cloudflared.service"},
        Words{"docker", "run", "cloudflare/cloudflared:latest", "tunnel"}}) {
    CAPTURE(joined(words));
    CHECK(likeness_of(joined(words)) == Likeness::mention);
  }
}

TEST_CASE("what is about some tunnel may be cloudflared under another name") {
  CHECK(likeness_of(joined({"tun", "tunnel", "run", "blog"})) == Likeness::unnamed);
  CHECK(likeness_of(joined({"tun", "--config", "x", "tunnel"})) == Likeness::unnamed);
}

TEST_CASE("what has nothing to do with cloudflared is left alone") {
  for (const Words& words :
       {Words{"vim", "/etc/cloudflared/config.yml"}, Words{"ls", "/etc/cloudflared/"},
        Words{"nginx: worker process"}, Words{"sh", "-c", "npm run build"}, Words{""}, Words{},
        Words{"curl", "-H", token}, Words{"app", "run", "--token", token},
        Words{"app", "--credentials-file", "x"}, Words{"app", "run", "--no-autoupdate"},
        Words{"ssh", "-w", "tunnels", "running"}}) {
    CAPTURE(joined(words));
    CHECK(likeness_of(joined(words)) == Likeness::none);
  }
}

TEST_CASE("a command line may lack its last NUL, or be nothing but NULs") {
  CHECK(likeness_of("cloudflared") == Likeness::cloudflared);
  CHECK(likeness_of(std::string(20'000, '\0')) == Likeness::none);
  CHECK(likeness_of("") == Likeness::none);
}

TEST_CASE("a token or a file of one in the arguments tells what cloudflared runs with") {
  CHECK(tells_what_it_needs(joined({"cloudflared", "tunnel", "run", "--token", "x"})));
  CHECK(tells_what_it_needs(joined({"cloudflared", "tunnel", "run", "--token-file=/x"})));
  CHECK(tells_what_it_needs(joined({"cloudflared", "tunnel", "--cred-file", "/x", "run"})));
  CHECK(tells_what_it_needs(joined({"cloudflared", "access", "ssh", "--hostname", "x"})));
  CHECK_FALSE(tells_what_it_needs(joined({"cloudflared", "tunnel", "run", "access"})));
  CHECK_FALSE(tells_what_it_needs(joined({"cloudflared", "tunnel", "run", "blog"})));
  CHECK_FALSE(tells_what_it_needs(joined({"cloudflared", "--no-autoupdate", "tunnel", "run"})));
  CHECK_FALSE(tells_what_it_needs(joined({"cloudflared"})));
}

}  // namespace
}  // namespace cfwarden
