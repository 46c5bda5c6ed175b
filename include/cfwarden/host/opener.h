// The one way to reach an object of the audited host, for audit and for every later change.
//
// Supplies  Opener: paths, as the audited host names them, to O_PATH descriptors with their facts.
// Promises  component by component from the root, never through a link that an ordinary user could
//           have put there into what is not that user's; below the first directory that is not
//           trusted, openat2 with RESOLVE_BENEATH|NO_SYMLINKS|NO_MAGICLINKS|NO_XDEV (or a checked
//           walk where the kernel lacks it). Nothing is opened for reading here. Under --root no
//           path, absolute symlinks included, leaves that directory.
//           Remote and user-space file systems (NFS, CIFS, FUSE, 9p, autofs) are not touched unless
//           the path asked for lies at or below one by name (Named::yes). A user's own symbolic
//           link is followed as that user: through directories that the user can search, to what
//           the user owns.
// Remembers  the directories on the way, as they were when they were first passed: to look afresh,
//           make a new Opener. One thread at a time.
#pragma once

#include "cfwarden/base/result.h"
#include "cfwarden/host/acl.h"
#include "cfwarden/host/descriptor.h"
#include "cfwarden/host/territory.h"
#include "cfwarden/model/file_facts.h"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace cfwarden {

struct Record;  // Known to position.h.

struct Opened {
  std::shared_ptr<const Descriptor> descriptor;  // O_PATH, but see open_for_listing().
  std::string path;                              // As it was asked for, from the audited root.
  FileFacts facts;
  Territory territory;        // Of the directory that holds it; for a directory: of what it holds.
  std::string location = {};  // The same object without links; `path` where none was followed.
  bool sticky = false;        // For a directory: see Standing.
  // Of a directory that Opener::open() found: itself, last, and those above. Its facts are without
  // ACLs and ancestors, which take most of the time, until something in it needs them.
  std::vector<std::shared_ptr<Record>> way = {};
  bool is_complete = true;  // For a file: see Detail.
  // The first symbolic link that was followed below the trusted part, in words: "symbolic link
  // /home/a/x of uid 1000 to y"; "" where none was.
  std::string link = {};
};

// With its ACLs, and with the directories above too; what is missing yet is read now.
const FileFacts& own_facts(const Opened& opened);
FileFacts complete_facts(const Opened& opened);

// Of a file: with its ACL and the directories above, or only what fstat says, which takes a
// fraction of the time; open it again for the rest.
enum class Detail { complete, status };

enum class Named { no, yes };  // Whether a person named this path: then mounts may be crossed.

class Opener {
 public:
  // `root`: "" or "/" for the running host, else the directory of --root.
  static Result<Opener> at(const std::string& root);
  Opener(Opener&&) noexcept;
  Opener& operator=(Opener&&) noexcept;
  ~Opener();

  // `path` is absolute. Error codes: ENOENT and ENOTDIR mean absent; ELOOP a link that is not
  // followed (the message names its target), EISDIR one that is known to lead to a directory; EXDEV
  // a mount or remote file system; EACCES a closed directory.
  Result<Opened> open(std::string_view path, Named named = Named::no,
                      Detail detail = Detail::complete) const;

  // One entry of an opened directory. `name` has no slash and is neither "." nor "..".
  Result<Opened> open_in(const Opened& directory, std::string_view name, Named named = Named::no,
                         Detail detail = Detail::complete) const;

  const std::string& root() const;  // As at() was given it; "/" for "".

  // The type of a kernel interface (proc, sysfs, cgroup2, ...), which is never walked; "" for
  // others.
  std::string pseudo_file_system(const Opened& directory) const;
  // The same for a mount point that could not be opened, from the mount table.
  std::string pseudo_mount(std::string_view location) const;

  struct State;  // Known to opener.cc alone.

 private:
  explicit Opener(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace cfwarden
