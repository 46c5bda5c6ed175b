#include "cfwarden/carriers/service_excerpts.h"

#include "cfwarden/base/base64.h"
#include "cfwarden/base/secret_runs.h"
#include "cfwarden/carriers/secret_values.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

namespace cfwarden {
namespace {

constexpr std::size_t max_excerpts = 256;
constexpr std::size_t longest_object = 4096;  // Of tunnel credentials.

// A name in lower case without dashes and underscores.
std::string bare_name(std::string_view name) {
  std::string bare;
  for (const char byte : name) {
    if (byte == '-' || byte == '_') continue;
    bare += byte >= 'A' && byte <= 'Z' ? static_cast<char>(byte - 'A' + 'a') : byte;
  }
  return bare;
}

Placement placement_of(Bearer bearer) {
  switch (bearer) {
    case Bearer::flag:
    case Bearer::position:
      return Placement::argument;
    case Bearer::variable:
      return Placement::environment;
    case Bearer::key:
      return Placement::other;
  }
  return Placement::other;
}

Secret without_escapes(std::string_view text) {
  Secret plain{text.size()};
  std::size_t size = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const bool escapes = text[at] == '\\' && at + 1 < text.size() &&
                         (text[at + 1] == '"' || text[at + 1] == '\\' || text[at + 1] == '\n');
    if (escapes && text[++at] == '\n') continue;
    plain.writable()[size++] = text[at];
  }
  plain.shrink(size);
  return plain;
}

// The lines without what indents them.
Secret without_indent(std::string_view text) {
  Secret plain{text.size()};
  std::size_t size = 0;
  bool line_starts = true;
  for (const char byte : text) {
    if (line_starts && (byte == ' ' || byte == '\t')) continue;
    line_starts = byte == '\n';
    plain.writable()[size++] = byte;
  }
  plain.shrink(size);
  return plain;
}

class ExcerptFinder {
 public:
  ExcerptFinder(std::string_view carrier, std::string_view text, BarePlacement bare)
      : carrier_{carrier}, text_{text}, bare_{bare}, values_{secret_values(text)} {}

  Unwrapped all() && {
    for (const SecretRun& run : secret_runs(text_)) take_run(run);
    for (const SecretValue& value : values_) take_credentials(value);
    take_certificates();
    std::ranges::stable_sort(unwrapped_.excerpts, {}, &Excerpt::line);
    return std::move(unwrapped_);
  }

 private:
  // The value that the byte belongs to; the runs come from left to right.
  const SecretValue* value_at(std::size_t at) {
    while (next_ < values_.size() && values_[next_].begin <= at) ++next_;
    for (std::size_t i = next_; i > 0 && next_ - i < most_nested; --i) {
      if (values_[i - 1].end > at) return &values_[i - 1];
    }
    return nullptr;
  }

  std::string bare_name_of(const SecretValue& value) const {
    return bare_name(text_.substr(value.name_begin, value.name_end - value.name_begin));
  }

  void take_run(const SecretRun& run) {
    if (!run.is_token_like) return;
    const SecretValue* value = value_at(run.begin);
    const Placement placement =
        value != nullptr ? placement_of(value->bearer) : bare_(text_, run.begin);
    Secret letters = joined_run(text_.substr(run.begin, run.end - run.begin));
    if (std::optional<Secret> inner = wrapped_in(letters.reveal())) {
      add(run.begin, ExcerptForm::any_value, placement, std::move(*inner));
      return;
    }
    // Only what cloudflared would read itself is held against its own rules.
    const bool is_cloudflareds = value != nullptr && letters.reveal().starts_with("ey") &&
                                 is_own_token(*value) && value->begin == run.begin;
    add(run.begin, is_cloudflareds ? ExcerptForm::token_value : ExcerptForm::any_value, placement,
        std::move(letters));
  }

  bool is_own_token(const SecretValue& value) const {
    const std::string name = bare_name_of(value);
    return (value.bearer == Bearer::flag && name == "token") ||
           (value.bearer == Bearer::variable && name == "tunneltoken");
  }

  // What a Secret of Kubernetes holds in base64: a token, credentials or a certificate.
  static std::optional<Secret> wrapped_in(std::string_view letters) {
    std::optional<Secret> inner = decode_damaged_base64(letters);
    if (!inner) return std::nullopt;
    const std::string_view text = inner->reveal();
    const bool is_credentials = text.find("TunnelSecret") != text.npos;
    const bool is_wrapped = is_credentials || text.starts_with("ey") || text.starts_with("ew") ||
                            text.starts_with("-----BEGIN ");
    return is_wrapped ? std::move(inner) : std::nullopt;
  }

