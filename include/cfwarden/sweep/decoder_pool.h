// The decoders, as their supervisor sees them: forked when files wait for one, given up when they
// take too long, replaced when they die.
//
// Supplies  queue(), the sending end on which files are handed over; take(), what came of them.
// Expects   one thread, which calls take() again and again while anyone hands over, since the
//           decoders wait for it as the senders wait for them. The start is before the process is
//           confined: it makes a socket.
// Promises  none is forked before there is work, so a sweep that finds nothing pays for none, and
//           never more than `decoders`. What a decoder says is checked, and bounded. A file that a
//           decoder took is answered: with what it found, or why that is not known. One that
//           unpacked what belongs to an ordinary user is replaced, and no word of it counts for
//           another file.
//           Whoever hands over has to know what has not been answered in the end: the file that a
//           decoder took in the moment when it died, or had already begun to talk nonsense.
#pragma once

#include "cfwarden/base/result.h"
#include "cfwarden/host/descriptor.h"
#include "cfwarden/spots/spots.h"
#include "cfwarden/sweep/child_process.h"
#include "cfwarden/sweep/decoder_process.h"
#include "cfwarden/sweep/found.h"
#include "cfwarden/sweep/hand_over.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace cfwarden {

struct DecoderTerms {
  unsigned decoders = 1;
  DecodeFile decode = decode_file;
  DecodingTime time;
  std::chrono::milliseconds grace{2'000};  // Beyond the time, in which a decoder stops by itself.
  // A decoder that has nothing to do and leaves files waiting for so long is stopped, or worse.
  std::chrono::milliseconds deafness{10'000};
};

struct Answered {
  std::string path;
  Result<FileFindings> findings;  // Error: why there are none.
};

class DecoderPool {
 public:
  // `finder` outlives the pool.
  static Result<DecoderPool> start(const SpotFinder& finder, const DecoderTerms& terms);

  DecoderPool(DecoderPool&&) = default;
  DecoderPool& operator=(DecoderPool&&) = default;
  ~DecoderPool() = default;  // Decoders that are left are killed.

  // For hand_over(), by this process's children. -1 once it is closed.
  int queue() const { return sending_.get(); }
  // By this process itself, which cannot wait for the decoders without hearing them. EAGAIN: they
  // are behind; after a take() there may be room.
  Result<Done> hand_over(int descriptor, const HandOver& file);

  // What was answered, at the latest after `timeout`, and earlier when a signal came or `also` can
  // be read; in any order.
  std::vector<Answered> take(std::chrono::milliseconds timeout, int also = -1);

  // Nobody called take() for so long: it counts against no decoder.
  void excuse(std::chrono::steady_clock::duration time);

  // Nothing more is handed over by this process.
  void close_queue() { sending_ = Descriptor{}; }
  // Nobody has the sending end any more, and take() has given all there is.
  bool is_finished() const;
  // Both, and all that was left. Waits while somebody else can hand over, signals or not.
  std::vector<Answered> finish();

  bool is_working() const;  // Somebody is at a file, within the time for it.
  std::uint64_t answered() const { return answered_count_; }

 private:
  using Clock = std::chrono::steady_clock;

  struct Decoding {
    ChildProcess process;
    Descriptor answers;
    std::string received = {};          // Less than one word, but while it is taken.
    std::optional<TookFile> file = {};  // What it is at.
    Clock::time_point deadline = {};    // Of that.
    std::optional<Clock::time_point> deaf_since = {};
    bool has_worked = false;
    bool is_at_last = false;  // It said itself, before it could be taken over, that this is all.
  };

  DecoderPool(const SpotFinder& finder, const DecoderTerms& terms, Descriptor sending,
              Descriptor receiving);

  void staff();
  bool has_idle() const;
  bool may_fork() const;
  bool fork_one();
  void serve_nobody(const std::string& why);
  bool listen(std::chrono::milliseconds timeout, int also = -1);
  std::chrono::milliseconds until_next(std::chrono::milliseconds timeout) const;
  bool goes_on(Decoding& decoder);
  bool hear(Decoding& decoder);
  bool take_words(Decoding& decoder);
  bool is_in_time(Decoding& decoder);
  void bury(Decoding& decoder);
  void note_deafness();
  void answer(std::string path, Result<FileFindings> findings);

  const SpotFinder* finder_;
  DecoderTerms terms_;
  Descriptor sending_;
  Descriptor receiving_;
  std::vector<Decoding> decoders_;
  std::vector<Answered> answered_;
  std::uint64_t answered_count_ = 0;
  unsigned stillborn_ = 0;  // So many in a row ended without having taken a file, or never began.
  Clock::time_point fork_again_ = {};
};

}  // namespace cfwarden
