#include "cfwarden/host/acl.h"

#include <doctest/doctest.h>
#include <string>
#include <string_view>
#include <vector>

namespace cfwarden {
namespace {

TEST_CASE("an ACL is written as the kernel writes it, and read back as it was") {
  const std::vector<AclEntry> entries{{AclTag::owner, 0, 6},
                                      {AclTag::user, 54321, 4},
                                      {AclTag::group, 0, 0},
                                      {AclTag::mask, 0, 4},
                                      {AclTag::named_group, 0x87654321, 5},
                                      {AclTag::others, 0, 0}};
  // Version 2; then for each entry its tag, its rights and its id, -1 where it has none.
  const std::string_view expected{
      "\x02\0\0\0"
      "\x01\0\x06\0\xff\xff\xff\xff\x02\0\x04\0\x31\xd4\0\0\x04\0\0\0\xff\xff\xff\xff"
      "\x10\0\x04\0\xff\xff\xff\xff\x08\0\x05\0\x21\x43\x65\x87\x20\0\0\0\xff\xff\xff\xff",
      52};
  CHECK(encode_acl(entries) == expected);
  CHECK(parse_acl(encode_acl(entries)) == entries);
}

TEST_CASE("an ACL with a tag that does not exist is none") {
  for (const char tag : {'\x00', '\x03', '\x06', '\x11', '\x40'}) {
    CAPTURE(static_cast<int>(tag));
    std::string xattr = encode_acl({{AclTag::owner, 0, 6}});
    xattr[4] = tag;
    CHECK(parse_acl(xattr).empty());
  }
}

}  // namespace
}  // namespace cfwarden
