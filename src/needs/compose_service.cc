#include "cfwarden/needs/compose_service.h"

#include "cfwarden/base/path.h"
#include "cfwarden/needs/container_command.h"
#include "cfwarden/needs/definition_texts.h"
#include "cfwarden/needs/docker.h"
#include "cfwarden/needs/lexical_path.h"
#include "cfwarden/needs/shell_script.h"

#include <algorithm>
#include <array>
#include <optional>

namespace cfwarden {
namespace {

constexpr std::size_t max_env_files = 16;

bool names_cloudflared(std::string_view text) {
  return text.find("cloudflared") != text.npos;
}

// What the shell gives may be the value of a flag, else it may as well be nothing.
std::vector<std::string> without_unknown(std::vector<std::string>&& words) {
  std::vector<std::string> kept;
  for (std::string& word : words) {
    const std::string_view before = kept.empty() ? std::string_view{} : kept.back();
    const bool is_value =
        before.starts_with("--") && !before.starts_with("--no-") && before.find('=') == before.npos;
    if (word != secret_placeholder || is_value) kept.push_back(std::move(word));
  }
  return kept;
}

class ServiceReader {
 public:
  ServiceReader(const ServiceHost& host, ComposeProject& project, const ComposeService& service,
                TextVariables& variables, Starts& starts)
      : host_{host},
        project_{project},
        service_{service},
        texts_{project, variables},
        starts_{starts} {}

  void read() {
    start_.source = StartSource::compose;
    start_.who = service_.name();
    start_.file = project_.file->path;
    start_.line = line_of_command();
    start_.files = project_.files;
    read_definition();
    const ContainerRuns runs = read_container(definition_, start_);
    if (runs != ContainerRuns::something_else || seems_to_run_cloudflared()) add_gaps(runs);
    if (runs == ContainerRuns::cloudflared) finish();
  }

 private:
  std::size_t line_of_command() const {
    for (const char* key : {"command", "entrypoint", "image"}) {
      if (const Branch value = service_[key]; value.is_set()) return value.line();
    }
    return service_.parts().front().line();
  }

  bool seems_to_run_cloudflared() const {
    return names_cloudflared(service_.name()) || names_cloudflared(definition_.image) ||
           names_cloudflared(service_["container_name"].text());
  }

  // Of what the process is given: what it lacks here may come from the shell.
  std::string given(std::string_view text) {
    std::string whole = texts_.expanded(text);
    start_.environment_elsewhere = start_.environment_elsewhere || texts_.is_unknown();
    return whole;
  }

  void read_definition() {
    definition_.image = texts_.expanded(service_["image"].text());
    definition_.entrypoint = words_of(service_["entrypoint"]);
    definition_.command = words_of(service_["command"]);
    definition_.working_directory = texts_.expanded(service_["working_dir"].text());
    definition_.user = texts_.expanded(service_["user"].text());
    user_is_unknown_ = texts_.is_unknown();
    if (user_is_unknown_) definition_.user.clear();
    for (const Branch& part : service_.all("env_file")) read_env_files(part);
    for (const Branch& part : service_.all("environment")) read_environment(part);
  }

  // A text is split as a shell does, but after its variables are replaced.
  std::optional<std::vector<std::string>> words_of(const Branch& branch) {
    if (branch.is(BranchType::text)) return without_unknown(shell_words(given(branch.text())));
    if (!branch.is(BranchType::sequence)) return std::nullopt;
    std::vector<std::string> words = branch.texts();
    for (std::string& word : words) word = given(word);
    return without_unknown(std::move(words));
  }

  // A path, or a list of paths and of {path, required}.
  void read_env_files(const Branch& part) {
    const bool is_list = part.is(BranchType::sequence);
    std::size_t count = 0;
    for (const Branch& entry : is_list ? part.children() : std::vector<Branch>{part}) {
      if (++count > max_env_files) return;
      read_env_file(entry.is(BranchType::mapping) ? entry["path"] : entry);
    }
  }

  void read_env_file(const Branch& branch) {
    if (!branch.is(BranchType::text)) return;
    const std::string path = texts_.host_path(given(branch.text()));
    if (texts_.is_unknown()) return;
    start_.files.push_back(path);
    const ServiceText* text = named_text(host_, *project_.file, path, starts_);
    const auto* lines = text != nullptr ? project_.env_files.lines_of(*text) : nullptr;
    if (lines == nullptr) {
      start_.environment_elsewhere = true;  // Anything may be in it.
      return;
    }
    for (const EnvFileLine& line : *lines) {
      if (line.value) {
        definition_.environment.push_back({.name = line.name, .value = *line.value});
      } else {
        pass_through(line.name);
      }
    }
  }

