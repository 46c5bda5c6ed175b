// What the commands and the shell scripts of one service start, scripts inside of scripts included.
#pragma once

#include "cfwarden/needs/command_line.h"
#include "cfwarden/needs/definitions.h"
#include "cfwarden/needs/shell_script.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace cfwarden {

// A definition that runs commands.
struct ScriptedService {
  // source, who, file, files (`file` is the first), run_as, home, working_directory, is_enabled.
  Start start;
  const ServiceText* text = nullptr;  // The file; what it may name follows from its owner.
  std::vector<EnvironmentVariable> environment;  // What every command of it is given.
};

// One for each source: the scripts that are taken in and run share a bound.
class ScriptStarts {
 public:
  ScriptStarts(const ServiceHost& host, Starts& starts) : host_(host), starts_(starts) {}

  // Adds what `argv`, written at `line` of the service's file, starts; nothing that runs no tunnel.
  void add_command(const ScriptedService& service, const std::vector<std::string>& argv,
                   std::size_t line);

  // Every command of a script that was read.
  void add_script(const ScriptedService& service, const ShellScript& script);

  // A start whose command line is known already.
  void add(const ScriptedService& service, const CommandLine& command, std::size_t line);

  // The files that a script takes in: adds them to the service's, and those that are not there to
  // what is wanted. `service` outlives it.
  SourcedText sources_of(ScriptedService& service);

 private:
  struct Layer {
    std::string directory;  // Where `cd` led.
    std::size_t line = 0;   // Of the service's file; 0: that of each command.
    std::size_t depth = 0;
  };

  void add_at(const ScriptedService& service, const std::vector<std::string>& argv,
              const Layer& layer);
  void add_all(const ScriptedService& service, const ShellScript& script, Layer layer);
  void add_wrapped(const ScriptedService& service, const std::string& script, const Layer& layer);
  std::vector<EnvironmentVariable> variables_in(ScriptedService& service,
                                                const std::vector<std::string>& directories);
  // nullptr where there is none, which is asked for once.
  const ServiceText* text_of(const ScriptedService& service, const std::string& path);
  bool take_room(std::size_t bytes);
  // Before each command: variables are looked at with every one of them.
  bool take_work(const ScriptedService& service, const std::vector<std::string>& argv);

  const ServiceHost& host_;
  Starts& starts_;
  std::set<std::string> absent_;
  const ServiceText* busy_with_ = nullptr;
  std::uint64_t work_left_of_text_ = 0;
  std::uint64_t work_left_ = std::uint64_t{2} << 30;
  std::size_t bytes_left_ = std::size_t{8} << 20;
};

// What the file's first line says after "#!"; "" for none.
std::string_view interpreter_of(std::string_view text);

// Whether the text is for a shell: by its first line, or without one.
bool is_shell_script(std::string_view text);

// The line on which a script assigns `name` first; 0 for none.
std::size_t line_of_assignment(std::string_view text, std::string_view name);

}  // namespace cfwarden
