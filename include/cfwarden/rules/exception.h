// Exceptions are data: one JSON file an exception, in /etc/cfwarden/exceptions.d. The format is
// described in rules/README.md.
//
// Promises  a file that is wrong in any way is refused whole, with file, line and key, and what is
//           allowed; a parser's own text, or a value, is never repeated. Every exception names who
//           answers for it, why, and when it ends, a rule, and one thing that is narrower.
#pragma once

#include "cfwarden/base/result.h"
#include "cfwarden/model/exception.h"
#include "cfwarden/model/report.h"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cfwarden {

// The keys of a file, each with its place in Exception, in the order in which they are written.
struct ExceptionKey {
  std::string_view name;
  std::string Exception::*text;
};
std::span<const ExceptionKey> exception_keys();

// What is wrong with the value of a key, such as "must be a day as 2026-12-31"; "" where nothing
// is.
std::string exception_problem(std::string_view key, std::string_view value);

// What is missing of one whose values are right: "" where nothing is.
std::string incompleteness_of(const Exception& exception);

Result<ExceptionPtr> parse_exception(std::string_view file, std::string_view bytes);

// The bytes of its file. Expects values that are right.
std::string file_text_of(const Exception& exception);

// A name for its file that says what it is about, the same for the same matches.
std::string file_name_for(const Exception& exception);

// Of a rule that tells of exceptions: nobody may except those.
bool is_about_exceptions(std::string_view rule);

// The days from `now`, in seconds since the epoch, to its last one: 0 on it, less once it has
// ended.
std::int64_t days_left(const Exception& exception, std::int64_t now);

// Whether it is meant for this host at all.
bool concerns_host(const Exception& exception, std::string_view hostname);

// Whether all that it gives matches; `credential` is the finding's, or null. Its end and its host
// are not asked.
bool matches(const Exception& exception, const Finding& finding,
             const ReportedCredential* credential);

}  // namespace cfwarden
