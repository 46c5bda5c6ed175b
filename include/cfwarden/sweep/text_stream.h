// The credentials of one text after the other, each text in pieces of any size.
//
// Expects   a SpotFinder that outlives it; begin(), then the pieces in order, then finish().
// Promises  a text of up to whole_text_bytes is judged as a whole. A longer one is in windows that
//           overlap, so that at their borders nothing is lost, cut or found twice; only split
//           credentials whose parts stand further apart are not put together. Lines count from the
//           text's first byte. In a file by whose name cloudflared opens it a credential is as good
//           as examine() says: as cloudflared takes it for. Memory for one window, and little where
//           the text is short.
#pragma once

#include "cfwarden/base/secret.h"
#include "cfwarden/spots/spots.h"
#include "cfwarden/sweep/found.h"

#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cfwarden {

inline constexpr std::size_t whole_text_bytes = 8 * 1024 * 1024;
inline constexpr std::size_t most_found_in_text = 4096;

// zero_ended: as the arguments and variables of a process; what stands there has no line.
enum class TextForm { any, zero_ended };

struct TextSource {
  std::string path;    // What the carrier is told by: the file's, or the member's.
  std::string member;  // As FoundCredential has it.
  TextForm form = TextForm::any;
};

class TextStream {
 public:
  // Windows of other sizes are for tests; an even number.
  explicit TextStream(const SpotFinder& finder, std::size_t window_bytes = whole_text_bytes)
      : finder_{finder}, window_bytes_{window_bytes} {}

  void begin(TextSource source);
  void append(std::string_view piece);
  // A hole: so many zero bytes, of which no more are looked at than keep its two sides apart.
  void append_zeros(std::uint64_t count);
  // In the order of the text.
  std::vector<FoundCredential> finish();

  // Between two texts: wipes what is left of those that have been.
  void forget() { buffer_ = Secret{}; }

  // After finish(): why something of the text may be missing; "" when all of it was searched.
  std::string_view problem() const { return problem_; }

 private:
  std::string_view window() const { return buffer_.reveal().substr(0, size_); }
  void reserve(std::size_t size);
  void search(std::size_t core_end);
  void move_on();
  void count_lines(std::string_view passed);
  void add(Spot&& spot);
  void judge_by_name();
  std::string_view carrier();

  const SpotFinder& finder_;
  std::size_t window_bytes_;
  TextSource source_;
  Secret buffer_;
  std::size_t size_ = 0;  // Of what is in it.
  // Of the buffer's front: the mark of UTF-16, which every window begins with.
  std::size_t mark_bytes_ = 0;
  std::size_t core_begin_ = 0;  // What stands before was the last window's.
  std::size_t lines_passed_ = 0;
  std::size_t units_passed_ = 0;  // The same, of lines of UTF-16.
  bool has_zero_ = false;
  std::string_view carrier_;
  std::string_view problem_;
  std::set<std::pair<std::string, std::string>> known_;  // Kind and fingerprint.
  std::vector<FoundCredential> found_;
};

}  // namespace cfwarden
