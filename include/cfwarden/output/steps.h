// Steps and commands that people copy from a screen.
//
// A step's first line is prose, every further one ('\n') a command. Nothing hostile stands in a
// command but as a quoted word: whoever filled its template saw to that.
#pragma once

#include "cfwarden/output/format.h"

#include <cstddef>
#include <iosfwd>
#include <string>
#include <string_view>
#include <vector>

namespace cfwarden {

// The prose wrapped behind `lead`, the commands below it, whole, however long.
void print_step(const std::string& lead, std::string_view step, const Terminal& terminal,
                std::ostream& out);

// Numbered, `indent` deep.
void print_steps(const std::vector<std::string>& steps, std::size_t indent,
                 const Terminal& terminal, std::ostream& out);

// One command, broken as a shell allows where it is wider than the screen: the first line stands
// behind `lead`, the next ones deeper. Only a single word may be wider still. One that holds a
// space could forge a line of the screen: then the command is not shown.
void print_command(const std::string& lead, std::string_view command, const Terminal& terminal,
                   std::ostream& out);

// "cfwarden explain RULE" for the same host, as a command.
void print_explain(const std::string& lead, std::string_view rule, std::string_view root,
                   const Terminal& terminal, std::ostream& out);

// What to say behind a command for it to look at the same host: "--root DIR"; "" for the running
// one.
std::string root_option(std::string_view root, const Terminal& terminal);

// The same, and what to say for it to accept the same: "--root DIR --exceptions DIR".
std::string host_options(std::string_view root, const Terminal& terminal);

}  // namespace cfwarden
