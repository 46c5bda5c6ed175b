// The inside of a reading worker: what happens between fork and _exit. Used by host/reader only.
//
// Promises  the privileges go before anything of the user's is opened, and the right to open goes
//           before a byte is parsed; where either fails each file is answered with the reason.
//           Of the parent's descriptors only those that the order names stay open.
#pragma once

#include "cfwarden/host/opener.h"
#include "cfwarden/host/reader.h"
#include "cfwarden/needs/definitions.h"

#include <cstdint>
#include <string_view>
#include <vector>

namespace cfwarden {

struct WorkItem {
  const Opened* file = nullptr;  // nullptr: `bytes` are here already.
  std::string_view name;         // Last component.
  std::string_view bytes;
  ServiceRole role = ServiceRole::none;
  const ServiceHost* services = nullptr;  // Instead of a file: what they start is asked.
};

struct WorkOrder {
  Territory territory;
  std::uint32_t gid = 65534;
  std::vector<WorkItem> items;
  std::string_view hmac_key;
  WorkerTerms terms;
};

// Answers every item in order: a 4-byte little-endian length and an encode_reply() of one Reading,
// or an encode_starts().
// `report` is a pipe, `parent` the pid before the fork.
[[noreturn]] void work(const WorkOrder& order, int report, int parent);

}  // namespace cfwarden
