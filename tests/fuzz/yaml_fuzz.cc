// Any bytes: the scan ends, stays within its limits and says what is wrong in words of its own.
#include "cfwarden/base/yaml.h"

#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace {

void demand(bool holds) {
  if (!holds) std::abort();
}

bool is_own_problem(std::string_view problem) {
  if (problem.starts_with("line ")) problem.remove_prefix(problem.find(": ") + 2);
  for (const std::string_view known :
       {"", "not valid YAML", "nested deeper than 64", "more than 20000 nodes",
        "a value over 64 KiB", "more than 16 directives", "larger than 1 MiB"}) {
    if (problem == known) return true;
  }
  return false;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view text{reinterpret_cast<const char*>(bytes), size};
  std::size_t document = 0;
  const cfwarden::YamlScan scan = cfwarden::scan_yaml(text, [&](const cfwarden::YamlValue& value) {
    demand(value.path.size() <= cfwarden::max_yaml_depth);
    demand(value.text.size() <= cfwarden::max_yaml_scalar_bytes);
    demand(value.line >= 1 && value.line <= size + 1);
    demand(value.document >= document);
    document = value.document;
  });
  demand(is_own_problem(scan.problem));
  return 0;
}
