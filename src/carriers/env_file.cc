#include "cfwarden/carriers/all_carriers.h"

#include "cfwarden/base/ascii.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

namespace cfwarden {
namespace {

constexpr std::string_view carrier_name = "env-file";
constexpr std::size_t max_excerpts = 256;
constexpr std::size_t shortest_credential = 40;  // Every kind's text is longer.

bool is_blank(char byte) {
  return byte == ' ' || byte == '\t' || byte == '\r';
}

bool is_name_byte(char byte) {
  return is_lower(byte) || is_upper(byte) || is_digit(byte) || byte == '_' || byte == '.' ||
         byte == '-';
}

std::string_view trimmed_end(std::string_view text) {
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

enum class Quoting { none, single_quotes, double_quotes };

struct Assignment {
  std::string_view name;
  std::string_view raw;  // As it is written, between its quotes.
  Quoting quoting = Quoting::none;
  std::size_t line = 0;
};

// What the shell and systemd make of `raw`; dotenv's \n is read too, as PEM needs it.
Secret value_of(const Assignment& assignment) {
  Secret value{assignment.raw.size()};
  const auto to = value.writable();
  std::size_t length = 0;
  for (std::size_t i = 0; i < assignment.raw.size(); ++i) {
    const char byte = assignment.raw[i];
    const char next = i + 1 < assignment.raw.size() ? assignment.raw[i + 1] : '\0';
    const bool escapes = byte == '\\' && assignment.quoting != Quoting::single_quotes;
    const bool quoted = assignment.quoting == Quoting::double_quotes;
    if (escapes && next == '\n') {
      ++i;
    } else if (escapes && quoted && next == 'n') {
      to[length++] = '\n';
      ++i;
    } else if (escapes && quoted && next != '\0' &&
               std::string_view{"\"\\$`"}.find(next) != std::string_view::npos) {
      to[length++] = next;
      ++i;
    } else {
      to[length++] = byte;
    }
  }
  value.shrink(length);
  return value;
}

// Walks the assignments of a file from first to last, each byte a bounded number of times.
class Assignments {
 public:
  explicit Assignments(std::string_view bytes) : bytes_{bytes} {}

  std::optional<Assignment> next() {
    while (at_ < bytes_.size()) {
      const std::optional<Assignment> found = parse_line();
      skip_line();
      if (found) return found;
    }
    return std::nullopt;
  }

 private:
  std::optional<Assignment> parse_line() {
    skip_blanks();
    std::string_view name = read_name();
    if (name == "export" && at_ < bytes_.size() && is_blank(bytes_[at_])) {
      skip_blanks();
      name = read_name();
    }
    skip_blanks();
    if (name.empty() || at_ >= bytes_.size() || bytes_[at_] != '=') return std::nullopt;
    ++at_;
    skip_blanks();
    return read_value(name);
  }

  Assignment read_value(std::string_view name) {
    const std::size_t line = line_;
    const char first = at_ < bytes_.size() ? bytes_[at_] : '\n';
    if (first == '\'' || first == '"') {
      if (const std::size_t end = closing_quote(first); end != bytes_.npos) {
        const std::string_view raw = bytes_.substr(at_ + 1, end - at_ - 1);
        advance(end + 1);
        const Quoting quoting = first == '"' ? Quoting::double_quotes : Quoting::single_quotes;
        return {.name = name, .raw = raw, .quoting = quoting, .line = line};
      }
    }
    return {.name = name, .raw = read_unquoted(), .line = line};
  }

  // On the same line, unless the value is one that is written over several.
  std::size_t closing_quote(char quote) {
    const std::string_view rest = bytes_.substr(at_ + 1);
    const bool several_lines = rest.starts_with("{") || rest.starts_with("-----BEGIN");
    bool& exhausted = quote == '"' ? no_more_double_quotes_ : no_more_single_quotes_;
    for (std::size_t i = at_ + 1; i < bytes_.size(); ++i) {
      if (bytes_[i] == '\n' && (!several_lines || exhausted)) return bytes_.npos;
      if (bytes_[i] == quote) return i;
      if (bytes_[i] == '\\' && quote == '"') ++i;
    }
    exhausted = true;  // Later values need not look through the whole file again.
    return bytes_.npos;
  }

  std::string_view read_unquoted() {
    const std::size_t start = at_;
    std::size_t end = start;
    for (; end < bytes_.size() && bytes_[end] != '\n'; ++end) {
      if (bytes_[end] == '#' && end > start && is_blank(bytes_[end - 1])) break;
      const bool continued =
          bytes_[end] == '\\' && end + 1 < bytes_.size() && bytes_[end + 1] == '\n';
      if (continued) ++end;
    }
    advance(end);
    return trimmed_end(bytes_.substr(start, end - start));
  }

  std::string_view read_name() {
    const std::size_t start = at_;
    while (at_ < bytes_.size() && is_name_byte(bytes_[at_])) ++at_;
    return bytes_.substr(start, at_ - start);
  }

  void skip_blanks() {
    while (at_ < bytes_.size() && is_blank(bytes_[at_])) ++at_;
  }

  void skip_line() { advance(std::min(bytes_.find('\n', at_), bytes_.size() - 1) + 1); }

  void advance(std::size_t to) {
    line_ += static_cast<std::size_t>(std::ranges::count(bytes_.substr(at_, to - at_), '\n'));
    at_ = to;
  }

  std::string_view bytes_;
  std::size_t at_ = 0;
  std::size_t line_ = 1;
  bool no_more_single_quotes_ = false;
  bool no_more_double_quotes_ = false;
};

struct PointerVariable {
  std::string_view name;
  std::string_view key;
};

constexpr std::array pointer_variables{
    PointerVariable{"TUNNEL_ORIGIN_CERT", "origincert"},
    PointerVariable{"TUNNEL_CRED_FILE", "credentials-file"},
    PointerVariable{"TUNNEL_TOKEN_FILE", "token-file"},
    PointerVariable{"TUNNEL_LOGFILE", "logfile"},
    PointerVariable{"TUNNEL_LOGDIRECTORY", "log-directory"},
};

// The two halves of an Access service token, as cloudflared and as Cloudflare's pages name them.
struct TokenPair {
  std::string_view id_name;
  std::string_view secret_name;
  Secret id{};
  Secret secret{};
  std::size_t line = 0;
};

class EnvReader {
 public:
  void take(const Assignment& assignment) {
    if (assignment.raw.empty()) return;
    const auto* pointer =
        std::ranges::find(pointer_variables, assignment.name, &PointerVariable::name);
    if (pointer != pointer_variables.end()) {
      take_pointer(pointer->key, assignment);
    } else if (!take_half(assignment)) {
      take_secret(assignment);
    }
  }

  Unwrapped finish() && {
    for (TokenPair& pair : pairs_) {
      if (pair.secret.empty()) continue;
      Secret both{pair.id.size() + 1 + pair.secret.size()};
      auto to = std::ranges::copy(pair.id.reveal(), both.writable().begin()).out;
      *to++ = '\n';
      std::ranges::copy(pair.secret.reveal(), to);
      add_excerpt(ExcerptForm::service_token, std::move(both), pair.line);
    }
    return std::move(unwrapped_);
  }

 private:
  // The last assignment wins, as it does for whoever reads such a file.
  void take_pointer(std::string_view key, const Assignment& assignment) {
    std::erase_if(unwrapped_.pointers, [key](const Pointer& known) { return known.key == key; });
    unwrapped_.pointers.push_back({.key = std::string{key},
                                   .value = std::string{value_of(assignment).reveal()},
                                   .line = assignment.line});
  }

  bool take_half(const Assignment& assignment) {
    for (TokenPair& pair : pairs_) {
      if (assignment.name == pair.id_name) {
        pair.id = value_of(assignment);
        return true;
      }
      if (assignment.name == pair.secret_name) {
        pair.secret = value_of(assignment);
        pair.line = assignment.line;
        return true;
      }
    }
    return false;
  }

  void take_secret(const Assignment& assignment) {
    const ExcerptForm form = form_of(assignment.name);
    if (form == ExcerptForm::any_value && assignment.raw.size() < shortest_credential) return;
    // "$TOKEN" and "${TOKEN}" name a secret that lies elsewhere.
    if (form == ExcerptForm::token_value && assignment.raw.find('$') != std::string_view::npos)
      return;
    add_excerpt(form, value_of(assignment), assignment.line);
  }

  static ExcerptForm form_of(std::string_view name) {
    if (name == "TUNNEL_TOKEN") return ExcerptForm::token_value;
    if (name == "TUNNEL_CRED_CONTENTS") return ExcerptForm::credentials_contents;
    return ExcerptForm::any_value;
  }

  void add_excerpt(ExcerptForm form, Secret&& bytes, std::size_t line) {
    if (unwrapped_.excerpts.size() == max_excerpts) {
      unwrapped_.problem = "more than 256 values that could be credentials";
      return;
    }
    unwrapped_.excerpts.push_back({.carrier = carrier_name,
                                   .line = line,
                                   .form = form,
                                   .placement = Placement::environment,
                                   .bytes = std::move(bytes)});
  }

  Unwrapped unwrapped_;
  std::array<TokenPair, 2> pairs_{
      TokenPair{"TUNNEL_SERVICE_TOKEN_ID", "TUNNEL_SERVICE_TOKEN_SECRET"},
      TokenPair{"CF_ACCESS_CLIENT_ID", "CF_ACCESS_CLIENT_SECRET"},
  };
};

// Files such as /etc/default/cloudflared are known by what they assign.
bool assigns_tunnel_variable(std::string_view bytes) {
  if (bytes.find("TUNNEL_") == bytes.npos) return false;
  Assignments assignments{bytes};
  while (const auto assignment = assignments.next()) {
    if (assignment->name.starts_with("TUNNEL_")) return true;
  }
  return false;
}

}  // namespace

bool takes_env_file(std::string_view file_name, std::string_view bytes) {
  return file_name.ends_with(".env") || file_name.starts_with(".env.") ||
         assigns_tunnel_variable(bytes);
}

Unwrapped unwrap_env_file(std::string_view, std::string_view bytes) {
  EnvReader reader;
  Assignments assignments{bytes};
  while (const auto assignment = assignments.next()) reader.take(*assignment);
  return std::move(reader).finish();
}

}  // namespace cfwarden