  // {"AccountTag": ..., "TunnelSecret": ...} around its secret, and what is there for all of it.
  void take_credentials(const SecretValue& value) {
    const std::string name = bare_name_of(value);
    if (name == "tunnelcredcontents" || name == "credentialscontents") {
      const std::string_view text = text_.substr(value.begin, value.end - value.begin);
      const std::size_t open = std::min(text.find('{'), text.size());
      const std::size_t close = std::min(text.rfind('}'), text.size() - 1);
      if (open > close || value.begin < objects_end_) return;
      add(value.begin + open, ExcerptForm::credentials_contents, placement_of(value.bearer),
          without_escapes(text.substr(open, close - open + 1)));
      objects_end_ = value.end;
    } else if (name == "tunnelsecret") {
      take_object_around(value);
    }
  }

  void take_object_around(const SecretValue& value) {
    const std::size_t least =
        std::max(objects_end_, value.name_begin - std::min(value.name_begin, longest_object / 2));
    const std::string_view before = text_.substr(least, value.name_begin - least);
    const std::size_t open = before.rfind('{');
    const std::size_t close = text_.substr(0, value.end + longest_object / 2).find('}', value.end);
    if (value.name_begin < objects_end_ || open == before.npos || close == text_.npos) return;
    const std::size_t begin = least + open;
    add(begin, ExcerptForm::any_value, Placement::other,
        without_escapes(text_.substr(begin, close + 1 - begin)));
    objects_end_ = close + 1;
  }

  void take_certificates() {
    constexpr std::array<std::string_view, 2> labels{"ARGO TUNNEL TOKEN-----", "WARP TOKEN-----"};
    constexpr std::string_view frame_begin = "-----BEGIN ";
    constexpr std::string_view frame_end = "-----END ";
    std::size_t closing = 0;  // Where the next frame ends: each is looked for once.
    for (const SecretRun& body : pem_bodies(text_)) {
      if (closing < body.end) closing = text_.find(frame_end, body.end);
      if (closing == text_.npos) return;
      const std::size_t begin = text_.substr(0, body.begin).rfind(frame_begin);
      const std::string_view block = text_.substr(begin + frame_begin.size());
      const std::string_view closed = text_.substr(closing + frame_end.size());
      for (const std::string_view label : labels) {
        if (!block.starts_with(label) || !closed.starts_with(label)) continue;
        const std::size_t end = closing + frame_end.size() + label.size();
        add(begin, ExcerptForm::any_value, Placement::other,
            without_indent(text_.substr(begin, end - begin)));
      }
    }
  }

  void add(std::size_t at, ExcerptForm form, Placement placement, Secret&& bytes) {
    const std::size_t line = line_of(at);
    const bool is_known = std::ranges::any_of(unwrapped_.excerpts, [&](const Excerpt& known) {
      return known.line == line && known.bytes.reveal() == bytes.reveal();
    });
    if (is_known) return;
    if (unwrapped_.excerpts.size() == max_excerpts) {
      unwrapped_.problem = "more than 256 values that could be credentials";
      return;
    }
    unwrapped_.excerpts.push_back({.carrier = carrier_,
                                   .line = line,
                                   .form = form,
                                   .placement = placement,
                                   .bytes = std::move(bytes)});
  }

  // Asked from left to right by each of the three searches.
  std::size_t line_of(std::size_t at) {
    if (at < counted_) {
      counted_ = 0;
      line_ = 1;
    }
    line_ +=
        static_cast<std::size_t>(std::ranges::count(text_.substr(counted_, at - counted_), '\n'));
    counted_ = at;
    return line_;
  }

  static constexpr std::size_t most_nested = 8;  // Values of several lines that overlap.

  std::string_view carrier_;
  std::string_view text_;
  BarePlacement bare_;
  std::vector<SecretValue> values_;
  std::size_t next_ = 0;
  std::size_t objects_end_ = 0;
  std::size_t counted_ = 0;
  std::size_t line_ = 1;
  Unwrapped unwrapped_;
};

}  // namespace

Unwrapped service_excerpts(std::string_view carrier, std::string_view text, BarePlacement bare) {
  return ExcerptFinder{carrier, text, bare}.all();
}

}  // namespace cfwarden
