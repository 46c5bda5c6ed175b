#include "cfwarden/carriers/service_text.h"

#include "cfwarden/base/base64.h"
#include "cfwarden/base/secret_runs.h"
#include "cfwarden/carriers/secret_values.h"

#include <algorithm>
#include <array>
#include <vector>

namespace cfwarden {
namespace {

struct Span {
  std::size_t begin = 0;
  std::size_t end = 0;
  bool needs_quotes = false;
};

// All that has to go, from first to last, what overlaps or touches made one.
std::vector<Span> spans_of(std::string_view text) {
  std::vector<Span> spans;
  for (const SecretValue& value : secret_values(text)) {
    spans.push_back({value.begin, value.end, value.needs_quotes});
  }
  for (const SecretRun& run : secret_runs(text)) spans.push_back({run.begin, run.end});
  for (const SecretRun& body : pem_bodies(text)) spans.push_back({body.begin, body.end});
  std::ranges::sort(spans, {}, &Span::begin);
  std::vector<Span> merged;
  for (const Span& span : spans) {
    if (merged.empty() || span.begin > merged.back().end) {
      merged.push_back(span);
    } else if (span.end > merged.back().end) {
      merged.back() = {merged.back().begin, span.end};
    }
  }
  return merged;
}

// The line feeds of what is replaced stay, so that what follows keeps its line; so does a back
// slash that continues a line.
void append_line_feeds(std::string& out, std::string_view replaced) {
  for (std::size_t at = replaced.find('\n'); at != replaced.npos;
       at = replaced.find('\n', at + 1)) {
    const std::string_view before = replaced.substr(0, at);
    if (before.ends_with('\\') || before.ends_with("\\\r")) out += '\\';
    out += '\n';
  }
}

constexpr std::size_t longest_command = 512;  // From `tunnel` to its `run`.

bool ends_word(std::string_view text, std::size_t at) {
  return at >= text.size() || std::string_view{" \t\r\n\0\"',]\\", 10}.find(text[at]) != text.npos;
}

bool begins_word(std::string_view text, std::size_t at) {
  return at == 0 || std::string_view{" \t\r\n\0\"',[", 9}.find(text[at - 1]) != text.npos;
}

bool has_word(std::string_view text, std::string_view word) {
  for (std::size_t at = text.find(word); at != text.npos; at = text.find(word, at + 1)) {
    if (begins_word(text, at) && ends_word(text, at + word.size())) return true;
  }
  return false;
}

bool runs_tunnel(std::string_view text) {
  constexpr std::string_view tunnel = "tunnel";
  for (std::size_t at = text.find(tunnel); at != text.npos;) {
    const std::size_t next = text.find(tunnel, at + tunnel.size());
    const std::size_t reach = std::min(next, at + longest_command) - at;
    if (begins_word(text, at) && ends_word(text, at + tunnel.size()) &&
        has_word(text.substr(at, reach), "run")) {
      return true;
    }
    at = next;
  }
  return false;
}

bool holds_token(std::string_view text) {
  constexpr std::size_t least_letters = 40;
  for (std::size_t at = text.find("eyJ"); at != text.npos; at = text.find("eyJ", at + 3)) {
    const std::string_view run = text.substr(at, least_letters);
    if (run.size() == least_letters && std::ranges::all_of(run, is_base64_letter)) return true;
  }
  return false;
}

// A unit that starts what an administrator installed: a script says only itself what it runs.
bool starts_local_program(std::string_view text) {
  constexpr std::string_view key = "ExecStart";
  constexpr std::array<std::string_view, 5> places{"/usr/local/", "/opt/", "/srv/", "/root/",
                                                   "/home/"};
  for (std::size_t at = text.find(key); at != text.npos; at = text.find(key, at + key.size())) {
    const std::string_view line = text.substr(at, text.find('\n', at) - at);
    const auto names = [line](std::string_view place) { return line.find(place) != line.npos; };
    if (std::ranges::any_of(places, names)) return true;
  }
  return false;
}

}  // namespace

std::string without_secrets(std::string_view text, std::string_view placeholder) {
  std::string out;
  std::size_t kept = 0;
  for (const Span& span : spans_of(text)) {
    out += text.substr(kept, span.begin - kept);
    if (span.needs_quotes) out += '"';
    out += placeholder;
    if (span.needs_quotes) out += '"';
    append_line_feeds(out, text.substr(span.begin, span.end - span.begin));
    kept = span.end;
  }
  out += text.substr(kept);
  return out;
}

bool may_concern_cloudflared(std::string_view text) {
  constexpr std::array<std::string_view, 6> words{"cloudflared",  "TUNNEL_",
                                                  "--token-file", "--credentials-file",
                                                  "--cred-file",  "--origincert"};
  const auto holds = [text](std::string_view word) { return text.find(word) != text.npos; };
  return std::ranges::any_of(words, holds) || runs_tunnel(text) || holds_token(text) ||
         starts_local_program(text);
}

}  // namespace cfwarden
