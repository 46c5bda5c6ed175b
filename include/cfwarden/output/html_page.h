// The page of the format html before anything is in it: a mustache template with its style and its
// script, and the hashes of both in its Content-Security-Policy. The build makes it of
// src/output/html (cmake/embed_page.cmake).
#pragma once

#include <string_view>

namespace cfwarden {

std::string_view html_page();

}  // namespace cfwarden
