// Archives for tests, made by libarchive's own writers, and what is heard when they are read.
#pragma once

#include "cfwarden/archives/archive.h"

#include <archive.h>
#include <archive_entry.h>
#include <doctest/doctest.h>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace cfwarden {

struct ArchiveFile {
  std::string name;
  std::string content;
};

inline la_ssize_t append_to(archive*, void* written, const void* bytes, std::size_t size) {
  static_cast<std::string*>(written)->append(static_cast<const char*>(bytes), size);
  return static_cast<la_ssize_t>(size);
}

// One archive being written.
class ArchiveWriter {
 public:
  // An option such as "zip:compression=store".
  ArchiveWriter(int (*format)(archive*), int (*filter)(archive*), const char* options = nullptr)
      : library_{archive_write_new()} {
    REQUIRE(format(library_) == ARCHIVE_OK);
    REQUIRE(filter(library_) == ARCHIVE_OK);
    if (options != nullptr) REQUIRE(archive_write_set_options(library_, options) == ARCHIVE_OK);
    REQUIRE(archive_write_set_passphrase(library_, "invented") == ARCHIVE_OK);
    REQUIRE(archive_write_set_bytes_in_last_block(library_, 1) == ARCHIVE_OK);
    REQUIRE(archive_write_open(library_, &written_, nullptr, append_to, nullptr) == ARCHIVE_OK);
  }
  ArchiveWriter(const ArchiveWriter&) = delete;
  ArchiveWriter& operator=(const ArchiveWriter&) = delete;
  ~ArchiveWriter() { archive_write_free(library_); }

  void begin(const std::string& name, std::size_t size) {
    archive_entry* const entry = archive_entry_new();
    archive_entry_set_pathname(entry, name.c_str());
    archive_entry_set_filetype(entry, AE_IFREG);
    archive_entry_set_perm(entry, 0600);
    archive_entry_set_uname(entry, "root");
    archive_entry_set_size(entry, static_cast<la_int64_t>(size));
    archive_entry_set_mtime(entry, 1'700'000'000, 0);
    REQUIRE(archive_write_header(library_, entry) >= ARCHIVE_WARN);
    archive_entry_free(entry);
  }
  void add(const std::string& content) {
    REQUIRE(archive_write_data(library_, content.data(), content.size()) ==
            static_cast<la_ssize_t>(content.size()));
  }
  void add_file(const ArchiveFile& file) {
    begin(file.name, file.content.size());
    add(file.content);
  }
  archive* library() { return library_; }

  std::string bytes() {
    REQUIRE(archive_write_close(library_) == ARCHIVE_OK);
    return written_;
  }

 private:
  std::string written_;
  archive* library_;
};

inline std::string tar_of(const std::vector<ArchiveFile>& files) {
  ArchiveWriter writer{archive_write_set_format_pax_restricted, archive_write_add_filter_none};
  for (const ArchiveFile& file : files) writer.add_file(file);
  return writer.bytes();
}

inline std::string zip_of(const std::vector<ArchiveFile>& files, const char* options = nullptr) {
  ArchiveWriter writer{archive_write_set_format_zip, archive_write_add_filter_none, options};
  for (const ArchiveFile& file : files) writer.add_file(file);
  return writer.bytes();
}

inline std::string packed(int (*filter)(archive*), const std::string& bytes,
                          const char* options = nullptr) {
  ArchiveWriter writer{archive_write_set_format_raw, filter, options};
  writer.add_file({"x", bytes});
  return writer.bytes();
}

inline std::string gzip_of(const std::string& bytes) {
  return packed(archive_write_add_filter_gzip, bytes);
}

// What the events told, holes left out of the contents.
struct ArchiveHeard {
  std::vector<ArchiveFile> files;
  std::vector<std::pair<std::string, ArchiveMiss>> misses;
  std::uint64_t bytes = 0;
  bool is_open = false;
};

inline ArchiveEvents events_into(ArchiveHeard& heard) {
  ArchiveEvents events;
  events.begin = [&heard](std::string_view name) {
    CHECK_FALSE(std::exchange(heard.is_open, true));
    heard.files.push_back({std::string{name}, ""});
  };
  events.content = [&heard](std::string_view bytes, std::uint64_t) {
    CHECK(heard.is_open);
    heard.bytes += bytes.size();
    std::string& content = heard.files.back().content;
    if (content.size() < (std::size_t{4} << 20)) content += bytes;
  };
  events.end = [&heard] { CHECK(std::exchange(heard.is_open, false)); };
  events.miss = [&heard](std::string_view name, ArchiveMiss why) {
    heard.misses.emplace_back(std::string{name}, why);
  };
  return events;
}

inline ArchiveHeard heard_in(const std::string& bytes, const std::string& file_name,
                             const ArchiveLimits& limits = {}) {
  ArchiveHeard heard;
  read_archive(bytes, file_name, limits, events_into(heard));
  CHECK_FALSE(heard.is_open);
  return heard;
}

}  // namespace cfwarden
