#include "cfwarden/sweep/decoder_process.h"

#include "cfwarden/host/process.h"
#include "cfwarden/host/sandbox.h"
#include "cfwarden/host/wire.h"
#include "cfwarden/sweep/findings_reply.h"

#include <linux/capability.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <new>
#include <utility>
#include <vector>

namespace cfwarden {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::uint64_t address_space = 512 * 1024 * 1024;
constexpr std::size_t length_bytes = 4;
constexpr std::size_t most_word_bytes = 1 + max_findings_bytes;
static_assert(longest_handed_path + 16 < most_word_bytes);

enum class WordTag : std::uint8_t { took, findings };

void keep_only_channels(const DecoderOrder& order) {
  // The standard streams go too: through them a parser could forge lines of the report.
  std::vector<int> kept{order.queue, order.answers};
  if (under_sanitizer) kept.push_back(STDERR_FILENO);
  std::ranges::sort(kept);
  close_all_but(kept);
}

Result<Done> enter_sandbox(int parent) {
  const bool any_uid = has_capability(CAP_SETUID) && has_capability(CAP_SETGID);
  const auto dropped = any_uid ? become(nobody, nobody) : shed_capabilities();
  if (!dropped) return dropped;
  const auto limited =
      limit_worker(parent, {.address_space = address_space, .cpu_seconds = std::nullopt});
  if (!limited) return limited;
  // One at a time, next to at most three that stay.
  constexpr std::array receiving_calls{int{SYS_recvmsg}};
  return forbid_opening({.descriptors = 8, .calls = receiving_calls});
}

FileFindings only_miss(std::string why) {
  FileFindings findings;
  findings.misses.push_back({.member = "", .why = std::move(why)});
  return findings;
}

FileFindings findings_of(TextStream& stream, const HandedOver& handed, const DecoderOrder& order) {
  if (!handed.descriptor.is_open()) return only_miss("did not reach its decoder");
  const Clock::time_point deadline = Clock::now() + time_for(handed.file.size, order.time);
  try {
    return order.decode(stream, handed.descriptor.get(), handed.file,
                        [deadline] { return Clock::now() < deadline; });
  } catch (const std::bad_alloc&) {
    return only_miss("takes more memory than a decoder may have");
  }
}

// False when nobody listens any more.
bool say(int answers, std::string_view frame) {
  while (!frame.empty()) {
    const ssize_t count = write(answers, frame.data(), frame.size());
    if (count < 0 && errno != EINTR) return false;
    if (count > 0) frame.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

Result<std::optional<HandedOver>> receive_sound(int queue, Receive how) {
  while (true) {
    auto handed = receive_file(queue, how);
    // A message that says nothing is gone; whoever sent it finds it unanswered.
    if (handed || handed.error().code != 0) return handed;
  }
}

// Before it has to wait, what is to be said is said. An Error: there is no queue any more.
Result<std::optional<HandedOver>> next_file(const DecoderOrder& order, std::string& to_say) {
  auto at_once = receive_sound(order.queue, Receive::at_once);
  if (at_once && *at_once) return at_once;
  if (!say(order.answers, to_say)) return Error{"nobody listens", EPIPE};
  to_say.clear();
  return receive_sound(order.queue, Receive::waiting);
}

std::string framed(WordTag tag, std::string_view content) {
  Encoder out;
  out.number(1 + content.size(), length_bytes);
  out.word(tag);
  std::string frame = out.bytes();
  frame += content;
  return frame;
}

std::optional<DecoderWord> word_in(std::string_view bytes) {
  Decoder in{bytes};
  const auto tag = in.tag<WordTag>();
  if (tag == WordTag::findings) {
    auto findings = decode_findings(bytes.substr(1));
    if (!findings) return std::nullopt;
    return DecoderWord{std::move(*findings)};
  }
  in.demand(tag == WordTag::took);
  TookFile took;
  took.size = in.number(8);
  took.path = in.text(longest_handed_path);
  if (in.failed() || in.left() != 0) return std::nullopt;
  return DecoderWord{std::move(took)};
}

}  // namespace

std::chrono::milliseconds time_for(std::uint64_t size, const DecodingTime& terms) {
  const std::uint64_t seconds = size / terms.bytes_a_second;
  const auto most = static_cast<std::uint64_t>(terms.most.count());
  if (seconds >= most / 1000) return terms.most;
  const auto more = std::chrono::milliseconds{seconds * 1000};
  return std::min(terms.least + more, terms.most);
}

void decode_handed_over(const DecoderOrder& order, int parent) {
  keep_only_channels(order);
  TextStream stream{*order.finder};
  const auto inside = enter_sandbox(parent);
  // What was found in the last file and which one comes next are said together where both are
  // known: the supervisor wakes up half as often.
  std::string to_say;
  while (true) {
    auto handed = next_file(order, to_say);
    if (!handed || !*handed) return;
    const HandOver& file = (*handed)->file;
    to_say += frame_of(TookFile{file.path, file.size});
    if (!say(order.answers, to_say)) return;
    to_say = frame_of(inside ? findings_of(stream, **handed, order)
                             : only_miss("no sandbox to read it in: " + inside.error().what));
  }
}

std::string frame_of(const TookFile& took) {
  Encoder out;
  out.number(took.size, 8);
  out.text(took.path, longest_handed_path);
  return framed(WordTag::took, out.bytes());
}

std::string frame_of(const FileFindings& findings) {
  return framed(WordTag::findings, encode_findings(findings));
}

Result<std::optional<DecoderWord>> take_word(std::string_view& bytes) {
  std::optional<DecoderWord> word;
  if (bytes.size() < length_bytes) return word;
  const std::uint64_t length = Decoder{bytes}.number(length_bytes);
  const Error nonsense{"its decoder answered nonsense"};
  if (length == 0 || length > most_word_bytes) return nonsense;
  if (bytes.size() - length_bytes < length) return word;
  word = word_in(bytes.substr(length_bytes, static_cast<std::size_t>(length)));
  if (!word) return nonsense;
  bytes.remove_prefix(length_bytes + static_cast<std::size_t>(length));
  return word;
}

}  // namespace cfwarden