  // A mapping, or a list of NAME=VALUE and of NAME.
  void read_environment(const Branch& part) {
    const bool is_list = part.is(BranchType::sequence);
    if (part.is(BranchType::alias)) start_.environment_elsewhere = true;
    for (const Branch& entry : part.children()) {
      if (entry.is(BranchType::alias)) {
        start_.environment_elsewhere = true;
      } else if (is_list) {
        read_assignment(entry.text());
      } else if (entry.is(BranchType::text)) {
        definition_.environment.push_back(
            {.name = std::string{entry.key()}, .value = given(entry.text())});
      } else if (entry.is(BranchType::null)) {
        pass_through(std::string{entry.key()});
      }
    }
  }

  void read_assignment(std::string_view text) {
    if (text.find('=') == text.npos) {
      pass_through(std::string{text});
    } else {
      definition_.environment.push_back(variable_of(given(text)));
    }
  }

  // A name alone takes its value from .env or from the shell.
  void pass_through(const std::string& name) {
    if (name.empty()) return;
    definition_.environment.push_back({.name = name, .value = given("${" + name + "}")});
  }

  void finish() {
    clear_unknown_paths(start_.invocation);
    start_.run_as.more_groups = service_["group_add"].texts();
    start_.run_as.loses_capabilities =
        service_["privileged"].text() != "true" &&
        loses_capabilities(service_["cap_drop"].texts(), service_["cap_add"].texts());
    compose_mounts(project_, service_, texts_).give_to(start_, starts_);
    const std::string restart = texts_.expanded(service_["restart"].text());
    start_.is_enabled = !restart.empty() && restart != "no" && restart != "false" &&
                        service_["profiles"].children().empty();
    const std::string userns_mode = texts_.expanded(service_["userns_mode"].text());
    if (texts_.took_known() && !project_.env_file.empty()) {
      start_.files.push_back(project_.env_file);
    }
    shift_docker_ids(host_, *project_.file, userns_mode, start_, starts_);
    add_start(std::move(start_), starts_);
  }

  void add_gaps(ContainerRuns runs) {
    for (const Branch& part : service_.parts()) add_gaps_of(part);
    if (runs == ContainerRuns::unknown) {
      add_gap_at(service_["image"], "the command of this image is not known");
    }
    if (user_is_unknown_) add_gap_at(service_["user"], "user comes from the shell");
  }

  void add_gaps_of(const Branch& part) {
    constexpr std::array keys{"image",   "command", "entrypoint", "environment", "env_file",
                              "volumes", "secrets", "configs",    "user",        "working_dir"};
    if (part.is(BranchType::alias))
      add_gap_at(part, "the service is an alias, which is not followed");
    if (part["<<"].is_set()) add_gap_at(part["<<"], "merged keys are not followed");
    if (part["extends"].is_set()) add_gap_at(part["extends"], "extends is not followed");
    for (const char* key : keys) {
      const Branch value = part[key];
      if (value.is(BranchType::alias) || has_alias(value)) {
        add_gap_at(value, std::string{key} + " is or holds an alias, which is not followed");
      }
    }
  }

  static bool has_alias(const Branch& value) {
    return std::ranges::any_of(value.children(), [](const Branch& item) {
      return item.is(BranchType::alias) || item.key() == "<<";
    });
  }

  void add_gap_at(const Branch& where, std::string_view why) {
    add_gap(project_.file->path, "line " + std::to_string(where.line()) + ": " + std::string{why},
            starts_);
  }

  const ServiceHost& host_;
  ComposeProject& project_;
  const ComposeService& service_;
  ComposeTexts texts_;
  Starts& starts_;
  ContainerDefinition definition_;
  Start start_;
  bool user_is_unknown_ = false;
};

}  // namespace

std::string ComposeTexts::expanded(std::string_view text) {
  std::string whole = variables_.as_compose(text);
  is_unknown_ = variables_.took_unknown();
  took_known_ = variables_.took_known() || took_known_;
  return whole;
}

std::string ComposeTexts::host_path(std::string_view path) const {
  const bool is_of_home = path == "~" || path.starts_with("~/");
  if (is_of_home) return lexical_path("/", project_.home + std::string{path.substr(1)});
  return lexical_path(directory_of(project_.file->path), path);
}

const std::vector<EnvFileLine>* ComposeEnvFiles::lines_of(const ServiceText& file) {
  if (file.text.size() > max_env_file_bytes) return nullptr;
  const auto [at, is_new] = known_.try_emplace(&file);
  std::vector<EnvFileLine>& lines = at->second;
  if (is_new) lines = compose_env_file(file.text);
  if (lines.size() > lines_left_) return nullptr;
  lines_left_ -= lines.size();
  return &lines;
}

void read_compose_service(const ServiceHost& host, ComposeProject& project,
                          const ComposeService& service, TextVariables& variables, Starts& starts) {
  ServiceReader{host, project, service, variables, starts}.read();
}

}  // namespace cfwarden
