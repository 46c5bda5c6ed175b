#include "cfwarden/base/yaml.h"
#include "cfwarden/carriers/all_carriers.h"

#include <algorithm>
#include <array>
#include <map>
#include <utility>

namespace cfwarden {
namespace {

constexpr std::string_view carrier_name = "cloudflared-config";

struct SecretKey {
  std::string_view key;
  ExcerptForm form;
};

// cloudflared looks its keys up exactly so: `Token` is none of them.
constexpr std::array secret_keys{
    SecretKey{"token", ExcerptForm::token_value},
    SecretKey{"credentials-contents", ExcerptForm::credentials_contents},
    SecretKey{"api-key", ExcerptForm::secret_value},
    SecretKey{"api-ca-key", ExcerptForm::secret_value},
    SecretKey{"secret-id", ExcerptForm::secret_value},
    SecretKey{"access-key-id", ExcerptForm::secret_value},
    SecretKey{"session-token", ExcerptForm::secret_value},
};

constexpr std::array<std::string_view, 6> pointer_keys{
    "credentials-file", "origincert", "token-file", "tunnel", "logfile", "log-directory"};

const SecretKey* find_secret_key(std::string_view key) {
  const auto* found = std::ranges::find(secret_keys, key, &SecretKey::key);
  return found == secret_keys.end() ? nullptr : found;
}

bool is_pointer_key(std::string_view key) {
  return std::ranges::find(pointer_keys, key) != pointer_keys.end();
}

bool is_null_text(std::string_view text) {
  constexpr std::array<std::string_view, 5> words{"", "~", "null", "Null", "NULL"};
  return std::ranges::find(words, text) != words.end();
}

// An empty text counts as unset for cloudflared, like null.
bool is_unset(const YamlValue& value) {
  return value.text.empty() || (value.plain && is_null_text(value.text));
}

// `forwarders[]` keeps the two halves of an Access service token beside each other.
struct Forwarder {
  Secret id;
  Secret secret;
  std::size_t line = 0;
};

Secret joined(const Secret& id, const Secret& secret) {
  Secret both{id.size() + 1 + secret.size()};
  auto to = std::ranges::copy(id.reveal(), both.writable().begin()).out;
  *to++ = '\n';
  std::ranges::copy(secret.reveal(), to);
  return both;
}

class ConfigReader {
 public:
  void take(const YamlValue& value) {
    const auto path = value.path;
    seen_any_ = true;
    if (path.empty()) {
      take_root(value);
    } else if (path.size() == 1) {
      take_top(value, path[0]);
    } else if (path[0].key == "forwarders") {
      take_forwarder(value);
    }
  }

  Unwrapped finish(std::string&& scan_problem) && {
    if (!scan_problem.empty()) unwrapped_.problem = std::move(scan_problem);
    if (!seen_any_ && unwrapped_.problem.empty()) unwrapped_.is_configuration = true;
    for (auto& [place, forwarder] : forwarders_) {
      if (forwarder.secret.empty()) continue;
      add_excerpt(ExcerptForm::service_token, joined(forwarder.id, forwarder.secret),
                  forwarder.line);
    }
    return std::move(unwrapped_);
  }

 private:
  void take_root(const YamlValue& value) {
    if (value.document != 0) return;
    unwrapped_.is_configuration =
        value.node == YamlNode::mapping ||
        (value.node == YamlNode::scalar && value.plain && is_unset(value));
  }

  void take_top(const YamlValue& value, const YamlStep& step) {
    if (step.type == YamlStep::Type::item) return;
    if (refuse_indirect_key(value, step)) return;
    const SecretKey* secret = find_secret_key(step.key);
    const bool is_pointer = is_pointer_key(step.key);
    if (step.key == "forwarders" && value.node == YamlNode::alias) {
      refuse(value, "forwarders is an alias, which is not followed");
    }
    if (secret == nullptr && !is_pointer) return;
    if (value.node != YamlNode::scalar) {
      refuse(value,
             step.key + (value.node == YamlNode::alias ? " is an alias, which is not followed"
                                                       : " is not a text"));
    } else if (secret != nullptr) {
      if (!is_unset(value)) add_excerpt(secret->form, Secret::copy_of(value.text), value.line);
    } else if (value.document == 0) {
      set_pointer(step.key, value);
    }
  }

