#include "cfwarden/host/demo_host.h"

#include "cfwarden/host/invented.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <boost/filesystem.hpp>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <fstream>
#include <stdexcept>
#include <string_view>

namespace cfwarden {
namespace {

namespace fs = boost::filesystem;

constexpr std::string_view shop = "6f1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d";
constexpr std::string_view wiki = "0a442b1c-3d4e-4f5a-9b6c-7d8e9f0a1b2c";
constexpr std::string_view mail = "c7d8e9f0-1a2b-4c3d-8e4f-5a6b7c8d9e0f";
constexpr std::string_view chat = "3e4f5a6b-7c8d-4e9f-8a0b-1c2d3e4f5a6b";
constexpr std::string_view files = "8a9b0c1d-2e3f-4a5b-9c6d-7e8f9a0b1c2d";
constexpr std::string_view build = "b2c3d4e5-f6a7-4b8c-9d0e-1f2a3b4c5d6e";
constexpr std::string_view blog = "d4e5f6a7-b8c9-4d0e-8f1a-2b3c4d5e6f70";
constexpr std::string_view intranet = "e5f6a7b8-c9d0-4e1f-9a2b-3c4d5e6f7081";

constexpr std::uint32_t alice = 1001;
constexpr std::uint32_t bob = 1002;
constexpr std::uint32_t carol = 1003;
constexpr std::uint32_t deploy = 1100;
constexpr std::uint32_t cloudflared = 997;

// Lays out one host; every failed call ends the demo.
class Layout {
 public:
  explicit Layout(std::string directory) : directory_{std::move(directory)} {}

  void folder(const std::string& path, unsigned mode, std::uint32_t uid, std::uint32_t gid) {
    fs::create_directories(directory_ + path);
    settle(path, mode, uid, gid);
  }

  void file(const std::string& path, const std::string& content, unsigned mode, std::uint32_t uid,
            std::uint32_t gid) {
    std::ofstream stream{directory_ + path, std::ios::binary};
    stream << content;
    stream.close();
    check(stream ? 0 : -1, path);
    settle(path, mode, uid, gid);
  }

  void second_name(const std::string& path, const std::string& name) {
    check(link((directory_ + path).c_str(), (directory_ + name).c_str()), name);
  }

  void symbolic_link(const std::string& target, const std::string& path) {
    check(symlink(target.c_str(), (directory_ + path).c_str()), path);
  }

  void make_old(const std::string& path, int days) {
    const timespec then{.tv_sec = std::time(nullptr) - std::time_t{86400} * days, .tv_nsec = 0};
    const std::array<timespec, 2> times{then, then};
    check(utimensat(AT_FDCWD, (directory_ + path).c_str(), times.data(), 0), path);
  }

 private:
  // An ordinary user cannot give files away: there everything stays the caller's.
  void settle(const std::string& path, unsigned mode, std::uint32_t uid, std::uint32_t gid) {
    const std::string full = directory_ + path;
    if (geteuid() == 0) check(lchown(full.c_str(), uid, gid), path);
    check(chmod(full.c_str(), mode), path);
  }

  static void check(int outcome, const std::string& path) {
    if (outcome != 0)
      throw std::runtime_error{"cannot lay out " + path + ": " + std::strerror(errno)};
  }

