#include "cfwarden/archives/archive_form.h"

#include <algorithm>
#include <array>

namespace cfwarden {
namespace {

using namespace std::string_view_literals;

struct Magic {
  std::string_view bytes;
  ArchiveForm form;
};

// bzip2's "BZh" could begin a text; the digit after it and the first block's number could not.
constexpr std::array magics{
    Magic{"\x1f\x8b\x08"sv, ArchiveForm::gzip},
    Magic{"\x28\xb5\x2f\xfd"sv, ArchiveForm::zstd},
    Magic{"\xfd"
          "7zXZ\0"sv,
          ArchiveForm::xz},
    Magic{"PK\3\4"sv, ArchiveForm::zip},
    Magic{"PK\7\10PK\3\4"sv, ArchiveForm::zip},
    Magic{"PK00PK\3\4"sv, ArchiveForm::zip},
};

bool is_bzip2(std::string_view beginning) {
  if (beginning.size() < 10 || !beginning.starts_with("BZh")) return false;
  if (beginning[3] < '1' || beginning[3] > '9') return false;
  const std::string_view block = beginning.substr(4, 6);
  return block == "\x31\x41\x59\x26\x53\x59"sv || block == "\x17\x72\x45\x38\x50\x90"sv;
}

// Frames that carry no content may come first, as pzstd writes them.
bool is_skippable_zstd(std::string_view beginning) {
  return beginning.size() >= 4 && (beginning[0] & '\xf0') == '\x50' &&
         beginning.substr(1, 3) == "\x2a\x4d\x18"sv;
}

// Every tar, of whatever age, has the sum of its header's bytes at 148, in octal.
bool is_tar(std::string_view beginning) {
  constexpr std::size_t sum_at = 148;
  constexpr std::size_t sum_bytes = 8;
  if (beginning.size() < archive_form_bytes || beginning[0] == '\0') return false;
  std::uint32_t stated = 0;
  std::size_t digits = 0;
  for (const char c : beginning.substr(sum_at, sum_bytes)) {
    if (c == ' ' && digits == 0) continue;
    if (c < '0' || c > '7') break;
    stated = stated * 8 + static_cast<std::uint32_t>(c - '0');
    ++digits;
  }
  if (digits == 0) return false;
  std::uint32_t sum = ' ' * sum_bytes;
  std::int64_t signed_sum = ' ' * sum_bytes;  // Of some old programs.
  for (std::size_t at = 0; at < archive_form_bytes; ++at) {
    if (at >= sum_at && at < sum_at + sum_bytes) continue;
    sum += static_cast<unsigned char>(beginning[at]);
    signed_sum += static_cast<signed char>(beginning[at]);
  }
  return stated == sum || stated == signed_sum;
}

constexpr std::array suffixes{".gz"sv, ".zst"sv, ".xz"sv, ".bz2"sv};

}  // namespace

ArchiveForm archive_form_of(std::string_view beginning) {
  for (const Magic& magic : magics) {
    if (beginning.starts_with(magic.bytes)) return magic.form;
  }
  if (is_bzip2(beginning)) return ArchiveForm::bzip2;
  if (is_skippable_zstd(beginning)) return ArchiveForm::zstd;
  return is_tar(beginning) ? ArchiveForm::tar : ArchiveForm::none;
}

std::string_view without_suffix(std::string_view path) {
  std::string_view name = path.substr(path.rfind('/') + 1);
  for (const std::string_view suffix : suffixes) {
    if (name.size() > suffix.size() && name.ends_with(suffix)) {
      name.remove_suffix(suffix.size());
      return name;
    }
  }
  return name;
}

}  // namespace cfwarden
