// Exceptions and profiles: refused with a complaint of one printable line, or read into what can be
// asked, and, of an exception, written and read again as the same.
#include "cfwarden/rules/exception.h"
#include "cfwarden/rules/profile.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

using namespace cfwarden;

void demand(bool holds) {
  if (!holds) std::abort();
}

bool is_one_line(const std::string& text) {
  return std::ranges::all_of(text, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte >= 0x20 && byte != 0x7F;
  });
}

void exercise(const Exception& exception) {
  for (const ExceptionKey& key : exception_keys()) demand(is_one_line(exception.*key.text));
  demand(!exception.reason.empty() && !exception.owner.empty() && !exception.expires.empty());
  Finding finding;
  finding.rule = exception.rule;
  finding.path = exception.path;
  (void)matches(exception, finding, nullptr);
  (void)concerns_host(exception, "host");
  (void)days_left(exception, 0);
  demand(file_name_for(exception).find('/') == std::string::npos);
  const auto again = parse_exception("again.json", file_text_of(exception));
  demand(static_cast<bool>(again));
  for (const ExceptionKey& key : exception_keys()) {
    demand((**again).*key.text == exception.*key.text);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view text{reinterpret_cast<const char*>(bytes), size};
  const auto exception = parse_exception("exception.json", text);
  if (exception) {
    exercise(**exception);
  } else {
    demand(is_one_line(exception.error().what));
  }
  const auto profile = parse_profile("profile.json", text);
  if (profile) {
    demand(is_profile_name(profile->id) && is_one_line(profile->title));
  } else {
    demand(is_one_line(profile.error().what));
  }
  return 0;
}
