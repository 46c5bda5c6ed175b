#include "cfwarden/base/uuid.h"

#include <doctest/doctest.h>

namespace cfwarden {
namespace {

constexpr std::string_view plain = "6f1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d";

TEST_CASE("every form that google/uuid takes names the same tunnel") {
  for (const std::string_view text : {
           "6f1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d",
           "6F1B2C3D-4E5F-4A6B-8C7D-9E0F1A2B3C4D",
           "6f1b2c3d4e5f4a6b8c7d9e0f1a2b3c4d",
           "urn:uuid:6f1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d",
           "URN:Uuid:6f1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d",
           "{6f1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d}",
           "x6f1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d ",
       }) {
    CAPTURE(text);
    const auto uuid = parse_uuid(text);
    REQUIRE(uuid);
    CHECK(canonical(*uuid) == plain);
    CHECK_FALSE(uuid->is_nil());
  }
}

TEST_CASE("any other text is no UUID") {
  for (const std::string_view text : {
           "",
           "web",
           "6f1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4",
           " 6f1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d",
           "6f1b2c3-d4e5f-4a6b-8c7d-9e0f1a2b3c4d",
           "6f1b2c3d_4e5f_4a6b_8c7d_9e0f1a2b3c4d",
           "gf1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d",
           "6f1b2c3d-4e5f4a6b8c7d9e0f1a2b3c4",
           "urn-uuid:6f1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d",
           "{6f1b2c3d4e5f4a6b8c7d9e0f1a2b3c4d}",
       }) {
    CAPTURE(text);
    CHECK_FALSE(parse_uuid(text));
  }
}

TEST_CASE("zeros are the nil UUID") {
  const auto uuid = parse_uuid("00000000000000000000000000000000");
  REQUIRE(uuid);
  CHECK(uuid->is_nil());
  CHECK(canonical(*uuid) == "00000000-0000-0000-0000-000000000000");
}

}  // namespace
}  // namespace cfwarden
