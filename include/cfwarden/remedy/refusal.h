// May this object be changed at all? safety.md's table of refusals, in one place. Pure.
//
// Asked when a plan is made and, over fresh circumstances, again just before each change.
#pragma once

#include "cfwarden/model/accounts.h"
#include "cfwarden/remedy/circumstances.h"

#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace cfwarden {

// Of a directory's mode: what is in the way of all that lies below it.
inline constexpr unsigned others_write = 022;

struct Forbidden {
  std::string why;      // One clause that names what is in the way, its owner, its target.
  std::string command;  // What the person can run instead, with words quoted for a shell; "".
};

// `mended_first`: default cloudflared directories that the same plan closes before; that others can
// write in them is then no obstacle.
// Refuses: links below the trusted part; what is no regular file or directory; more than one name;
// a directory above that group, others or an ACL may write in (root's sticky ones too) or that
// belongs neither to root nor to the territory's user; a home whose owner is not its passwd uid;
// unmapped ids; immutable, append-only, read-only; remote file systems unless `is_named`; what is
// laid out elsewhere (/run/credentials, kubelet volumes, /nix/store, /gnu/store).
std::optional<Forbidden> forbidden(const Circumstances& object, const Accounts& accounts,
                                   const std::set<FileId>& mended_first, bool is_named);

// Whose territory the object lies in once those directories above it are closed.
Circumstances once_mended(Circumstances object, const std::set<FileId>& mended_first);

// A default cloudflared directory, which a plan may close before it asks for what it holds.
bool may_be_mended_first(std::string_view path);

}  // namespace cfwarden
