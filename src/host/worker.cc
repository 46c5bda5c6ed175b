#include "cfwarden/host/worker.h"

#include "cfwarden/base/secret.h"
#include "cfwarden/carriers/service_text.h"
#include "cfwarden/host/owner_view.h"
#include "cfwarden/host/process.h"
#include "cfwarden/host/reply.h"
#include "cfwarden/host/sandbox.h"
#include "cfwarden/host/starts_reply.h"
#include "cfwarden/needs/definitions.h"

#include <unistd.h>
#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <new>
#include <string>

namespace cfwarden {
namespace {

constexpr const char* too_long = "is too long for a service's definition; not understood";

Examination examined(const WorkItem& item, std::string_view bytes, const WorkOrder& order) {
  const bool is_definition = item.role != ServiceRole::none;
  const bool has_to_concern = item.role == ServiceRole::possible || item.role == ServiceRole::named;
  const bool is_unrelated = has_to_concern && !may_concern_cloudflared(bytes);
  // Of some hundred units one or none has to do with cloudflared.
  if (is_unrelated && item.role == ServiceRole::possible) return {};
  Examination examination = order.terms.parse(item.name, bytes, order.hmac_key);
  examination.is_unrelated = is_unrelated;
  if (!is_definition || is_unrelated) return examination;
  if (examination.over_cap) {
    const bool is_missed = examination.problem.empty() && may_concern_cloudflared(bytes);
    if (is_missed) examination.problem = too_long;
    return examination;
  }
  examination.service_text = without_secrets(bytes, secret_placeholder);
  if (examination.service_text.size() > max_service_text_bytes) {
    examination.service_text.clear();
    examination.problem = too_long;
  }
  return examination;
}

Reading answer(const WorkItem& item, const Opening& opening, const WorkOrder& order) {
  if (!opening.refusal.empty()) return Unread{opening.refusal};
  if (item.file == nullptr) return examined(item, item.bytes, order);
  const auto bytes = read_settled(opening.fd, size_cap(item.name) + 1);
  if (!bytes) return Unread{bytes.error().what};
  return examined(item, bytes->reveal(), order);
}

std::string bounded_answer(const WorkItem& item, const Opening& opening, const WorkOrder& order) {
  try {
    if (item.services != nullptr) return encode_starts(starts_of(*item.services));
    return encode_reply({answer(item, opening, order)});
  } catch (const std::bad_alloc&) {
    return encode_reply({Unread{"takes more memory than a parser may have"}});
  }
}

// False when nobody listens any more.
bool send(int report, const std::string& reply) {
  std::string frame;
  for (unsigned i = 0; i < 4; ++i) frame += static_cast<char>(reply.size() >> (8 * i) & 0xff);
  frame += reply;
  for (std::string_view rest = frame; !rest.empty();) {
    const ssize_t count = write(report, rest.data(), rest.size());
    if (count < 0 && errno != EINTR) return false;
    if (count > 0) rest.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

void keep_only_ordered(const WorkOrder& order, int report) {
  std::vector<int> kept{report};
  // The standard streams go too: through them a parser could forge lines of the report.
  if (under_sanitizer) kept.push_back(STDERR_FILENO);
  for (const WorkItem& item : order.items) {
    if (item.file != nullptr) kept.push_back(item.file->descriptor->get());
  }
  std::ranges::sort(kept);
  close_all_but(kept);
}

void serve(const WorkOrder& order, int report, int parent) {
  keep_only_ordered(order, report);
  std::vector<const Opened*> files;
  for (const WorkItem& item : order.items) files.push_back(item.file);
  std::vector<Opening> openings;
  const auto inside = enter_sandbox({order.territory, order.gid, files}, parent, openings);
  for (std::size_t i = 0; i < order.items.size(); ++i) {
    const std::string reply =
        inside ? bounded_answer(order.items[i], openings[i], order)
               : encode_reply({Unread{"no sandbox to read it in: " + inside.error().what}});
    if (!send(report, reply)) return;
  }
}

}  // namespace

void work(const WorkOrder& order, int report, int parent) {
  // Nothing of the parent's may run in here: no destructor, no handler at exit, no flushing.
  try {
    serve(order, report, parent);
  } catch (...) {
    _exit(1);
  }
  _exit(0);
}

}  // namespace cfwarden
