#include "cfwarden/base/concealed.h"

#include "cfwarden/base/fingerprint.h"
#include "cfwarden/base/secret_runs.h"

#include <algorithm>

namespace cfwarden {
namespace {

constexpr unsigned digits = 12;

// The parts of a JSON Web Token hang together by dots; so does a suffix with the rest of a name.
std::string_view without_suffix(std::string_view letters) {
  const std::size_t dot = letters.rfind('.');
  const bool has_suffix = dot != letters.npos && !is_mixed(letters.substr(dot));
  return has_suffix ? without_suffix(letters.substr(0, dot)) : letters;
}

void append_concealed(std::string& shown, std::string_view component) {
  std::size_t kept = 0;
  for (const SecretRun& run : secret_runs(component)) {
    const std::string_view letters =
        without_suffix(component.substr(run.begin, run.end - run.begin));
    if (!is_mixed(letters)) continue;  // "keyJames-and-whoever-else-stands-behind-it".
    shown += component.substr(kept, run.begin - kept);
    shown += "<secret:";
    shown += hash_hex(letters, digits);
    shown += '>';
    kept = run.begin + letters.size();
  }
  shown += component.substr(kept);
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
