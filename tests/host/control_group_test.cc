#include "cfwarden/host/control_group.h"

#include <doctest/doctest.h>

#include <string>

namespace cfwarden {
namespace {

const std::string id = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

TEST_CASE("a service of the system is named by its control group, of either version") {
  for (const char* text :
       {"0::/system.slice/cloudflared.service\n", "0::/system.slice/cloudflared.service",
        "12:pids:/system.slice/other.service\n1:name=systemd:/system.slice/cloudflared.service\n",
        "0::/tunnels.slice/tunnels-eu.slice/cloudflared.service\n",
        "0::/system.slice/cloudflared.service/named/by.service\n",
        "0::/\n1:name=systemd:/system.slice/cloudflared.service\n"}) {
    CAPTURE(text);
    const ControlGroup group = control_group_of(text);
    CHECK(group.unit == "cloudflared.service");
    CHECK_FALSE(group.unit_user);
    CHECK(group.container.empty());
  }
}

TEST_CASE("an instance keeps its name") {
  CHECK(control_group_of("0::/system.slice/system-cloudflared.slice/cloudflared@blog.service\n")
            .unit == "cloudflared@blog.service");
  CHECK(control_group_of("0::/system.slice/__own.service\n").unit == "_own.service");
}

TEST_CASE("a service of a user says whose it is") {
  const ControlGroup group = control_group_of(
      "0::/user.slice/user-1000.slice/user@1000.service/app.slice/cloudflared.service\n");
  CHECK(group.unit == "cloudflared.service");
  CHECK(group.unit_user == 1000);
}

TEST_CASE("a user cannot pass a service off as the system's or as another user's") {
  const ControlGroup group = control_group_of(
      "0::/user.slice/user-1000.slice/user@1000.service/user@0.service/cloudflared.service\n");
  CHECK(group.unit == "user@0.service");
  CHECK(group.unit_user == 1000);
}

TEST_CASE("a session, a scope and the manager itself are no service") {
  for (const char* text :
       {"0::/user.slice/user-1000.slice/session-3.scope\n", "0::/init.scope\n", "0::/\n", "",
        "0::/user.slice/user-1000.slice/user@1000.service\n", "0::/system.slice\n",
        "0::/user.slice/user-1000.slice/user@1000.service/init.scope\n", "nonsense",
        "0:", "4:cpu:/system.slice/cloudflared.service\n",
        "0::/user.slice/user-1000.slice/session-3.scope/cloudflared.service\n"}) {
    CAPTURE(text);
    CHECK(control_group_of(text).unit.empty());
    CHECK_FALSE(control_group_of(text).unit_user);
  }
}

TEST_CASE("a container is named by its id, whoever runs it") {
  for (const std::string& path :
       {"/docker/" + id, "/system.slice/docker-" + id + ".scope",
        "/machine.slice/libpod-" + id + ".scope/container",
        "/kubepods.slice/kubepods-besteffort.slice/cri-containerd-" + id + ".scope",
        "/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-" + id + ".scope"}) {
    CAPTURE(path);
    CHECK(control_group_of("0::" + path + "\n").container == id);
    CHECK(control_group_of("7:memory:" + path + "\n").container == id);
    CHECK(control_group_of("0::" + path + "\n").unit.empty());
  }
}

TEST_CASE("a container that a service runs has both names") {
  const ControlGroup group =
      control_group_of("0::/system.slice/blog.service/libpod-payload-" + id + "\n");
  CHECK(group.unit == "blog.service");
  CHECK(group.container == id);
}

TEST_CASE("more or fewer digits are no container") {
  CHECK(control_group_of("0::/docker/" + id + "0\n").container.empty());
  CHECK(control_group_of("0::/docker/" + id.substr(1) + "\n").container.empty());
}

}  // namespace
}  // namespace cfwarden
