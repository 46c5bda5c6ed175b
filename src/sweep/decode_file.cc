#include "cfwarden/sweep/decode_file.h"

#include "cfwarden/archives/archive.h"
#include "cfwarden/archives/archive_form.h"
#include "cfwarden/base/secret.h"
#include "cfwarden/host/system_error.h"

#include <unistd.h>
#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <iterator>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace cfwarden {
namespace {

constexpr std::size_t piece_bytes = 128 * 1024;
constexpr std::uint64_t most_process_bytes = 16 * 1024 * 1024;  // The kernel allows some 6 MiB.
// More than are told by far; an archive may hold any number.
constexpr std::size_t most_known = 65'536;
constexpr const char* cannot_be_read = "cannot be read";
constexpr const char* out_of_time = "takes too long to search: not all was looked at";

Result<std::size_t> read_at(int descriptor, std::span<char> buffer, std::uint64_t offset) {
  while (true) {
    const ssize_t count =
        pread(descriptor, buffer.data(), buffer.size(), static_cast<off_t>(offset));
    if (count >= 0) return static_cast<std::size_t>(count);
    if (errno != EINTR) return system_error(cannot_be_read, errno);
  }
}

std::string beginning_of(int descriptor) {
  std::string beginning(archive_form_bytes, '\0');
  const auto count = read_at(descriptor, beginning, 0);
  beginning.resize(count ? *count : 0);
  return beginning;
}

std::string_view name_in(std::string_view path) {
  return path.substr(path.rfind('/') + 1);  // npos + 1 is 0.
}

// What the carrier of a member is told by: its path in the innermost archive, as if that had been
// made of the whole file system; of a compressed file its own path.
std::string carrier_path(std::string_view path, std::string_view member, ArchiveForm form) {
  const bool is_bundle = form == ArchiveForm::tar || form == ArchiveForm::zip;
  const std::string_view plain = without_suffix(path);
  if (!is_bundle && member == name_in(plain)) {
    std::string own{path.substr(0, path.size() - name_in(path).size())};
    own += member;
    return own;
  }
  std::string_view inside = member.substr(member.rfind('!') + 1);
  while (inside.starts_with("./")) inside.remove_prefix(2);
  std::string below = inside.starts_with('/') ? "" : "/";
  below += inside;
  return below;
}

class DecodedFile {
 public:
  DecodedFile(TextStream& stream, int descriptor, const HandOver& file,
              const DecodingEvents& events)
      : stream_{stream}, descriptor_{descriptor}, file_{file}, events_{events} {}

  FileFindings findings() {
    if (file_.is_process) {
      read_process();
    } else {
      read_file();
    }
    if (left_out_ > 0) {
      miss("", "holds " + std::to_string(left_out_) + " more credentials than are told");
    }
    return std::move(findings_);
  }

 private:
  void read_file() {
    const std::string beginning = beginning_of(descriptor_);
    if (!is_archive(beginning)) return read_text();
    if (events_.unpacks) events_.unpacks();
    if (read_members(archive_form_of(beginning))) return read_beside_members();
    // It only looks like one, or is damaged from the start: what was told of it is not so.
    findings_ = {};
    left_out_ = 0;
    read_text();
  }

  // What an archive's readers pass over is text for everybody else: what stands behind its end, in
  // comments and headers, or in members that its directory does not name.
  void read_beside_members() {
    const bool is_told = !findings_.misses.empty();
    if (is_told && !events_.keep_going()) return;
    is_beside_members_ = true;
    read_text();
  }

  void miss(std::string_view member, std::string why) {
    findings_.misses.push_back({.member = std::string{member}, .why = std::move(why)});
  }

  void finish_text(std::string_view member) {
    std::vector<FoundCredential> found = stream_.finish();
    if (!stream_.problem().empty()) miss(member, std::string{stream_.problem()});
    if (is_beside_members_) {
      drop_known(found);
    } else {
      remember(found);
    }
    const std::size_t room = most_found_in_file - findings_.found.size();
    if (found.size() > room) {
      left_out_ += found.size() - room;
      found.resize(room);
    }
    std::ranges::move(found, std::back_inserter(findings_.found));
  }

  void remember(const std::vector<FoundCredential>& found) {
    for (const FoundCredential& one : found) {
      if (known_.size() == most_known) return;
      known_.emplace(one.credential.kind, one.credential.fingerprint);
    }
  }

