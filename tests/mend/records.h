// Records as hostile as a host can make them, and lines with a checksum of the tests' own.
#pragma once

#include "cfwarden/mend/journal_line.h"

#include <doctest/doctest.h>

#include <array>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

namespace cfwarden {
namespace {

// CRC-32 as IEEE 802.3 has it, a bit at a time.
inline std::string crc32_hex(std::string_view text) {
  std::uint32_t crc = 0xffffffff;
  for (const char byte : text) {
    crc ^= static_cast<unsigned char>(byte);
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ ((crc & 1) != 0 ? 0xedb88320 : 0);
  }
  std::array<char, 9> hex{};
  std::snprintf(hex.data(), hex.size(), "%08x", ~crc);
  return hex.data();
}

// `record` is a JSON object; without a newline.
inline std::string sealed(std::string record) {
  record.pop_back();
  const std::string crc = crc32_hex(record);
  return record + R"(,"crc":")" + crc + R"("})";
}

inline std::vector<std::string> hostile_paths() {
  return {"/",
          "/etc/cloudflared/token",
          "/home/a/forged\n{\"op\":\"end\"}",
          "/home/a/\x1b]0;title\x07\x1b[2J",
          "/home/a/\xff\xfe\xc3(\xe2\x80\xae",
          "/home/a/\"quotes\\ and \t'$()`-rf ",
          "/" + std::string(4095, 'x'),
          "/" + std::string(4095, '\xff')};
}

inline std::vector<AclEntry> every_tag() {
  return {{AclTag::owner, 0, 6},           {AclTag::user, 0, 4},
          {AclTag::user, 4294967294, 7},   {AclTag::group, 0, 0},
          {AclTag::named_group, 54321, 5}, {AclTag::mask, 0, 7},
          {AclTag::others, 0, 1}};
}

inline JournalRun some_run() {
  return {.tool_version = "0.1.0",
          .user = "root",
          .euid = 0,
          .root = "/",
          .root_id = {.device = 65024, .inode = 2},
          .started = 1795337005};  // 20261122T084325Z
}

inline Intent some_intent(std::size_t number, std::string path = "/etc/cloudflared/token") {
  return {
      .number = number,
      .path = std::move(path),
      .type = FileType::regular,
      .identity = {.id = {.device = 65024, .inode = 100 + number},
                   .born_nanoseconds = 1795000000123456789,
                   .generation = std::nullopt},
      .changed_nanoseconds = 1795000000123456789,
      .modified = 1795000000,
      .size = 180,
      .before = {.permissions = {.mode = 0644, .uid = 0, .gid = 0, .acl = {}}, .default_acl = {}},
      .after = {.permissions = {.mode = 0600, .uid = 0, .gid = 0, .acl = {}}, .default_acl = {}},
      .first = {.permissions = {.mode = 0666, .uid = 0, .gid = 0, .acl = {}}, .default_acl = {}}};
}

// Every value at its limit.
inline Intent extreme_intent(std::size_t number, std::string path) {
  constexpr auto most = std::numeric_limits<std::uint64_t>::max();
  constexpr std::uint32_t most_id = 0xffffffff;
  const Permissions permissions{.mode = 07777, .uid = most_id, .gid = most_id, .acl = every_tag()};
  return {.number = number,
          .path = std::move(path),
          .type = FileType::directory,
          .identity = {.id = {.device = most, .inode = most},
                       .born_nanoseconds = std::numeric_limits<std::int64_t>::min(),
                       .generation = most_id},
          .changed_nanoseconds = std::numeric_limits<std::int64_t>::max(),
          .modified = std::numeric_limits<std::int64_t>::min(),
          .size = most,
          .before = {.permissions = permissions, .default_acl = every_tag()},
          .after = {.permissions = {}, .default_acl = {}},
          .first = {.permissions = permissions, .default_acl = {}}};
}

inline MovedFile some_file(std::string path) {
  return {.path = std::move(path),
          .identity = {.id = {.device = 1, .inode = 2}, .born_nanoseconds = -1, .generation = 7},
          .changed_nanoseconds = 3,
          .modified_nanoseconds = -4,
          .size = 1234,
          .permissions = {.mode = 0644, .uid = 5, .gid = 6, .acl = every_tag()}};
}

inline TokenMove some_move(std::size_t number) {
  return {.number = number,
          .unit_path = "/etc/systemd/system/cloudflared.service",
          .token_path = "/etc/cloudflared/token\n",
          .unit_temporary = ".cfwarden-1\xff",
          .token_temporary = ".cfwarden-2",
          .unit_before = some_file("/etc/systemd/system/cloudflared.service"),
          .unit_after = std::nullopt,
          .token_after = std::nullopt};
}

inline TokenMove some_moved(std::size_t number) {
  TokenMove move = some_move(number);
  move.unit_after = some_file("/etc/systemd/system/cloudflared.service");
  move.token_after = some_file("/etc/cloudflared/\x80token");
  return move;
}

inline std::string text_of_line(const JournalLine& line) {
  const Result<std::string> text = line_of(line);
  REQUIRE_MESSAGE(text, text.error().what);
  return *text;
}

}  // namespace
}  // namespace cfwarden
