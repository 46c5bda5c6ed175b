// What a sweep hands out: a name, and the content of a file in chunks. All of it is borrowed for
// the time of the call.
#pragma once

#include "cfwarden/host/descriptor.h"
#include "cfwarden/model/file_facts.h"
#include "cfwarden/sweep/directory.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace cfwarden {

struct SweptName {
  std::string_view name;
  FileType type = FileType::other;
  // As the directory lists it; elsewhere than on overlays and mounts the file's own.
  std::uint64_t inode = 0;
  unsigned thread = 0;  // Whose call this is, from 0: for what each thread keeps by itself.
  const DirectoryPath& directory;

  std::string path() const { return directory.of(name); }
};

// An open file, as one thread sees it.
class SweptFile {
 public:
  static constexpr std::size_t longest_window = 1 << 20;

  struct Facts {
    std::string_view name;
    FileId id;
    std::uint64_t size = 0;  // When it was opened.
    // With more than one name it is handed out under whichever came first, and no other: a sweep of
    // the names finds all of them by the inode.
    std::uint64_t links = 1;
    unsigned thread = 0;
  };

  SweptFile(const Facts& facts, const Descriptor& descriptor, const DirectoryPath& directory,
            std::vector<char>& window)
      : facts_{facts}, descriptor_{descriptor}, directory_{directory}, window_{window} {}

  const Facts& facts() const { return facts_; }
  std::string path() const { return directory_.of(facts_.name); }
  const Descriptor& descriptor() const { return descriptor_; }

  // Any range of the file, cut at its end and at longest_window; good until the next call of this
  // thread, for whatever file. Shorter, or empty, where it cannot be read.
  std::string_view window(std::uint64_t offset, std::size_t length) const;

 private:
  Facts facts_;
  const Descriptor& descriptor_;
  const DirectoryPath& directory_;
  std::vector<char>& window_;
};

// Some bytes of a file. Those of one file come in any order, and from several threads, when it is
// large. Around a border each of two neighbours has the `overlap` last bytes before it, so that
// what is no longer than overlap + 1 stands whole in one of them. Holes are left out: the bytes
// before and after one are no neighbours.
struct SweptChunk {
  static constexpr std::size_t slack =
      64;  // So many bytes past the end may be read; they mean nothing.

  std::uint64_t offset = 0;  // Of bytes[0], in the file.
  std::string_view bytes;
  std::size_t repeated = 0;  // So many of them at the front another chunk has, too.
  bool is_last = false;      // Reaches the size at opening. None does before a hole at the end.
};

}  // namespace cfwarden
