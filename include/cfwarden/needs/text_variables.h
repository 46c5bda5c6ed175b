// Variables inside a definition's texts, as Compose and Kubernetes replace them. Pure.
#pragma once

#include "cfwarden/needs/command_line.h"

#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cfwarden {

inline constexpr std::size_t max_expanded_bytes = 64 * 1024;

using KnownVariables = std::map<std::string, std::string, std::less<>>;

// How much may be written for one document, so that a short one cannot grow into a long one.
// Beyond it texts are cut short.
struct ExpansionBudget {
  std::size_t bytes_left = 256 * 1024;
};

// Replaces variables in one text after another. The budget is borrowed.
class TextVariables {
 public:
  TextVariables(KnownVariables known, ExpansionBudget& budget, std::string_view unknown = "")
      : known_{std::move(known)}, budget_{budget}, unknown_{unknown} {}

  // $VAR, ${VAR}, ${VAR:-x}, ${VAR-x}, ${VAR:?x}, ${VAR:+x}, nested to a bounded depth; $$ is $.
  // A variable that is not known is remembered and becomes `unknown`, where no default is given.
  std::string as_compose(std::string_view text);

  // $(VAR); $$ is $, and what is not known stays.
  std::string as_kubernetes(std::string_view text);

  void set(const std::string& name, const std::string& value) { known_[name] = value; }

  // Since it was asked last: a text took one of the variables, or one that is not known.
  bool took_known() { return std::exchange(took_known_, false); }
  bool took_unknown() { return std::exchange(took_unknown_, false); }

 private:
  const std::string* find(std::string_view name);
  void append_compose(std::string_view text, std::size_t depth, std::string& out);
  void append_braced(std::string_view inside, std::size_t depth, std::string& out);
  void append(std::string_view text, std::string& out);

  KnownVariables known_;
  ExpansionBudget& budget_;
  std::string unknown_;
  bool took_known_ = false;
  bool took_unknown_ = false;
};

inline constexpr std::size_t max_env_file_bytes = 64 * 1024;

// A .env or env_file as Compose reads it: comments, `export`, quotes, `NAME: value` too. Values
// are not expanded. A name without a value comes from the shell: its value is nullopt.
struct EnvFileLine {
  std::string name;
  std::optional<std::string> value;
};
std::vector<EnvFileLine> compose_env_file(std::string_view text);

}  // namespace cfwarden
