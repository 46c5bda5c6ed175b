// What is checked of the command line before any library sees it.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cfwarden {

// An argument that looks like a credential must not be echoed, by us or by a library's error text.
bool looks_like_credential(std::string_view argument);

// How an unknown word is repeated: 'word', or "of that name" for what is not spelled like one of
// ours, since it may be anything that was pasted.
std::string echo_of(std::string_view word);

// A library's error text, with arguments that are long enough to be a secret taken out.
std::string without_long_words(std::string text, std::span<const std::string> arguments);

// `cfwarden` alone, or with options only, is `cfwarden audit`.
std::vector<std::string> with_default_command(std::span<const std::string> arguments);

// The command closest to a word that is none; "" when nothing is close.
std::string closest_command(std::string_view word);

// Absolute and lexically normal; relative ones from the working directory, or from "/" when
// `inside_root`.
enum class PathBase { working_directory, root };
std::string absolute_path(const std::string& path, PathBase base);

}  // namespace cfwarden
