#include "cfwarden/carriers/context.h"

#include "../spots/corpus.h"
#include "cfwarden/carriers/carrier.h"

#include <doctest/doctest.h>

#include <set>
#include <string>
#include <string_view>

namespace cfwarden {
namespace {

using namespace std::string_view_literals;

TEST_CASE("every context has a name of its own and says what it is") {
  std::set<std::string_view> names;
  for (const CarrierContext& context : all_contexts()) {
    CAPTURE(context.name);
    CHECK(names.insert(context.name).second);
    CHECK(context.summary.ends_with('.'));
    CHECK((!context.names.empty() || !context.paths.empty() || context.takes != nullptr));
  }
  CHECK(all_contexts().back().name == "other");
}

TEST_CASE("every carrier but the last is a context, too") {
  for (const Carrier& carrier : all_carriers()) {
    CAPTURE(carrier.name);
    bool is_context = false;
    for (const CarrierContext& context : all_contexts()) is_context |= context.name == carrier.name;
    CHECK(is_context);
  }
}

TEST_CASE("a file is told by its path or by how it begins") {
  struct Case {
    std::string_view path;
    std::string_view beginning;
    std::string_view name;
  };
  constexpr Case cases[] = {
      {"/home/alice/.bash_history", "ls\n", "shell-history"},
      {"/home/alice/.zsh_history.bak", ": 1700000000:0;ls\n", "shell-history"},
      {"/home/alice/.local/share/fish/fish_history", "- cmd: ls\n", "shell-history"},
      {"/srv/PSReadLine/ConsoleHost_history.txt", "Get-Service\n", "shell-history"},
      {"/proc/17/cmdline", "cloudflared\0--token\0"sv, "process"},
      {"/proc/17/environ", "A=1\0"sv, "process"},
      {"/var/lib/kubelet/pods/1/volumes/kubernetes.io~secret/t/token", "", "kubelet-volume"},
      {"/run/credentials/web.service/token", "", "runtime-credential"},
      {"/var/lib/cloud/instance/user-data.txt", "", "cloud-init"},
      {"/root/seed", "#cloud-config\nruncmd:\n", "cloud-init"},
      {"/var/log/cloudflared.log.1", "", "log"},
      {"/srv/app/out", "2024-01-01T00:00:00Z INF Starting tunnel\n", "log"},
      {"/var/lib/docker/containers/0123/0123-json.log", "{\"log\":", "log"},
      {"/srv/terraform.tfstate.backup", "{}", "terraform-state"},
      {"/srv/state", "{\"version\": 4, \"terraform_version\": \"1.9.0\"", "terraform-state"},
      {"/srv/plan.json", "{\"format_version\":\"1.2\",\"planned_values\":{", "terraform-plan"},
      {"/srv/prod.auto.tfvars", "", "terraform-variables"},
      {"/srv/main.tf", "", "terraform"},
      {"/srv/Pulumi.prod.yaml", "", "pulumi-state"},
      {"/srv/group_vars/all.yml", "", "ansible"},
      {"/srv/pillar/tunnel.sls", "", "salt-pillar"},
      {"/srv/repo/.github/workflows/deploy.yml", "on: push\n", "ci-workflow"},
      {"/srv/repo/Dockerfile", "FROM scratch\n", "dockerfile"},
      {"/var/lib/docker/containers/0123/config.v2.json", "{}", "container-state"},
      {"/srv/chart/values.yaml", "a: 1\n", "helm-values"},
      {"/srv/secret.yaml", "apiVersion: v1\nkind: Secret\n", "kubernetes-manifest"},
      {"/srv/stack/docker-compose.prod.yml", "services:\n", "compose"},
      {"/etc/systemd/system/web.service", "[Unit]\n", "systemd-unit"},
      {"/etc/systemd/system/web.service.d/token.conf", "[Service]\nEnvironment=A=1\n",
       "systemd-unit"},
      {"/Library/LaunchDaemons/x.plist", "bplist00", "launchd-plist"},
      {"/etc/supervisor/conf.d/web.conf", "[program:web]\ncommand=x\n", "supervisor-config"},
      {"/srv/tunnel.nomad", "job \"x\" {", "nomad-job"},
      {"/srv/ecosystem.config.js", "module.exports", "pm2"},
      {"/etc/nixos/tunnel.nix", "{ }", "nix"},
      {"/etc/config/cloudflared", "config cloudflared 'config'\n", "uci-config"},
      {"/srv/Makefile", "run:\n", "makefile"},
      {"/home/alice/Maildir/cur/1", "Subject: x\n", "mail"},
      {"/etc/init.d/web", "#!/bin/sh\n", "init-script"},
      {"/var/spool/cron/crontabs/root", "", "crontab"},
      {"/etc/default/cloudflared", "A=1\n", "env-file"},
      {"/srv/.env.bak", "A=1\n", "env-file"},
      {"/root/answer", "{\"success\":true,\"result\":\"x\"}", "api-response"},
      {"/root/setup", "#!/bin/bash\n", "script"},
      {"/home/alice/.bashrc", "export TUNNEL_TOKEN=x\n", "script"},
      {"/home/alice/.bash_profile", "TUNNEL_TOKEN=x\n", "script"},
      {"/home/alice/.profile", "export TUNNEL_TOKEN=x\n", "script"},
      {"/home/alice/.zshrc", "export TUNNEL_TOKEN=x\n", "script"},
      {"/etc/profile", "export TUNNEL_TOKEN=x\n", "script"},
      {"/home/alice/.config/fish/config.fish", "set -x TUNNEL_TOKEN x\n", "script"},
      {"/etc/profile.d/tunnel.sh", "export TUNNEL_TOKEN=x\n", "script"},
      {"/srv/run", "#!/bin/sh\nexport TUNNEL_TOKEN=x\n", "script"},
      {"/srv/tunnel", "TUNNEL_TOKEN=x\n", "env-file"},
      {"/etc/cloudflared/config.yml", "tunnel: web\ncredentials-file: /x\n", "cloudflared-config"},
      {"/srv/app.sqlite", "SQLite format 3", "database"},
      {"/srv/backup.tar.gz", "\x1f\x8b", "archive"},
      {"/etc/cloudflared/cert.pem.bak", "", "whole-file"},
      {"/root/6f1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d.json", "{", "whole-file"},
      {"/root/notes.txt", "hello\n", "other"},
      {"", "", "other"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.path);
    CHECK(context_of(c.path, c.beginning).name == c.name);
  }
}

TEST_CASE("a name alone tells what it can") {
  CHECK(context_of_name("terraform.tfstate").name == "terraform-state");
  CHECK(context_of_name("terraform.tfstate.bak").name == "terraform-state");
  CHECK(context_of_name("values.yaml").name == "helm-values");
  CHECK(context_of_name("package.json").name == "other");
  CHECK(context_of_name("").name == "other");
}

TEST_CASE("each shape of the corpus is the sort of file that its table says") {
  for (const corpus::Shape& shape : corpus::shapes()) {
    CAPTURE(shape.path);
    CHECK(context_of(shape.path, shape.text).name == shape.carrier);
  }
}

TEST_CASE("a name or a path of no file's length is matched no further than costs nothing") {
  CHECK(context_of(std::string(256, 'x') + ".env", "A=b\n").name == "other");
  CHECK(context_of("/" + std::string(2000, 'd') + "/.env", "A=b\n").name == "env-file");
}

TEST_CASE("a file with zero bytes has no lines, unless it is UTF-16") {
  CHECK(holds_lines("a\nb\n"));
  CHECK(holds_lines(""));
  CHECK(
      holds_lines("\xff\xfe"
                  "a\0\n\0"sv));
  CHECK_FALSE(holds_lines("a\0b"sv));
  CHECK_FALSE(holds_lines("bplist00\0"sv));
}

}  // namespace
}  // namespace cfwarden
