#include "cfwarden/carriers/secret_names.h"

#include <algorithm>
#include <array>

namespace cfwarden {
namespace {

constexpr std::size_t most_letters = 96;  // The last ones of a name decide.

// Names are compared in lower case and without what joins their words. Go takes U+017F for an s and
// U+212A for a k in the keys of JSON.
class FoldedName {
 public:
  explicit FoldedName(std::string_view name) {
    name.remove_prefix(name.size() - std::min(name.size(), most_letters));
    while (!name.empty()) {
      if (name.starts_with("\xC5\xBF")) {
        append('s', name, 2);
      } else if (name.starts_with("\xE2\x84\xAA")) {
        append('k', name, 3);
      } else if (name.front() == '_' || name.front() == '-') {
        name.remove_prefix(1);
      } else {
        const char byte = name.front();
        append(byte >= 'A' && byte <= 'Z' ? static_cast<char>(byte - 'A' + 'a') : byte, name, 1);
      }
    }
  }

  std::string_view text() const { return {letters_.data(), size_}; }

 private:
  void append(char letter, std::string_view& name, std::size_t taken) {
    letters_[size_++] = letter;
    name.remove_prefix(taken);
  }

  std::array<char, most_letters> letters_{};
  std::size_t size_ = 0;
};

constexpr std::array<std::string_view, 7> whole_names{
    "accesskeyid", "authorization", "b64std", "pass", "secretid", "sessiontokenid", "dbpass"};

// Of a name that speaks of a secret and is there for something else.
constexpr std::array<std::string_view, 29> other_endings{
    "file",     "path",  "dir",    "directory", "name",          "names", "ref",   "refs",
    "version",  "type",  "mount",  "mounts",    "url",           "uri",   "email", "ttl",
    "length",   "size",  "count",  "enabled",   "expiry",        "id",    "ids",   "store",
    "provider", "class", "policy", "secrets",   "reconnecttoken"};

constexpr std::array<std::string_view, 4> telling_words{"secret", "password", "passwd",
                                                        "passphrase"};

constexpr std::array<std::string_view, 9> endings{
    "token",     "apikey",  "apicakey",     "privatekey",
    "accesskey", "authkey", "credcontents", "credentialscontents",
    "jwt"};

}  // namespace

bool names_a_secret(std::string_view name) {
  const FoldedName folded{name};
  const std::string_view text = folded.text();
  const auto ends = [text](std::string_view ending) { return text.ends_with(ending); };
  const auto holds = [text](std::string_view word) { return text.find(word) != text.npos; };
  if (holds("cfwardenremovedsecret")) return false;  // What stands for a secret taken out before.
  if (std::ranges::find(whole_names, text) != whole_names.end()) return true;
  if (std::ranges::any_of(other_endings, ends)) return false;
  return std::ranges::any_of(telling_words, holds) || std::ranges::any_of(endings, ends);
}

}  // namespace cfwarden
