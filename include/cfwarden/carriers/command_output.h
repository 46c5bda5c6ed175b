// The command substitutions of a text, "$(cat x)" and "`cat x`", whatever quotes they stand in.
// What they print may be a secret; the commands in them only lead to it.
//
// Promises  sorted by begin, linear in the text. One that is never closed ends with its line; a
//           back quote that is never closed on its line begins none.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace cfwarden {

// Offsets in the text: [begin, end), from the "$" or the back quote to behind what closes it.
struct CommandOutput {
  std::size_t begin = 0;
  std::size_t end = 0;
};

std::vector<CommandOutput> command_outputs(std::string_view text);

// The words in such a command that are printed as they stand there, rather than what is read
// elsewhere: behind `echo` and its like, in here-documents, and any that only chance writes so.
// Paths of this host, variables and short flags are none. Offsets in the command.
std::vector<CommandOutput> words_spelled_out(std::string_view command);

// How long the path is that begins a text, where it is one that hosts have: "/etc/x", "$X/y"; else
// 0.
std::size_t host_path_size(std::string_view text);

}  // namespace cfwarden
