// What a token's move out of a unit meets, as it is now. Nothing is changed here.
//
// Promises  the unit, its directory, /etc/cloudflared and the token file are taken only where root
//           owns them, nobody else can write them, no link leads there, and each file has one name;
//           a file is read at most as far as 64 KiB, and again refused if it changed meanwhile.
#pragma once

#include "cfwarden/base/result.h"
#include "cfwarden/base/secret.h"
#include "cfwarden/host/opener.h"
#include "cfwarden/mend/journal_record.h"
#include "cfwarden/remedy/unit_rewrite.h"

#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace cfwarden {

inline constexpr std::string_view token_directory = "/etc/cloudflared";
inline constexpr std::string_view moved_token_path = "/etc/cloudflared/token";

// The one extended attribute that a unit may have: its new file gets it, too.
inline constexpr const char* security_label = "security.selinux";

// A file of root's, with its bytes.
struct HeldFile {
  Opened opened;
  MovedFile facts;
  Secret bytes;
};

// The directory and a file in it; `file` is empty where there is none of that name.
struct HeldPlace {
  Opened directory;
  std::optional<HeldFile> file;
};

// An Error is a clause that names the path: not root's, writable by others, a link, two names, not
// a regular file, extended attributes (but a label of SELinux), immutable, on a read-only mount,
// too large. Code ENOENT or ENOTDIR: the directory is absent.
Result<HeldPlace> hold(const Opener& opener, const std::string& path);

// That the directory has no other file of that name by now, nor another state of it.
Result<Done> check_unmoved(const HeldPlace& place);

struct TokenMoveSite {
  HeldPlace unit;         // With its file.
  UnitWithToken command;  // Views into its bytes.
  // No value: /etc/cloudflared is absent and would be made.
  std::optional<HeldPlace> token;
};
// It uses --token-file already; `token_path` is what it names.
struct AlreadyMoved {
  std::string token_path;
};
struct MoveRefused {
  std::string why;
};
using MoveLook = std::variant<TokenMoveSite, AlreadyMoved, MoveRefused>;

// Of a unit in installed_units. A token file that is there already is refused, unless it holds this
// very token, closed, and `half_moved` says that an earlier move may have put it there.
enum class HalfMoved { no, yes };
MoveLook look_at_move(const Opener& opener, const std::string& unit_path, HalfMoved half_moved);

// "" for a token file as it should be: 0600, root's, no ACL.
std::string why_not_closed(const HeldFile& token);

}  // namespace cfwarden