  // A member that is stored as it is has told them.
  void drop_known(std::vector<FoundCredential>& found) const {
    const bool knows_all = known_.size() < most_known;
    std::erase_if(found, [&](const FoundCredential& one) {
      return !knows_all || known_.contains({one.credential.kind, one.credential.fingerprint});
    });
    for (FoundCredential& one : found) one.line = std::nullopt;
  }

  void read_process() {
    stream_.begin({.path = file_.path, .member = "", .form = TextForm::zero_ended});
    const std::uint64_t read = read_span(0, most_process_bytes);
    if (read == most_process_bytes) miss("", "is larger than a process can make it");
    finish_text("");
  }

  void read_text() {
    stream_.begin({.path = file_.path, .member = "", .form = TextForm::any});
    const off_t end = lseek(descriptor_, 0, SEEK_END);
    if (end < 0) {
      miss("", system_error(cannot_be_read, errno).what);
    } else {
      read_stretches(static_cast<std::uint64_t>(end));
    }
    finish_text("");
  }

  // What lies between holes.
  void read_stretches(std::uint64_t end) {
    std::uint64_t at = 0;
    while (at < end) {
      const off_t begin = lseek(descriptor_, static_cast<off_t>(at), SEEK_DATA);
      if (begin < 0 && errno == ENXIO) return stream_.append_zeros(end - at);
      const std::uint64_t from = begin < 0 ? at : static_cast<std::uint64_t>(begin);
      const off_t hole = begin < 0 ? begin : lseek(descriptor_, begin, SEEK_HOLE);
      const std::uint64_t to =
          hole <= begin ? end : std::min(end, static_cast<std::uint64_t>(hole));
      stream_.append_zeros(from - at);
      if (read_span(from, to) != to) return;
      at = to;
    }
  }

  // How far it came: `to`, the end of the file, or where it had to stop.
  std::uint64_t read_span(std::uint64_t from, std::uint64_t to) {
    if (buffer_.empty()) buffer_ = Secret{piece_bytes};
    while (from < to) {
      if (!events_.keep_going()) {
        miss("", out_of_time);
        break;
      }
      const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(to - from, piece_bytes));
      const auto count = read_at(descriptor_, buffer_.writable().first(wanted), from);
      if (!count) miss("", count.error().what);
      if (!count || *count == 0) break;
      stream_.append(buffer_.reveal().substr(0, *count));
      from += *count;
    }
    return from;
  }

  // False when nothing came out of it.
  bool read_members(ArchiveForm form) {
    std::string name;
    std::uint64_t at = 0;
    bool has_content = false;
    bool is_broken = false;
    const ArchiveEvents events{.begin =
                                   [&](std::string_view member) {
                                     name = member;
                                     at = 0;
                                     stream_.begin({.path = carrier_path(file_.path, member, form),
                                                    .member = name,
                                                    .form = TextForm::any});
                                   },
                               .content =
                                   [&](std::string_view bytes, std::uint64_t offset) {
                                     has_content = true;
                                     if (offset > at) stream_.append_zeros(offset - at);
                                     stream_.append(bytes);
                                     at = offset + bytes.size();
                                   },
                               .end = [&] { finish_text(name); },
                               .miss =
                                   [&](std::string_view member, ArchiveMiss why) {
                                     is_broken = is_broken || why == ArchiveMiss::damaged ||
                                                 why == ArchiveMiss::cut_off;
                                     miss(member, std::string{name_of(why)});
                                   },
                               .keep_going = events_.keep_going};
    read_archive(descriptor_, file_.path, {}, events);
    return has_content || !is_broken;
  }

  TextStream& stream_;
  int descriptor_;
  const HandOver& file_;
  const DecodingEvents& events_;
  Secret buffer_;
  FileFindings findings_;
  std::set<std::pair<std::string, std::string>> known_;  // Kind and fingerprint, of members.
  bool is_beside_members_ = false;
  std::uint64_t left_out_ = 0;  // Credentials, of members too.
};

}  // namespace

FileFindings decode_file(TextStream& stream, int descriptor, const HandOver& file,
                         const DecodingEvents& events) {
  return DecodedFile{stream, descriptor, file, events}.findings();
}

}  // namespace cfwarden
