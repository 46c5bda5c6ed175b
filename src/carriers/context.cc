#include "cfwarden/carriers/context.h"

#include "cfwarden/base/glob.h"
#include "cfwarden/base/uuid.h"
#include "cfwarden/carriers/all_carriers.h"

#include <algorithm>
#include <array>

namespace cfwarden {
namespace {

using Advice = ContextAdvice;

bool holds_all(std::string_view text, std::string_view first, std::string_view second) {
  return text.find(first) != text.npos && text.find(second) != text.npos;
}

bool is_cloud_config(std::string_view, std::string_view beginning) {
  return beginning.starts_with("#cloud-config") || beginning.starts_with("#cloud-boothook");
}

bool is_state(std::string_view, std::string_view beginning) {
  return beginning.starts_with('{') && holds_all(beginning, "\"version\"", "\"terraform_version\"");
}

bool is_plan(std::string_view, std::string_view beginning) {
  return beginning.starts_with('{') &&
         holds_all(beginning, "\"format_version\"", "\"planned_values\"");
}

bool is_api_response(std::string_view, std::string_view beginning) {
  return beginning.starts_with('{') && holds_all(beginning, "\"success\"", "\"result\"");
}

bool is_property_list(std::string_view, std::string_view beginning) {
  return beginning.starts_with("bplist0") || holds_all(beginning, "<plist", "<dict");
}

bool is_script(std::string_view, std::string_view beginning) {
  return beginning.starts_with("#!");
}

bool is_log(std::string_view, std::string_view beginning) {
  return holds_all(beginning, " INF ", "Z ") && beginning.starts_with("20");
}

bool is_credential_file(std::string_view file_name, std::string_view beginning) {
  constexpr std::string_view extension = ".json";
  const bool is_uuid =
      file_name.ends_with(extension) &&
      parse_uuid(file_name.substr(0, file_name.size() - extension.size())).has_value();
  return is_uuid || beginning.starts_with("-----BEGIN ");
}

bool is_database(std::string_view, std::string_view beginning) {
  return beginning.starts_with("SQLite format 3");
}

// What tells itself by a path that only it has comes before what many files look like. A script may
// assign what an environment file does, too, and is more than that.
constexpr std::array contexts{
    CarrierContext{.name = "vim-swap",
                   .summary = "The swap file of an editor.",
                   .advice = Advice::delete_copy,
                   .takes = takes_vim_swap},
    CarrierContext{.name = "shell-history",
                   .summary = "What somebody typed into a shell.",
                   .placement = Placement::argument,
                   .advice = Advice::clear_history,
                   .names = ".*_history *_history *_history.txt .history .histfile .zhistory "
                            ".lesshst .viminfo .psql_history"},
    CarrierContext{.name = "process",
                   .summary = "The arguments or variables of a process.",
                   .placement = Placement::argument,
                   .advice = Advice::use_token_file,
                   .paths = "/proc/*/cmdline /proc/*/environ"},
    CarrierContext{.name = "kubelet-volume",
                   .summary = "A volume that the kubelet filled in for a pod.",
                   .paths = "**/kubernetes.io~secret/** **/kubernetes.io~projected/**"},
    CarrierContext{
        .name = "runtime-credential",
        .summary = "What the service manager or a container runtime handed to a service.",
        .paths = "/run/credentials/** /run/secrets/** **/nix/store/**"},
    CarrierContext{.name = "cloud-init",
                   .summary = "What a machine is told when it is made.",
                   .advice = Advice::replace_user_data,
                   .names = "user-data user-data.txt user-data.txt.i vendor-data cloud-config.txt",
                   .paths = "/var/lib/cloud/** /run/cloud-init/**",
                   .takes = is_cloud_config},
    CarrierContext{.name = "log",
                   .summary = "A log.",
                   .advice = Advice::clear_log,
                   .names = "*.log *.log.gz *.log.zst *.err *-json.log messages syslog *.journal",
                   .paths = "/var/log/** **/logs/*",
                   .takes = is_log},
    CarrierContext{.name = "terraform-state",
                   .summary = "What Terraform or OpenTofu keeps of its resources.",
                   .advice = Advice::encrypt_state,
                   .names = "*.tfstate *.tfstate.backup *.tfstate.*",
                   .takes = is_state},
    CarrierContext{.name = "terraform-plan",
                   .summary = "A plan of Terraform or OpenTofu.",
                   .advice = Advice::delete_copy,
                   .names = "*.tfplan",
                   .takes = is_plan},
    CarrierContext{.name = "terraform-variables",
                   .summary = "Values for Terraform or OpenTofu.",
                   .advice = Advice::use_secret_store,
                   .names = "*.tfvars *.tfvars.json"},
    CarrierContext{.name = "terraform",
                   .summary = "A module of Terraform or OpenTofu.",
                   .advice = Advice::use_secret_store,
                   .names = "*.tf *.tf.json *.tofu"},
    CarrierContext{.name = "pulumi-state",
                   .summary = "A stack of Pulumi.",
                   .advice = Advice::encrypt_state,
                   .names = "Pulumi.yaml Pulumi.*.yaml",
                   .paths = "**/.pulumi/**"},
    CarrierContext{.name = "ansible",
                   .summary = "Variables or tasks of Ansible.",
                   .advice = Advice::use_secret_store,
                   .paths = "**/group_vars/** **/host_vars/** **/roles/*/*/*.yml **/playbooks/**"},
    CarrierContext{.name = "salt-pillar",
                   .summary = "A pillar or state of Salt.",
                   .advice = Advice::use_secret_store,
                   .names = "*.sls"},
    CarrierContext{.name = "ci-workflow",
                   .summary = "What a build server runs.",
                   .placement = Placement::argument,
                   .advice = Advice::use_secret_store,
                   .names = ".gitlab-ci.yml .travis.yml Jenkinsfile .drone.yml azure-pipelines.yml",
                   .paths = "**/.github/workflows/* **/.gitea/workflows/* **/.circleci/*"},
    CarrierContext{.name = "dockerfile",
                   .summary = "How an image is built.",
                   .placement = Placement::environment,
                   .advice = Advice::use_secret_store,
                   .names = "Dockerfile Dockerfile.* *.Dockerfile Containerfile"},
    CarrierContext{.name = "container-state",
                   .summary = "What Docker or an OCI runtime keeps of a container.",
                   .placement = Placement::environment,
                   .advice = Advice::use_token_file,
                   .names = "config.v2.json hostconfig.json",
                   .paths = "/var/lib/docker/containers/** **/containers/storage/**",
                   .takes = takes_container_state},
    CarrierContext{.name = "helm-values",
                   .summary = "Values of a Helm chart.",
                   .advice = Advice::use_secret_store,
                   .names = "values.yaml values.yml values-*.yaml *.values.yaml"},
    CarrierContext{.name = "kubernetes-manifest",
                   .summary = "A Secret, ConfigMap or pod of Kubernetes.",
                   .advice = Advice::use_secret_store,
                   .takes = takes_kubernetes_manifest},
    CarrierContext{.name = "compose",
                   .summary = "A service of a Compose file.",
                   .placement = Placement::environment,
                   .advice = Advice::use_token_file,
                   .names = "compose.yml compose.yaml docker-compose*.yml docker-compose*.yaml",
                   .takes = takes_compose},
    CarrierContext{.name = "systemd-unit",
                   .summary = "A unit of systemd, a drop-in of one, or a quadlet of Podman.",
                   .placement = Placement::argument,
                   .advice = Advice::use_token_file,
                   .names = "*.service *.container",
                   .paths = "**/systemd/**.d/*.conf",
                   .takes = takes_systemd_unit},
    CarrierContext{.name = "launchd-plist",
                   .summary = "A property list of macOS.",
                   .placement = Placement::argument,
                   .advice = Advice::use_token_file,
                   .names = "*.plist",
                   .takes = is_property_list},
    CarrierContext{.name = "supervisor-config",
                   .summary = "A program of supervisord.",
                   .placement = Placement::argument,
                   .advice = Advice::use_token_file,
                   .takes = takes_supervisor_config},
    CarrierContext{.name = "nomad-job",
                   .summary = "A job of Nomad.",
                   .placement = Placement::argument,
                   .advice = Advice::use_secret_store,
                   .names = "*.nomad *.nomad.hcl"},
    CarrierContext{.name = "pm2",
                   .summary = "What PM2 runs.",
                   .placement = Placement::argument,
                   .advice = Advice::use_token_file,
                   .names = "ecosystem.config.js ecosystem.config.cjs ecosystem.json dump.pm2"},
    CarrierContext{.name = "nix",
                   .summary = "A module of Nix, which the store copies for everyone to read.",
                   .advice = Advice::use_token_file,
                   .names = "*.nix"},
    CarrierContext{.name = "uci-config",
                   .summary = "A configuration of OpenWrt.",
                   .placement = Placement::configuration,
                   .paths = "/etc/config/*"},
    CarrierContext{.name = "makefile",
                   .summary = "What make runs.",
                   .placement = Placement::argument,
                   .advice = Advice::use_token_file,
                   .names = "Makefile makefile GNUmakefile *.mk Justfile"},
    CarrierContext{.name = "mail",
                   .summary = "A mail.",
                   .advice = Advice::delete_copy,
                   .names = "*.eml *.mbox",
                   .paths = "**/Maildir/** /var/mail/* /var/spool/mail/*"},
    CarrierContext{.name = "init-script",
                   .summary = "A script that starts a service, or the command line it is given.",
                   .placement = Placement::argument,
                   .advice = Advice::use_token_file,
                   .names = "rc.local rc.conf",
                   .paths = "/etc/init.d/* /etc/rc.d/** /etc/conf.d/* /etc/sv/** /etc/s6**"},
    CarrierContext{.name = "crontab",
                   .summary = "A line of a crontab.",
                   .placement = Placement::argument,
                   .advice = Advice::use_token_file,
                   .names = "crontab",
                   .paths = "/var/spool/cron/** /etc/cron.d/*"},
    CarrierContext{.name = "script",
                   .summary = "A script.",
                   .placement = Placement::argument,
                   .advice = Advice::use_token_file,
                   .names = "*.sh *.bash *.zsh *.fish *.ps1 *.cmd *.bat *.py *.rb *.pl .profile "
                            ".bashrc .zshrc .kshrc .cshrc .bash_profile .bash_login .zprofile "
                            ".zshenv .zlogin .bash_aliases",
                   .paths = "/etc/profile /etc/bash.bashrc /etc/zsh/*",
                   .takes = is_script},
    CarrierContext{.name = "env-file",
                   .summary = "A NAME=value line of an environment file.",
                   .placement = Placement::environment,
                   .paths = "/etc/default/* /etc/sysconfig/*",
                   .takes = takes_env_file},
    CarrierContext{.name = "api-response",
                   .summary = "What Cloudflare's API answered.",
                   .advice = Advice::delete_copy,
                   .takes = is_api_response},
    CarrierContext{.name = "cloudflared-config",
                   .summary = "A key of cloudflared's config.yml.",
                   .placement = Placement::configuration,
                   .advice = Advice::use_token_file,
                   .takes = takes_cloudflared_config},
    CarrierContext{.name = "database",
                   .summary = "A database.",
                   .names = "*.db *.sqlite *.sqlite3 *.ibd *.mdb",
                   .takes = is_database},
    CarrierContext{.name = "archive",
                   .summary = "A backup or another archive.",
                   .advice = Advice::delete_copy,
                   .names = "*.tar *.tgz *.zip *.gz *.zst *.xz *.7z"},
    CarrierContext{.name = "whole-file",
                   .summary = "The file itself is the credential.",
                   .placement = Placement::whole_file,
                   .names = "cert.pem token *-token",
                   .takes = is_credential_file},
    CarrierContext{.name = "other", .summary = "Some other file.", .names = "*"},
};

bool matches_one(std::string_view globs, std::string_view text) {
  while (!globs.empty()) {
    const std::size_t end = std::min(globs.find(' '), globs.size());
    if (glob_matches(globs.substr(0, end), text)) return true;
    globs.remove_prefix(std::min(end + 1, globs.size()));
  }
  return false;
}

}  // namespace

std::span<const CarrierContext> all_contexts() {
  return contexts;
}

const CarrierContext& context_of(std::string_view path, std::string_view beginning) {
  // A member of an archive can be called anything: every glob would try each of its letters.
  constexpr std::size_t longest_name = 255;
  constexpr std::size_t longest_path = 1024;
  const std::string_view file_name = path.substr(path.rfind('/') + 1);  // npos + 1 is 0.
  if (file_name.size() > longest_name) return contexts.back();
  const std::string_view globbed = path.size() <= longest_path ? path : file_name;
  const BackupName backup = backup_name(file_name);
  for (const CarrierContext& context : contexts) {
    if (matches_one(context.names, file_name) || matches_one(context.names, backup.original) ||
        matches_one(context.paths, globbed) ||
        (context.takes != nullptr && context.takes(backup.original, beginning))) {
      return context;
    }
  }
  return contexts.back();
}

const CarrierContext& context_of_name(std::string_view file_name) {
  const BackupName backup = backup_name(file_name);
  const auto* const context = std::ranges::find_if(contexts, [&](const CarrierContext& row) {
    return matches_one(row.names, file_name) ||
           (backup.is_backup && matches_one(row.names, backup.original));
  });
  return context == contexts.end() ? contexts.back() : *context;
}

bool holds_lines(std::string_view beginning) {
  const bool is_utf16 = beginning.starts_with("\xff\xfe") || beginning.starts_with("\xfe\xff");
  return is_utf16 || beginning.find('\0') == beginning.npos;
}

}  // namespace cfwarden
