#include "cfwarden/host/starts_reply.h"

#include "cfwarden/host/reader.h"
#include "cfwarden/host/reply.h"
#include "cfwarden/host/wire.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace cfwarden {
namespace {

constexpr std::size_t max_text = 4096;  // Paths and names: hostile.
constexpr std::size_t max_list = 64;    // Of each list of a start.
constexpr std::size_t room_for_starts = max_reading_bytes / 2;
constexpr std::size_t room_for_wanted = max_reading_bytes / 4;
constexpr std::size_t room_for_gaps = max_reading_bytes / 8;
constexpr unsigned first_byte = 'S';  // No Reading begins so.
constexpr const char* cut_short = "cloudflared is started in more ways than a report can hold";

std::string encoded(const std::string& text) {
  Encoder out;
  out.text(text, max_text);
  return out.bytes();
}

std::string encoded(const Mount& mount) {
  return encoded(mount.inside) + encoded(mount.outside);
}

std::string encoded(const HiddenPath& hidden) {
  return encoded(hidden.path) + encoded(hidden.by);
}

std::string encoded(const LoadedCredential& loaded) {
  return encoded(loaded.seen_as) + encoded(loaded.source);
}

template <class Item>
std::string encoded_short_list(std::vector<Item> items) {
  if (items.size() > max_list) items.resize(max_list);
  std::size_t room = room_for_starts;
  bool cut = false;
  return encoded_list(items, room, cut, [](const Item& item) { return encoded(item); });
}

std::string encoded(const Invocation& invocation) {
  Encoder out;
  out.word(invocation.mode);
  for (const std::string* text :
       {&invocation.config, &invocation.origin_certificate, &invocation.credentials_file,
        &invocation.token_file, &invocation.tunnel}) {
    out.text(*text, max_text);
  }
  out.flag(invocation.token_in_arguments);
  out.flag(invocation.token_in_environment);
  out.flag(invocation.credentials_in_environment);
  return out.bytes();
}

std::string encoded(const RunAs& run_as) {
  Encoder out;
  out.text(run_as.user, max_text);
  out.text(run_as.group, max_text);
  out.flag(run_as.dynamic);
  out.flag(run_as.reads_everything);
  out.flag(run_as.loses_capabilities);
  return out.bytes() + encoded_short_list(run_as.more_groups);
}

std::string encoded(const std::optional<IdShift>& shift) {
  Encoder out;
  out.flag(shift.has_value());
  if (shift) {
    out.number(shift->uid_base, 4);
    out.number(shift->gid_base, 4);
  }
  return out.bytes();
}

std::string encoded(const Start& start) {
  Encoder head;
  head.word(start.source);
  head.text(start.who, max_text);
  head.text(start.file, max_text);
  head.position(start.line);
  head.text(start.home, max_text);
  head.text(start.working_directory, max_text);
  head.text(start.root_directory, max_text);
  head.flag(start.is_container);
  head.flag(start.is_official_image);
  head.flag(start.environment_elsewhere);
  head.flag(start.is_enabled);
  head.flag(start.is_active);
  head.flag(start.manager_uid.has_value());
  if (start.manager_uid) head.number(*start.manager_uid, 4);
  return head.bytes() + encoded_short_list(start.files) + encoded_short_list(start.read_as_runner) +
         encoded(start.invocation) + encoded(start.run_as) + encoded_short_list(start.mounts) +
         encoded_short_list(start.hidden) + encoded_short_list(start.elsewhere) +
         encoded_short_list(start.loaded) + encoded(start.id_shift);
}

std::string encoded(const Gap& gap) {
  Encoder out;
  out.text(gap.path, max_text);
  out.own_text(gap.why);
  return out.bytes();
}

std::string decoded_text(Decoder& in) {
  return in.text(max_text);
}

Mount decoded_mount(Decoder& in) {
  Mount mount;
  mount.inside = decoded_text(in);
  mount.outside = decoded_text(in);
  return mount;
}

HiddenPath decoded_hidden(Decoder& in) {
  HiddenPath hidden;
  hidden.path = decoded_text(in);
  hidden.by = decoded_text(in);
  return hidden;
}

LoadedCredential decoded_loaded(Decoder& in) {
  LoadedCredential loaded;
  loaded.seen_as = decoded_text(in);
  loaded.source = decoded_text(in);
  return loaded;
}

template <class Item>
std::vector<Item> decoded_short_list(Decoder& in, Item (*decode)(Decoder&)) {
  std::vector<Item> items = decoded_list(in, decode);
  in.demand(items.size() <= max_list);
  return items;
}

Invocation decoded_invocation(Decoder& in) {
  Invocation invocation;
  invocation.mode = in.word<Invocation::Mode>();
  for (std::string* text :
       {&invocation.config, &invocation.origin_certificate, &invocation.credentials_file,
        &invocation.token_file, &invocation.tunnel}) {
    *text = decoded_text(in);
  }
  invocation.token_in_arguments = in.flag();
  invocation.token_in_environment = in.flag();
  invocation.credentials_in_environment = in.flag();
  return invocation;
}

RunAs decoded_run_as(Decoder& in) {
  RunAs run_as;
  run_as.user = decoded_text(in);
  run_as.group = decoded_text(in);
  run_as.dynamic = in.flag();
  run_as.reads_everything = in.flag();
  run_as.loses_capabilities = in.flag();
  run_as.more_groups = decoded_short_list(in, decoded_text);
  return run_as;
}

std::optional<IdShift> decoded_shift(Decoder& in) {
  if (!in.flag()) return std::nullopt;
  IdShift shift;
  shift.uid_base = static_cast<std::uint32_t>(in.number(4));
  shift.gid_base = static_cast<std::uint32_t>(in.number(4));
  return shift;
}

std::optional<std::uint32_t> decoded_uid(Decoder& in) {
  if (!in.flag()) return std::nullopt;
  return static_cast<std::uint32_t>(in.number(4));
}

Start decoded_start(Decoder& in) {
  Start start;
  start.source = in.word<StartSource>();
  start.who = decoded_text(in);
  start.file = decoded_text(in);
  const std::optional<std::size_t> line = in.position();
  in.demand(line.has_value());
  start.line = line.value_or(0);
  start.home = decoded_text(in);
  start.working_directory = decoded_text(in);
  start.root_directory = decoded_text(in);
  start.is_container = in.flag();
  start.is_official_image = in.flag();
  start.environment_elsewhere = in.flag();
  start.is_enabled = in.flag();
  start.is_active = in.flag();
  start.manager_uid = decoded_uid(in);
  start.files = decoded_short_list(in, decoded_text);
  start.read_as_runner = decoded_short_list(in, decoded_text);
  start.invocation = decoded_invocation(in);
  start.run_as = decoded_run_as(in);
  start.mounts = decoded_short_list(in, decoded_mount);
  start.hidden = decoded_short_list(in, decoded_hidden);
  start.elsewhere = decoded_short_list(in, decoded_text);
  start.loaded = decoded_short_list(in, decoded_loaded);
  start.id_shift = decoded_shift(in);
  return start;
}

Gap decoded_gap(Decoder& in) {
  Gap gap;
  gap.path = decoded_text(in);
  gap.why = in.own_text();
  return gap;
}

bool is_usable_path(const std::string& path) {
  return path.starts_with('/') && path.size() <= max_text;
}

}  // namespace

