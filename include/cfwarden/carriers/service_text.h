// The text of a service's definition with its secrets taken out, so that it may leave the worker
// that read it.
//
// Promises  every secret that a carrier would excerpt, the value of every flag, variable and key
//           that is there for one, every run of base64 that could be a token, and PEM bodies are
//           replaced by `placeholder`; the lines stay the same lines. Linear. Paths, UUIDs, names
//           and everything else stay as they are.
#pragma once

#include <string>
#include <string_view>

namespace cfwarden {

std::string without_secrets(std::string_view text, std::string_view placeholder);

// Whether a text may have to do with cloudflared at all: it names it, one of its variables or
// flags, holds what looks like a token, or is a unit that starts a program of the administrator's.
bool may_concern_cloudflared(std::string_view text);

}  // namespace cfwarden
