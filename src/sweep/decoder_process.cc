#include "cfwarden/sweep/decoder_process.h"

#include "cfwarden/host/process.h"
#include "cfwarden/host/sandbox.h"
#include "cfwarden/host/wire.h"
#include "cfwarden/sweep/findings_reply.h"

#include <linux/capability.h>
#include <sys/stat.h>
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

enum class WordTag : std::uint8_t { took, last, findings };

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

// False when nobody listens any more.
bool say(int answers, std::string_view frame) {
  while (!frame.empty()) {
    const ssize_t count = write(answers, frame.data(), frame.size());
    if (count < 0 && errno != EINTR) return false;
    if (count > 0) frame.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

bool is_of_others(int descriptor, std::uint32_t user) {
  struct stat status {};
#if defined(__LP64__)  // The C library's fstat is fstatat, which takes a path and so is forbidden.
  const bool is_known = syscall(SYS_fstat, descriptor, &status) == 0;
#else
  const bool is_known = fstat(descriptor, &status) == 0;
#endif
  return !is_known || (status.st_uid != 0 && status.st_uid != user);
}

// The way by which files come in.
class Intake {
 public:
  explicit Intake(const DecoderOrder& order) : order_{order} {}

  bool is_open() const { return is_open_; }

  // What unpacks is a lot of code, of libraries: an archive that takes it over shall neither see
  // nor speak for the files of others, those that come and those that have been.
  void narrow_to(int descriptor, TextStream& stream) {
    if (!is_of_others(descriptor, order_.user)) return;
    is_open_ = false;
    (void)close(order_.queue);  // Linux closes it whatever it answers.
    stream.forget();
    // While it can still be believed.
    if (!say(order_.answers, frame_of(LastFile{}))) (void)close(order_.answers);
  }

 private:
  const DecoderOrder& order_;
  bool is_open_ = true;
};

FileFindings findings_of(TextStream& stream, const HandedOver& handed, const DecoderOrder& order,
                         Intake& intake) {
  if (!handed.descriptor.is_open()) return only_miss("did not reach its decoder");
  const Clock::time_point deadline = Clock::now() + time_for(handed.file.size, order.time);
  const int descriptor = handed.descriptor.get();
  try {
    return order.decode(
        stream, descriptor, handed.file,
        {.keep_going = [deadline] { return Clock::now() < deadline; },
         .unpacks = [&stream, &intake, descriptor] { intake.narrow_to(descriptor, stream); }});
  } catch (const std::bad_alloc&) {
    return only_miss("takes more memory than a decoder may have");
  }
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
  if (tag == WordTag::last && bytes.size() == 1) return DecoderWord{LastFile{}};
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
  Intake intake{order};
  while (intake.is_open()) {
    auto handed = next_file(order, to_say);
    if (!handed || !*handed) return;
    const HandOver& file = (*handed)->file;
    to_say += frame_of(TookFile{file.path, file.size});
    if (!say(order.answers, to_say)) return;
    to_say = frame_of(inside ? findings_of(stream, **handed, order, intake)
                             : only_miss("no sandbox to read it in: " + inside.error().what));
  }
  (void)say(order.answers, to_say);
}

std::string frame_of(const TookFile& took) {
  Encoder out;
  out.number(took.size, 8);
  out.text(took.path, longest_handed_path);
  return framed(WordTag::took, out.bytes());
}

std::string frame_of(LastFile) {
  return framed(WordTag::last, {});
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
