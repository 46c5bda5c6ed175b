// Bytes of one file -> everything said about it: carriers first, then kinds. Pure.
//
// Promises  of a whole file its own verdict first, then every other credential that stands in it,
//           32 together at most; more are a problem. Lines where there are several. What stands
//           whole in a text is not damaged; in a file by whose name cloudflared opens it, it is,
//           unless another way to read the same one is sound.
#pragma once

#include "cfwarden/carriers/carrier.h"
#include "cfwarden/model/credential.h"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cfwarden {

struct Recognised {
  std::string carrier;
  std::optional<std::size_t> line;
  Decoded decoded;  // Credential or Malformed.
  Placement placement = Placement::whole_file;
};

struct Examination {
  std::vector<Recognised> recognised;
  std::vector<Pointer> pointers;
  bool is_configuration = false;
  bool is_blank = false;      // To cloudflared a token file without anything is none.
  bool over_cap = false;      // Not looked into: it holds more than size_cap() of its name.
  bool is_unrelated = false;  // Asked for as a service's definition: it is none of cloudflared's.
  std::string problem;        // "" when the file was read to its end.
  // Its text without its secrets, where it was asked for as a service's definition and may concern
  // cloudflared.
  std::string service_text;
};

// `file_name` as it lies on disk. `bytes` holds at most the cap plus one byte.
Examination examine(std::string_view file_name, std::string_view bytes, std::string_view hmac_key);

// The same of what somebody means to hand to cloudflared, whatever it is called: all that stands in
// it is as good as cloudflared takes it for.
Examination examine_as_credential(std::string_view file_name, std::string_view bytes,
                                  std::string_view hmac_key);

// How many bytes of a file of this name are worth reading: its size cap.
std::size_t size_cap(std::string_view file_name);

}  // namespace cfwarden
