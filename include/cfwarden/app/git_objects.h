// Objects of a git repository, loose or packed, read as their owner and parsed in workers.
//
// Expects   the directory "objects" of a repository that the caller may believe in: its own, or
//           root's. No alternates are followed.
// Promises  no program is run. Memory and time are bounded for each worker. What is answered has
// the
//           id that was asked for, and is the parsers' own, and hostile: for a commit an id, for a
//           tree the lines of entries_text(), for a blob its bytes.
#pragma once

#include "cfwarden/base/git_index.h"
#include "cfwarden/base/result.h"
#include "cfwarden/host/opener.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cfwarden {

enum class GitSort { commit, tree, blob };

class GitObjects {
 public:
  using Take = std::function<void(std::size_t which, const Result<std::string>& answer)>;

  GitObjects(const Opener& opener, std::function<std::uint32_t(std::uint32_t uid)> reading_group)
      : opener_{opener}, reading_group_{std::move(reading_group)} {}

  void in(std::string directory) { directory_ = std::move(directory); }

  // From then on nothing more is asked, and what is left is answered with an Error.
  void until(std::chrono::steady_clock::time_point deadline) { deadline_ = deadline; }

  // Each of them is answered once, in any order, as it is read: little is held at a time. Ids are
  // of one length. Nothing larger than `most` is unpacked. Ends early at an interrupt.
  void read(GitSort sort, std::span<const std::string> ids, std::size_t most, const Take& take);

  Result<std::string> read(GitSort sort, const std::string& id, std::size_t most);

 private:
  struct Asked;
  struct Pack {
    std::string index;  // Names in the directory of packs.
    std::string pack;
  };

  void read_loose(Asked& asked);
  void read_packed(Asked& asked);
  void settle(Asked& asked, std::span<const std::size_t> which, std::span<const Opened> files);
  std::vector<std::size_t> ask_packs(Asked& asked, std::span<const Pack> packs,
                                     std::vector<std::size_t> which);
  std::vector<Opened> opened(std::span<const Pack> packs) const;
  Result<std::string> said_of(const Asked& asked, std::span<const Opened> files,
                              std::span<const std::size_t> which) const;
  void list_packs();
  bool is_late() const { return std::chrono::steady_clock::now() >= deadline_; }

  const Opener& opener_;
  std::function<std::uint32_t(std::uint32_t uid)> reading_group_;
  std::string directory_;
  std::chrono::steady_clock::time_point deadline_ = std::chrono::steady_clock::time_point::max();
  bool has_listed_ = false;
  std::string packs_error_;
  std::size_t failures_ = 0;  // Of workers that came to nothing for one object.
  std::optional<Opened> pack_directory_;
  std::vector<Pack> packs_;
};

// "its tree is damaged", "its tree: its parser failed".
std::string told_of(std::string_view what, const Error& error);

// "MODE ID NAME" and a NUL for each; back again, nullopt for nonsense.
std::string entries_text(std::span<const GitEntry> entries);
std::optional<std::vector<GitEntry>> entries_of(std::string_view text);

}  // namespace cfwarden
