#include "cfwarden/sweep/hand_over.h"

#include "cfwarden/host/system_error.h"
#include "cfwarden/host/wire.h"

#include <sys/socket.h>
#include <time.h>
#include <array>
#include <cerrno>
#include <cstring>
#include <string_view>
#include <utility>

namespace cfwarden {
namespace {

constexpr std::size_t head_bytes = 1 + 8 + 4;  // What it is, its size, the length of its path.
constexpr std::size_t longest_message = head_bytes + longest_handed_path;

std::string message_of(const HandOver& file) {
  Encoder out;
  out.flag(file.is_process);
  out.number(file.size, 8);
  out.text(file.path, longest_handed_path);
  return out.bytes();
}

std::optional<HandOver> file_of(std::string_view message) {
  Decoder in{message};
  HandOver file;
  file.is_process = in.flag();
  file.size = in.number(8);
  file.path = in.text(longest_handed_path);
  if (in.failed() || in.left() != 0) return std::nullopt;
  return file;
}

// Room for the control message that carries one descriptor.
struct Control {
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> bytes{};
};

// 0, or errno.
int send(int queue, int descriptor, std::string& message, int flags) {
  Control control;
  iovec part{message.data(), message.size()};
  msghdr header{};
  header.msg_iov = &part;
  header.msg_iovlen = 1;
  header.msg_control = control.bytes.data();
  header.msg_controllen = control.bytes.size();
  cmsghdr* const carried = CMSG_FIRSTHDR(&header);
  carried->cmsg_level = SOL_SOCKET;
  carried->cmsg_type = SCM_RIGHTS;
  carried->cmsg_len = CMSG_LEN(sizeof(int));
  std::memcpy(CMSG_DATA(carried), &descriptor, sizeof descriptor);
  return sendmsg(queue, &header, flags | MSG_NOSIGNAL) < 0 ? errno : 0;
}

// Ten seconds and more. All processes of a user count together, so that another one of nobody's
// could make it last for ever.
constexpr int most_pauses = 10'000;

// More descriptors are on their way than the user may have: some will arrive.
bool passes_by_itself(int error) {
  return error == ETOOMANYREFS || error == ENOBUFS;
}

Result<Done> send_when_possible(int queue, int descriptor, const HandOver& file, int flags) {
  if (file.path.size() > longest_handed_path)
    return system_error("its path is too long to hand it to a decoder", EMSGSIZE);
  const timespec pause{0, 1'000'000};
  std::string message = message_of(file);
  for (int pauses = 0;;) {
    const int error = send(queue, descriptor, message, flags);
    if (error == 0) return Done{};
    const bool waits = (flags & MSG_DONTWAIT) == 0 && pauses++ < most_pauses;
    if (passes_by_itself(error) && waits) {
      (void)nanosleep(&pause, nullptr);
    } else if (error != EINTR) {
      const int told = passes_by_itself(error) ? EAGAIN : error;
      return system_error("handing it to a decoder", told);
    }
  }
}

// The one descriptor that came along; what else came is closed.
Descriptor descriptor_in(msghdr& header) {
  Descriptor first;
  for (cmsghdr* at = CMSG_FIRSTHDR(&header); at != nullptr; at = CMSG_NXTHDR(&header, at)) {
    if (at->cmsg_level != SOL_SOCKET || at->cmsg_type != SCM_RIGHTS) continue;
    const std::size_t count = (at->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (std::size_t i = 0; i < count; ++i) {
      int fd = -1;
      std::memcpy(&fd, CMSG_DATA(at) + i * sizeof fd, sizeof fd);
      Descriptor one{fd};
      if (!first.is_open()) first = std::move(one);
    }
  }
  return first;
}

}  // namespace

Result<Done> hand_over(int queue, int descriptor, const HandOver& file) {
  return send_when_possible(queue, descriptor, file, 0);
}

Result<Done> try_hand_over(int queue, int descriptor, const HandOver& file) {
  return send_when_possible(queue, descriptor, file, MSG_DONTWAIT);
}

Result<std::optional<HandedOver>> receive_file(int queue, Receive how) {
  std::string message(longest_message, '\0');
  Control control;
  iovec part{message.data(), message.size()};
  msghdr header{};
  header.msg_iov = &part;
  header.msg_iovlen = 1;
  header.msg_control = control.bytes.data();
  header.msg_controllen = control.bytes.size();
  const int flags = MSG_CMSG_CLOEXEC | (how == Receive::at_once ? MSG_DONTWAIT : 0);
  ssize_t count = -1;
  do {
    count = recvmsg(queue, &header, flags);
  } while (count < 0 && errno == EINTR);
  if (count < 0) return system_error("receiving a file", errno);
  Descriptor descriptor = descriptor_in(header);
  if (count == 0) return std::optional<HandedOver>{};
  auto file = file_of(std::string_view{message}.substr(0, static_cast<std::size_t>(count)));
  if (!file) return Error{"receiving a file: it is not told which"};
  return std::optional{HandedOver{std::move(*file), std::move(descriptor)}};
}

}  // namespace cfwarden
