// The parts of a file that hold anything, holes left out; and a file whose parts several threads
// read.
#pragma once

#include "cfwarden/host/descriptor.h"
#include "cfwarden/model/file_facts.h"
#include "cfwarden/sweep/directory.h"

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

namespace cfwarden {

struct FilePart {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
  bool continues = false;  // What stands before it holds something, too.
};

// Goes through a file once. A file system that knows of no holes has none.
class PartCursor {
 public:
  PartCursor(int descriptor, std::uint64_t size, std::uint64_t longest_part)
      : descriptor_{descriptor}, size_{size}, longest_part_{longest_part} {}

  std::optional<FilePart> next();

 private:
  bool find_content();

  int descriptor_;
  std::uint64_t size_;
  std::uint64_t longest_part_;
  std::uint64_t position_ = 0;
  std::uint64_t content_begin_ = 0;
  std::uint64_t content_end_ = 0;
};

class LargeFile {
 public:
  static constexpr std::uint64_t part_bytes = 4 << 20;

  LargeFile(DirectoryRef directory, std::string name, Descriptor descriptor, const FileId& id,
            std::uint64_t size, std::uint64_t links);

  const DirectoryRef directory;
  const std::string name;
  const Descriptor descriptor;
  const FileId id;
  const std::uint64_t size;
  const std::uint64_t links;

  std::optional<FilePart> take();
  enum class After { more, all, all_and_wanted };
  // A part that was taken has been read. Only the last of all parts is told that all have been.
  After finish(bool is_wanted);
  // No part more, as when it cannot be read.
  void give_up();
  bool has_more();

 private:
  std::mutex mutex_;
  PartCursor cursor_;
  std::optional<FilePart> next_;
  unsigned being_read_ = 0;
  bool is_wanted_ = false;
};

}  // namespace cfwarden