  std::string directory_;
};

std::string passwd_line(const std::string& name, std::uint32_t uid, std::uint32_t gid,
                        const std::string& home) {
  return name + ":x:" + std::to_string(uid) + ":" + std::to_string(gid) + "::" + home +
         ":/bin/bash\n";
}

// An ordinary user owns every file of the demo, so there all its accounts are that user.
void lay_out_accounts(Layout& host) {
  host.folder("", 0755, 0, 0);
  host.folder("/etc", 0755, 0, 0);
  host.file("/etc/hostname", "demo-host\n", 0644, 0, 0);
  const bool is_root = geteuid() == 0;
  const auto uid_of = [&](std::uint32_t uid) { return is_root ? uid : geteuid(); };
  const auto gid_of = [&](std::uint32_t gid) { return is_root ? gid : getegid(); };
  host.file("/etc/passwd",
            passwd_line(is_root ? "root" : "admin", uid_of(0), gid_of(0), "/root") +
                passwd_line("www-data", 33, 33, "/var/www") +
                passwd_line("alice", uid_of(alice), gid_of(alice), "/home/alice") +
                passwd_line("bob", uid_of(bob), gid_of(bob), "/home/bob") +
                passwd_line("carol", uid_of(carol), gid_of(carol), "/home/carol") +
                passwd_line("deploy", deploy, deploy, "/srv/deploy") +
                passwd_line("cloudflared", cloudflared, cloudflared, "/nonexistent"),
            0644, 0, 0);
  const std::string groups =
      is_root ? "root:x:0:\nalice:x:1001:\nbob:x:1002:\ncarol:x:1003:\n"
                "deploy:x:1100:alice,bob\n"
              : "staff:x:" + std::to_string(getegid()) + ":deploy\ndeploy:x:1100:\n";
  host.file("/etc/group", "www-data:x:33:\ncloudflared:x:997:\n" + groups, 0644, 0, 0);
}

void lay_out_system(Layout& host) {
  host.folder("/etc/cloudflared", 0755, 0, 0);
  host.file("/etc/cloudflared/" + std::string{shop} + ".json",
            invented_credentials(shop, invented_secret("shop")), 0644, 0, 0);
  host.file("/etc/cloudflared/config.yml",
            "# Invented by cfwarden demo.\ntunnel: " + std::string{wiki} +
                "\ntoken: " + invented_token(wiki, invented_secret("wiki")) + "\n",
            0644, 0, 0);
  host.file("/etc/cloudflared/token", invented_token(build, invented_secret("build")), 0640, 0,
            deploy);
  host.folder("/usr/local/etc/cloudflared", 0755, 0, 0);
  // Of a login that stored no account id.
  host.file("/usr/local/etc/cloudflared/cert.pem", invented_certificate(""), 0600, 0, 0);
  host.file("/usr/local/etc/cloudflared/" + std::string{mail} + ".json",
            invented_credentials(mail, published_secret()), 0400, 0, 0);
  // Somebody put it there as deploy, who can open it again at any time.
  if (geteuid() == 0) {
    host.file("/usr/local/etc/cloudflared/token", invented_token(chat, invented_secret("deployed")),
              0400, deploy, deploy);
  }
}

// A unit as `cloudflared service install` wrote it from 2022.3.0 to 2026.7.1, and enabled.
void lay_out_service(Layout& host, const std::string& unit, const std::string& settings) {
  const std::string directory = "/etc/systemd/system/";
  host.file(directory + unit,
            "[Unit]\nDescription=cloudflared\nAfter=network-online.target\n"
            "Wants=network-online.target\n\n[Service]\nTimeoutStartSec=15\nType=notify\n" +
                settings +
                "Restart=on-failure\nRestartSec=5s\n\n[Install]\nWantedBy=multi-user.target\n",
            0644, 0, 0);
  host.symbolic_link(directory + unit, directory + "multi-user.target.wants/" + unit);
}

void lay_out_services(Layout& host) {
  host.folder("/etc/systemd", 0755, 0, 0);
  host.folder("/etc/systemd/system", 0755, 0, 0);
  host.folder("/etc/systemd/system/multi-user.target.wants", 0755, 0, 0);
  lay_out_service(host, "cloudflared.service",
                  "ExecStart=/usr/bin/cloudflared --no-autoupdate tunnel run --token " +
                      invented_token(blog, invented_secret("blog")) + "\n");
  // Somebody closed the credentials and forgot who reads them.
  const std::string credentials = "/etc/cloudflared/" + std::string{intranet} + ".json";
  host.file(credentials, invented_credentials(intranet, invented_secret("intranet")), 0600, 0, 0);
  host.file("/etc/cloudflared/intranet.yml",
            "tunnel: " + std::string{intranet} + "\ncredentials-file: " + credentials + "\n", 0644,
            0, 0);
  lay_out_service(host, "intranet.service",
                  "User=cloudflared\nExecStart=/usr/bin/cloudflared --no-autoupdate --config "
                  "/etc/cloudflared/intranet.yml tunnel run\n");
}

void lay_out_root_home(Layout& host) {
  host.folder("/root", 0755, 0, 0);
  host.folder("/root/.cloudflared", 0755, 0, 0);
  host.file("/root/.cloudflared/cert.pem", invented_certificate(invented_account), 0644, 0, 0);
  host.file("/root/.cloudflared/cert.pem.org", invented_certificate(invented_account), 0600, 0, 0);
  host.make_old("/root/.cloudflared/cert.pem.org", 800);
}

void lay_out_alice(Layout& host) {
  const std::string home = "/home/alice/.cloudflared/";
  host.folder("/home", 0755, 0, 0);
  host.folder("/home/alice", 0755, alice, alice);
  host.folder("/home/alice/.cloudflared", 0755, alice, alice);
  // Written by cloudflared 2023.5.0 under umask 002.
  host.file(home + std::string{mail} + ".json", invented_credentials(mail, invented_secret("mail")),
            0620, alice, alice);
  host.file(home + std::string{chat} + ".json",
            invented_credentials(files, invented_secret("files")), 0400, alice, alice);
  host.file(home + "config.yml",
            "tunnel: " + std::string{files} + "\ncredentials-file: /home/alice/gone.json\n", 0644,
            alice, alice);
  host.file("/home/alice/cloudflared_priv.pem",
            pem_block("BOX PRIVATE KEY", invented_secret("key")), 0600, alice, alice);
  host.file("/home/alice/cloudflared_pub.pem", pem_block("BOX PUBLIC KEY", invented_secret("pub")),
            0644, alice, alice);
}

void lay_out_bob(Layout& host) {
  const std::string home = "/home/bob/.cloudflared/";
  host.folder("/home/bob", 0700, bob, bob);
  host.folder("/home/bob/.cloudflared", 0700, bob, bob);
  host.file(home + std::string{files} + ".json", invented_credentials(files, "only-16-bytes..."),
            0400, bob, bob);
  host.file(home + "token", invented_token(chat, std::string(32, '\x2a')), 0604, bob, bob);
  host.file(home + "cert.pem", "-----BEGIN ARGO TUNNEL TOKEN-----\nnot finished", 0600, bob, bob);
}

void lay_out_carol(Layout& host) {
  const std::string home = "/home/carol/.cloudflared/";
  host.folder("/home/carol", 0755, carol, carol);
  host.folder("/home/carol/.cloudflared", 0775, carol, deploy);
  host.file(home + std::string{chat} + ".json", invented_credentials(chat, invented_secret("chat")),
            0400, carol, carol);
  host.second_name(home + std::string{chat} + ".json", home + "spare.json");
}

}  // namespace

Result<DemoHost> lay_out_demo_host() {
  const char* temporary = std::getenv("TMPDIR");
  std::string name = std::string{temporary != nullptr && temporary[0] == '/' ? temporary : "/tmp"} +
                     "/cfwarden-demo.XXXXXX";
  if (mkdtemp(name.data()) == nullptr) {
    return Error{"cannot make a temporary directory: " + std::string{std::strerror(errno)}, errno};
  }
  DemoHost demo{.directory = name, .left_out = {}};
  if (geteuid() != 0) {
    demo.left_out.emplace_back("a credential that somebody else owns (unexpected-owner)");
    demo.left_out.emplace_back("a service that runs as root (service-runs-as-root)");
  }
  const auto fail = [&](const std::exception& error) {
    (void)remove_demo_host(demo);  // The first failure is the one to tell.
    return Error{error.what(), 0};
  };
  try {
    Layout host{name};
    lay_out_accounts(host);
    lay_out_system(host);
    lay_out_services(host);
    lay_out_root_home(host);
    lay_out_alice(host);
    lay_out_bob(host);
    lay_out_carol(host);
  } catch (const std::exception& error) {
    return fail(error);
  }
  return demo;
}

Result<Done> remove_demo_host(const DemoHost& host) {
  boost::system::error_code error;
  fs::remove_all(host.directory, error);
  if (error)
    return Error{"cannot remove " + host.directory + ": " + error.message(), error.value()};
  return Done{};
}

}  // namespace cfwarden
