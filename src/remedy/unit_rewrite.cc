#include "cfwarden/remedy/unit_rewrite.h"

#include "cfwarden/base/path.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <initializer_list>
#include <optional>

namespace cfwarden {
namespace {

enum class Form {
  fixed,     // The whole line.
  varies,    // A key whose value may differ.
  optional,  // The same, and the line may be absent.
  command,
};

struct TemplateLine {
  std::string_view text;
  Form form = Form::fixed;
};

// Of 2022.3.0 to 2026.8.2; what changed between them are the values that may vary, Wants, and
// what follows `tunnel run`.
constexpr std::array installed_unit{
    TemplateLine{"[Unit]"},
    TemplateLine{"Description=", Form::varies},
    TemplateLine{"After=", Form::varies},
    TemplateLine{"Wants=", Form::optional},
    TemplateLine{""},
    TemplateLine{"[Service]"},
    TemplateLine{"TimeoutStartSec=", Form::varies},
    TemplateLine{"Type=notify"},
    TemplateLine{"ExecStart=", Form::command},
    TemplateLine{"Restart=on-failure"},
    TemplateLine{"RestartSec=5s"},
    TemplateLine{""},
    TemplateLine{"[Install]"},
    TemplateLine{"WantedBy=multi-user.target"},
};

constexpr std::string_view before_argument = " --no-autoupdate tunnel run ";
constexpr std::string_view token_flag = "--token ";
constexpr std::string_view file_flag = "--token-file ";

bool is_letter_or_digit(char byte) {
  return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
         (byte >= '0' && byte <= '9');
}

bool consists_of(std::string_view text, std::string_view more) {
  return !text.empty() && std::ranges::all_of(text, [more](char byte) {
    return is_letter_or_digit(byte) || more.find(byte) != std::string_view::npos;
  });
}

// Nothing that systemd would take for a quote, a specifier or a variable.
bool is_plain_path(std::string_view path) {
  return path.starts_with('/') && consists_of(path, "/._+-");
}

bool is_token(std::string_view word) {
  return consists_of(word, "+/=");
}

// A backslash at its end would take in the next line.
bool is_harmless_value(std::string_view value) {
  return !value.empty() && value.back() != '\\' && std::ranges::none_of(value, [](char byte) {
    const auto code = static_cast<unsigned char>(byte);
    return code < 0x20 || code == 0x7f;
  });
}

// What follows `tunnel run`, in the bytes.
struct Command {
  std::size_t line = 0;
  std::size_t begin = 0;
  std::size_t end = 0;
  bool names_file = false;
  std::string_view argument;
  std::string_view program;
};

// `value` stands behind "ExecStart=".
std::optional<Command> command_in(std::string_view value) {
  const auto gap = value.find(' ');
  if (gap == std::string_view::npos) return std::nullopt;
  const std::string_view program = value.substr(0, gap);
  const std::string_view rest = value.substr(gap);
  if (!is_plain_path(program) || !file_name_of(program).starts_with("cloudflared") ||
      !rest.starts_with(before_argument)) {
    return std::nullopt;
  }
  Command command{.begin = gap + before_argument.size(), .end = value.size(), .program = program};
  std::string_view flag = value.substr(command.begin);
  command.names_file = flag.starts_with(file_flag);
  if (!command.names_file && !flag.starts_with(token_flag)) return std::nullopt;
  flag.remove_prefix(command.names_file ? file_flag.size() : token_flag.size());
  command.argument = flag;
  if (!(command.names_file ? is_plain_path(flag) : is_token(flag))) return std::nullopt;
  return command;
}

bool fits(std::string_view line, const TemplateLine& expected) {
  switch (expected.form) {
    case Form::fixed:
      return line == expected.text;
    case Form::varies:
    case Form::optional:
      return line.starts_with(expected.text) &&
             is_harmless_value(line.substr(expected.text.size()));
    case Form::command:
      return line.starts_with(expected.text) &&
             command_in(line.substr(expected.text.size())).has_value();
  }
  return false;
}

Error not_the_template(std::size_t line) {
  return {"line " + std::to_string(line) + " is not as cloudflared service install writes it", 0};
}

Result<Command> command_of(std::string_view bytes) {
  Command command;
  std::size_t number = 1;
  std::size_t start = 0;
  for (const TemplateLine& expected : installed_unit) {
    const auto end = bytes.find('\n', start);
    if (end == std::string_view::npos) return not_the_template(number);
    const std::string_view line = bytes.substr(start, end - start);
    if (!fits(line, expected)) {
      if (expected.form == Form::optional) continue;
      return not_the_template(number);
    }
    if (expected.form == Form::command) {
      command = *command_in(line.substr(expected.text.size()));
      command.line = number;
      command.begin += start + expected.text.size();
      command.end += start + expected.text.size();
    }
    start = end + 1;
    ++number;
  }
  if (start != bytes.size()) return not_the_template(number);
  return command;
}

Secret replaced(std::string_view bytes, std::size_t begin, std::size_t end,
                std::initializer_list<std::string_view> by) {
  std::size_t size = bytes.size() - (end - begin);
  for (const std::string_view part : by) size += part.size();
  Secret result{size};
  auto at = std::ranges::copy(bytes.substr(0, begin), result.writable().begin()).out;
  for (const std::string_view part : by) at = std::ranges::copy(part, at).out;
  std::ranges::copy(bytes.substr(end), at);
  return result;
}

}  // namespace

Result<UnitWithToken> unit_with_token(std::string_view bytes) {
  const Result<Command> command = command_of(bytes);
  if (!command) return command.error();
  if (command->names_file) return Error{"it uses --token-file already", EALREADY};
  return UnitWithToken{.line = command->line,
                       .begin = command->begin,
                       .end = command->end,
                       .token = command->argument,
                       .program = command->program};
}

Result<std::string> token_file_of_unit(std::string_view bytes) {
  const Result<Command> command = command_of(bytes);
  if (!command) return command.error();
  if (!command->names_file) return Error{"it holds its token itself", 0};
  return std::string{command->argument};
}

Secret with_token_file(std::string_view bytes, const UnitWithToken& unit,
                       std::string_view token_path) {
  return replaced(bytes, unit.begin, unit.end, {file_flag, token_path});
}

Result<Secret> with_token(std::string_view bytes, std::string_view token_path,
                          std::string_view token) {
  const Result<Command> command = command_of(bytes);
  if (!command) return command.error();
  if (!command->names_file || command->argument != token_path) {
    return Error{"line " + std::to_string(command->line) + " does not name this token file", 0};
  }
  if (!is_token(token)) return Error{"the token file holds no token", 0};
  return replaced(bytes, command->begin, command->end, {token_flag, token});
}

}  // namespace cfwarden