std::string encode_starts(const Starts& starts) {
  const auto encode = [](const auto& item) { return encoded(item); };
  bool starts_cut = false;
  bool wanted_cut = false;
  bool gaps_cut = false;
  std::vector<std::string> wanted;
  std::ranges::copy_if(starts.wanted, std::back_inserter(wanted), is_usable_path);
  Encoder head;
  head.number(first_byte, 1);
  std::size_t room = room_for_starts;
  std::string bytes = head.bytes() + encoded_list(starts.all, room, starts_cut, encode);
  room = room_for_wanted;
  bytes += encoded_list(wanted, room, wanted_cut, encode);
  std::vector<Gap> gaps = starts.gaps;
  if (starts_cut || wanted_cut) gaps.insert(gaps.begin(), Gap{"", cut_short});
  room = room_for_gaps;
  return bytes + encoded_list(gaps, room, gaps_cut, encode);
}

Result<Starts> decode_starts(std::string_view bytes) {
  const Error nonsense{"the worker answered nonsense"};
  if (bytes.size() > max_reading_bytes) return nonsense;
  Decoder in{bytes};
  in.demand(in.number(1) == first_byte);
  Starts starts;
  starts.all = decoded_list(in, decoded_start);
  starts.wanted = decoded_list(in, decoded_text);
  starts.gaps = decoded_list(in, decoded_gap);
  in.demand(starts.all.size() <= max_starts);
  in.demand(std::ranges::all_of(starts.wanted, is_usable_path));
  if (in.failed() || in.left() != 0) return nonsense;
  return starts;
}

}  // namespace cfwarden
