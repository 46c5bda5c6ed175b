#include "cfwarden/base/concealed.h"

#include "cfwarden/base/fingerprint.h"
#include "cfwarden/base/secret_runs.h"

#include <algorithm>

namespace cfwarden {
namespace {

constexpr unsigned digits = 16;
constexpr std::string_view mark = "<secret:";

// The parts of a JSON Web Token hang together by dots; so does a suffix with the rest of a name.
std::string_view without_suffix(std::string_view letters) {
  const std::size_t dot = letters.rfind('.');
  const bool has_suffix = dot != letters.npos && !is_mixed(letters.substr(dot));
  return has_suffix ? without_suffix(letters.substr(0, dot)) : letters;
}

void append_hash(std::string& shown, std::string_view letters) {
  shown += mark;
  shown += hash_hex(letters, digits);
  shown += '>';
}

void append_without_runs(std::string& shown, std::string_view text) {
  std::size_t kept = 0;
  for (const SecretRun& run : secret_runs(text)) {
    const std::string_view letters = without_suffix(text.substr(run.begin, run.end - run.begin));
    if (!is_mixed(letters)) continue;  // "keyJames-and-whoever-else-stands-behind-it".
    shown += text.substr(kept, run.begin - kept);
    append_hash(shown, letters);
    kept = run.begin + letters.size();
  }
  shown += text.substr(kept);
}

// The attack: a name that spells what stands for the secret in another's. Concealed, too, the mark
// is this program's own wherever it is shown.
void append_concealed(std::string& shown, std::string_view component) {
  for (std::size_t at = component.find(mark); at != component.npos; at = component.find(mark)) {
    append_without_runs(shown, component.substr(0, at));
    append_hash(shown, mark);
    component.remove_prefix(at + mark.size());
  }
  append_without_runs(shown, component);
}

}  // namespace

// A slash is a letter of base64, too: only what stands between two is looked at together.
std::string concealed(std::string_view text) {
  std::string shown;
  while (true) {
    const std::size_t slash = std::min(text.find('/'), text.size());
    append_concealed(shown, text.substr(0, slash));
    if (slash == text.size()) return shown;
    shown += '/';
    text.remove_prefix(slash + 1);
  }
}

}  // namespace cfwarden
