// The host's texts, as one definition may use them.
#pragma once

#include "cfwarden/needs/definitions.h"

#include <string>
#include <string_view>

namespace cfwarden {

// nullptr when it is not among the texts, or a link.
const ServiceText* find_text(const ServiceHost& host, std::string_view path);

// A file that the definition `by` names; wanted when it is not among the texts. What an ordinary
// user wrote is shown only that user's own files: else it could have the words of another's file
// printed as a path of its own.
const ServiceText* named_text(const ServiceHost& host, const ServiceText& by,
                              const std::string& path, Starts& starts);

// Has it read if it is absolute and there is room; a `*` may stand in it.
void want(const std::string& path, Starts& starts);

// Bounded, whatever a hostile definition asks for.
void add_start(Start&& start, Starts& starts);
void add_gap(const std::string& path, std::string_view why, Starts& starts);

// The home of the account that a path lies in: the longest of several; nullptr for none.
const Account* account_at(const ServiceHost& host, std::string_view path);

}  // namespace cfwarden
