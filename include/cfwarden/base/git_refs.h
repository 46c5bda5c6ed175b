// Where a git repository's HEAD leads: what HEAD and the files of refs hold, and packed-refs. As
// gitrepository-layout(5) says it. Pure, and linear in the bytes.
#pragma once

#include <string>
#include <string_view>

namespace cfwarden {

// One of them, or neither: what a file that is a ref holds.
struct GitRef {
  std::string leads_to;  // "refs/...", safe to be joined to a directory.
  std::string id;        // Of the commit, in hexadecimal.
};

GitRef git_ref_in(std::string_view file);

// The id that packed-refs has for `ref`; "" for none.
std::string id_in_packed_refs(std::string_view packed_refs, std::string_view ref);

bool is_git_ref_name(std::string_view name);  // "refs/..." without a way out of there.

}  // namespace cfwarden