  void take_forwarder(const YamlValue& value) {
    const YamlStep& last = value.path.back();
    if (value.path.size() == 2) {
      if (value.node == YamlNode::alias)
        refuse(value, "a forwarder is an alias, which is not followed");
      return;
    }
    if (value.path.size() != 3 || refuse_indirect_key(value, last)) return;
    const bool is_secret = last.key == "serviceTokenSecret";
    if (!is_secret && last.key != "serviceTokenID") return;
    if (value.node != YamlNode::scalar) {
      refuse(value, last.key + " is not a text");
      return;
    }
    Forwarder& forwarder = forwarders_[{value.document, value.path[1].index}];
    (is_secret ? forwarder.secret : forwarder.id) = Secret::copy_of(value.text);
    if (is_secret) forwarder.line = value.line;
  }

  // What stands behind an alias or a merge could be any key of ours.
  bool refuse_indirect_key(const YamlValue& value, const YamlStep& step) {
    if (step.type == YamlStep::Type::opaque_key) {
      refuse(value, "a key that is not a text is not read");
      return true;
    }
    if (step.type == YamlStep::Type::key && step.key == "<<") {
      refuse(value, "merged keys are not followed");
      return true;
    }
    return false;
  }

  void set_pointer(const std::string& key, const YamlValue& value) {
    std::erase_if(unwrapped_.pointers, [&key](const Pointer& known) { return known.key == key; });
    if (is_unset(value)) return;
    unwrapped_.pointers.push_back(
        {.key = key, .value = std::string{value.text}, .line = value.line});
  }

  void add_excerpt(ExcerptForm form, Secret&& bytes, std::size_t line) {
    unwrapped_.excerpts.push_back({.carrier = carrier_name,
                                   .line = line,
                                   .form = form,
                                   .placement = Placement::configuration,
                                   .bytes = std::move(bytes)});
  }

  void refuse(const YamlValue& value, std::string_view why) {
    if (!unwrapped_.problem.empty()) return;
    unwrapped_.problem = "line " + std::to_string(value.line) + ": " + std::string{why};
  }

  Unwrapped unwrapped_;
  std::map<std::pair<std::size_t, std::size_t>, Forwarder> forwarders_;
  bool seen_any_ = false;
};

// A key of cloudflared's own at the start of a line.
bool has_own_key(std::string_view bytes) {
  constexpr std::array<std::string_view, 9> own_keys{
      "tunnel:",       "credentials-file:", "credentials-contents:", "token-file:", "ingress:",
      "warp-routing:", "token: ey",         "token: \"ey",           "token: 'ey"};
  return std::ranges::any_of(own_keys, [bytes](std::string_view key) {
    for (std::size_t at = bytes.find(key); at != bytes.npos; at = bytes.find(key, at + 1)) {
      if (at == 0 || bytes[at - 1] == '\n') return true;
    }
    return false;
  });
}

// NixOS and other generators write their YAML as JSON.
bool has_own_json_key(std::string_view bytes) {
  static constexpr std::string_view spaces = " \t\r\n";
  constexpr std::array<std::string_view, 6> own_keys{
      "\"tunnel\"",     "\"credentials-file\"", "\"credentials-contents\"",
      "\"token-file\"", "\"ingress\"",          "\"warp-routing\""};
  const std::size_t begin = bytes.find_first_not_of(spaces);
  if (begin == bytes.npos || bytes[begin] != '{') return false;
  return std::ranges::any_of(own_keys, [bytes](std::string_view key) {
    for (std::size_t at = bytes.find(key); at != bytes.npos; at = bytes.find(key, at + 1)) {
      const std::size_t before = bytes.find_last_not_of(spaces, at - 1);
      const std::size_t behind = bytes.find_first_not_of(spaces, at + key.size());
      const bool is_key = behind != bytes.npos && bytes[behind] == ':';
      if (is_key && (bytes[before] == '{' || bytes[before] == ',')) return true;
    }
    return false;
  });
}

}  // namespace

bool takes_cloudflared_config(std::string_view file_name, std::string_view bytes) {
  if (file_name == "config.yml" || file_name == "config.yaml") return true;
  if (!file_name.ends_with(".yml") && !file_name.ends_with(".yaml")) return false;
  return has_own_key(bytes) || has_own_json_key(bytes);
}

Unwrapped unwrap_cloudflared_config(std::string_view, std::string_view bytes) {
  ConfigReader reader;
  YamlScan scan = scan_yaml(bytes, [&reader](const YamlValue& value) { reader.take(value); });
  return std::move(reader).finish(std::move(scan.problem));
}

}  // namespace cfwarden
