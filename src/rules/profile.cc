#include "cfwarden/rules/profile.h"

#include "cfwarden/base/ascii.h"
#include "cfwarden/model/words.h"
#include "cfwarden/rules/document.h"
#include "cfwarden/rules/rule.h"
#include "cfwarden/rules/suggestion.h"

#include <algorithm>
#include <array>
#include <utility>

namespace cfwarden {
namespace {

constexpr std::size_t longest_name = 64;
constexpr std::size_t longest_text = 1000;

// Rules end up on terminals, and so does what a profile says of itself.
bool is_clean(std::string_view text) {
  return !text.empty() && text.size() <= longest_text && std::ranges::all_of(text, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte >= 0x20 && byte != 0x7F;
  });
}

std::vector<std::string_view> severity_names() {
  std::vector<std::string_view> names;
  for (const auto& word : words_of<Severity>()) names.push_back(word.name);
  return names;
}

// Reads one profile out of its document. The first problem is kept, the rest is skipped.
class ProfileReader {
 public:
  ProfileReader(std::string_view file, const Node& document) : file_{file}, document_{document} {}

  Result<Profile> read() {
    Profile profile;
    if (document_.type != NodeType::object) {
      return document_error(file_, document_.line, "a profile is an object");
    }
    check_keys(document_,
               std::array<std::string_view, 5>{"id", "title", "description", "settings", "rules"});
    profile.id = text("id");
    if (!error_ && !is_profile_name(profile.id)) {
      fail(*document_.find("id"), "id", "must be lower-case words joined by hyphens");
    }
    profile.title = text("title");
    profile.description = text("description");
    profile.file = file_;
    read_settings(profile);
    read_rules(profile);
    if (error_) return *error_;
    return profile;
  }

 private:
  void fail(const Node& at, std::string_view key, const std::string& what) {
    if (error_) return;
    error_ = document_error(file_, at.line, "key '" + std::string{key} + "': " + what);
  }

  void check_keys(const Node& object, std::span<const std::string_view> known) {
    for (std::size_t i = 0; i < object.keys.size(); ++i) {
      const std::string& key = object.keys[i];
      if (std::ranges::find(known, key) != known.end()) continue;
      fail(object.items[i], is_profile_name(key) ? key : "...", unknown_among(key, known));
    }
  }

  bool is_object(const Node& node, std::string_view key) {
    if (node.type != NodeType::object) fail(node, key, "must be an object");
    return node.type == NodeType::object;
  }

  std::string text(std::string_view key) {
    const Node* node = document_.find(key);
    if (node == nullptr) {
      fail(document_, key, "missing");
      return "";
    }
    if (node->type != NodeType::text || !is_clean(node->text)) {
      fail(*node, key, "must be a line of text");
      return "";
    }
    return node->text;
  }

  std::optional<bool> boolean(const Node& object, std::string_view key) {
    const Node* node = object.find(key);
    if (node == nullptr) return std::nullopt;
    if (node->type != NodeType::boolean) fail(*node, key, "must be true or false");
    return node->boolean;
  }

  std::optional<Severity> severity(const Node& object, std::string_view key) {
    const Node* node = object.find(key);
    if (node == nullptr) return std::nullopt;
    const auto read = from_name<Severity>(node->text);
    if (!read) fail(*node, key, unknown_among(node->text, severity_names()));
    return read;
  }

  void read_settings(Profile& profile) {
    const Node* settings = document_.find("settings");
    if (settings == nullptr || !is_object(*settings, "settings")) return;
    check_keys(*settings, std::array<std::string_view, 2>{"fail_on", "git"});
    profile.fail_on = severity(*settings, "fail_on");
    if (profile.fail_on == Severity::info) {
      fail(*settings->find("fail_on"), "fail_on", "allowed: low, medium, high, critical");
    }
    profile.git = boolean(*settings, "git").value_or(false);
  }

  void read_rules(Profile& profile) {
    const Node* rules = document_.find("rules");
    if (rules == nullptr || !is_object(*rules, "rules")) return;
    for (std::size_t i = 0; i < rules->items.size() && !error_; ++i) {
      const Node& change = rules->items[i];
      const std::string name = is_profile_name(rules->keys[i]) ? rules->keys[i] : "...";
      if (!is_object(change, name)) return;
      check_keys(change, std::array<std::string_view, 2>{"severity", "enabled"});
      if (change.items.empty()) fail(change, name, "changes nothing: give enabled or severity");
      profile.changes.push_back({.rule = rules->keys[i],
                                 .line = change.line,
                                 .severity = severity(change, "severity"),
                                 .enabled = boolean(change, "enabled")});
    }
  }

  std::string_view file_;
  const Node& document_;
  std::optional<Error> error_;
};

}  // namespace

bool is_profile_name(std::string_view name) {
  return !name.empty() && name.size() <= longest_name && is_lower(name.front()) &&
         std::ranges::all_of(name, [](char c) { return is_lower(c) || is_digit(c) || c == '-'; });
}

Result<Profile> parse_profile(std::string_view file, std::string_view bytes) {
  const Result<Node> document = parse_document(file, bytes);
  if (!document) return document.error();
  return ProfileReader{file, *document}.read();
}

Result<Profile> find_profile(std::string_view name) {
  std::vector<std::string_view> known;
  std::string names;
  for (const BuiltInProfile& profile : built_in_profiles()) {
    if (profile.name == name) return parse_profile(profile.file, profile.bytes);
    known.push_back(profile.name);
    names += (names.empty() ? "" : ", ") + std::string{profile.name};
  }
  const std::string meant = did_you_mean(name, known);
  return Error{"there is no such profile; " +
                   (meant.empty() ? "" : "did you mean '" + meant + "'? ") + "built in are " +
                   names,
               0};
}

}  // namespace cfwarden
