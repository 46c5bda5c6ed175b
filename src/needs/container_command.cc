#include "cfwarden/needs/container_command.h"

#include "cfwarden/needs/container_image.h"
#include "cfwarden/needs/definitions.h"
#include "cfwarden/needs/lexical_path.h"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <utility>

namespace cfwarden {
namespace {

using Words = std::vector<std::string>;

void append(Words& words, const std::optional<Words>& more) {
  if (more) words.insert(words.end(), more->begin(), more->end());
}

bool sets(const ContainerDefinition& definition, std::string_view name) {
  const auto found =
      std::ranges::find(definition.environment.rbegin(), definition.environment.rend(), name,
                        &EnvironmentVariable::name);
  return found != definition.environment.rend() && !found->value.empty();
}

// An entrypoint of the image's own is `cloudflared` wherever only that makes sense of the command.
bool is_for_cloudflared(const std::string& word) {
  constexpr std::array<std::string_view, 4> first_words{"tunnel", "access", "proxy-dns",
                                                        "--no-autoupdate"};
  return std::ranges::find(first_words, word) != first_words.end();
}

// nullopt when the image's own command would have to be known.
std::optional<Words> words_of(const ContainerDefinition& definition) {
  Words words;
  if (definition.entrypoint) {
    // It takes the image's own command away with the image's entrypoint.
    append(words, definition.entrypoint);
    append(words, definition.command);
    return words;
  }
  const bool is_official = is_official_image(definition.image);
  const bool has_command = definition.command && !definition.command->empty();
  if (is_official) {
    words.assign(official_entrypoint.begin(), official_entrypoint.end());
    if (!has_command) words.emplace_back("version");
    append(words, definition.command);
    return words;
  }
  if (!has_command) {
    if (!is_cloudflared_image(definition.image)) return words;
    if (sets(definition, "TUNNEL_TOKEN")) return Words{"cloudflared", "tunnel", "run"};
    return std::nullopt;
  }
  if (is_for_cloudflared(definition.command->front())) words.emplace_back("cloudflared");
  append(words, definition.command);
  return words;
}

// `cloudflared` where the image's entrypoint is not known to be anything else.
std::optional<CommandLine> run_by(const ContainerDefinition& definition, Words&& words) {
  auto line = command_line_of(words, definition.environment);
  const bool may_be_entrypoint = !definition.entrypoint && is_cloudflared_image(definition.image);
  if (line || !may_be_entrypoint) return line;
  words.insert(words.begin(), "cloudflared");
  return command_line_of(words, definition.environment);
}

std::string home_of(const ContainerDefinition& definition, const RunAs& run_as) {
  std::string home = home_in_image(run_as, definition.image);
  for (const EnvironmentVariable& variable : definition.environment) {
    if (variable.name == "HOME" && variable.value.starts_with('/')) home = variable.value;
  }
  return lexical_path("/", home);
}

std::string working_directory_of(const ContainerDefinition& definition, const CommandLine& line) {
  const std::string_view of_image = is_official_image(definition.image) ? official_home : "/";
  const std::string start = lexical_path(of_image, definition.working_directory);
  return lexical_path(start, line.working_directory);
}

// "CAP_DAC_OVERRIDE", "dac_override".
bool names_capability(std::string_view text, std::string_view name) {
  const auto upper = [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; };
  if (text.size() == name.size() + 4) text.remove_prefix(4);
  return std::ranges::equal(text, name, {}, upper);
}

bool has_any(const std::vector<std::string>& list, std::initializer_list<std::string_view> names) {
  return std::ranges::any_of(list, [names](const std::string& word) {
    return std::ranges::any_of(names, [&word](auto name) { return names_capability(word, name); });
  });
}

}  // namespace

ContainerRuns read_container(const ContainerDefinition& definition, Start& start) {
  auto words = words_of(definition);
  if (!words) return ContainerRuns::unknown;
  if (words->empty()) return ContainerRuns::something_else;
  auto line = run_by(definition, std::move(*words));
  if (!line) return ContainerRuns::something_else;

  std::string user = line->user.empty() ? definition.user : line->user;
  if (!line->group.empty()) user = user.substr(0, user.find(':')) + ":" + line->group;
  start.run_as = run_as_in_image(user, definition.image);
  start.home = home_of(definition, start.run_as);
  start.working_directory = working_directory_of(definition, *line);
  start.invocation = std::move(line->invocation);
  start.environment_elsewhere = start.environment_elsewhere || line->environment_elsewhere;
  start.is_container = true;
  start.is_official_image = is_official_image(definition.image);
  return ContainerRuns::cloudflared;
}

void clear_unknown_paths(Invocation& invocation) {
  for (std::string* text :
       {&invocation.config, &invocation.origin_certificate, &invocation.credentials_file,
        &invocation.token_file, &invocation.tunnel}) {
    if (text->find(secret_placeholder) != std::string::npos) text->clear();
  }
}

bool loses_capabilities(const std::vector<std::string>& dropped,
                        const std::vector<std::string>& added) {
  return has_any(dropped, {"ALL", "DAC_OVERRIDE"}) &&
         !has_any(added, {"ALL", "DAC_OVERRIDE", "DAC_READ_SEARCH"});
}

EnvironmentVariable variable_of(std::string_view assignment) {
  const std::size_t equals = assignment.find('=');
  if (equals == assignment.npos) return {.name = std::string{assignment}, .value = {}};
  return {.name = std::string{assignment.substr(0, equals)},
          .value = std::string{assignment.substr(equals + 1)}};
}

}  // namespace cfwarden
