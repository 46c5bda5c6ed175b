#include "cfwarden/output/attributes_text.h"

#include "repair_samples.h"

#include <doctest/doctest.h>

using namespace cfwarden;

TEST_CASE("modes read as ls writes them, special bits and all") {
  struct Case {
    FileType type;
    unsigned mode;
    const char* text;
  };
  for (const Case& one :
       {Case{FileType::regular, 0644, "-rw-r--r--"}, Case{FileType::regular, 0000, "----------"},
        Case{FileType::regular, 07777, "-rwsrwsrwt"}, Case{FileType::regular, 07666, "-rwSrwSrwT"},
        Case{FileType::regular, 04100, "---s------"},
        Case{FileType::directory, 01777, "drwxrwxrwt"},
        Case{FileType::directory, 02750, "drwxr-s---"}, Case{FileType::symlink, 0777, "lrwxrwxrwx"},
        Case{FileType::other, 0600, "?rw-------"}}) {
    CAPTURE(one.mode);
    CHECK(mode_string(one.type, samples::attributes(one.mode)) == one.text);
  }
}

TEST_CASE("a plus stands where there is an ACL, of either sort") {
  Attributes attributes = samples::attributes(0750);
  CHECK(mode_string(FileType::directory, attributes) == "drwxr-x---");
  attributes.default_acl = {{AclTag::user, 1000, 4}};
  CHECK(mode_string(FileType::directory, attributes) == "drwxr-x---+");
  attributes = samples::attributes(0640);
  attributes.permissions.acl = {{AclTag::mask, 0, 4}};
  CHECK(mode_string(FileType::regular, attributes) == "-rw-r-----+");
}

TEST_CASE("entries of an ACL read as getfacl writes them, with the names that are known") {
  const AclNames names = samples::acl_names();
  CHECK(acl_text({AclTag::owner, 0, 7}) == "user::rwx");
  CHECK(acl_text({AclTag::user, 1000, 4}) == "user:1000:r--");
  CHECK(acl_text({AclTag::user, 1000, 4}, names) == "user:alice:r--");
  CHECK(acl_text({AclTag::user, 900, 4}, names) == "user:900:r--");
  CHECK(acl_text({AclTag::group, 0, 0}, names) == "group::---");
  CHECK(acl_text({AclTag::named_group, 900, 5}, names) == "group:ops:r-x");
  CHECK(acl_text({AclTag::mask, 0, 2}, names) == "mask::-w-");
  CHECK(acl_text({AclTag::others, 0, 1}, names) == "other::--x");
}

TEST_CASE("of an ACL that goes those are named whom it named") {
  Attributes before = samples::attributes(0660);
  before.permissions.acl = samples::acl_for_alice_and_ops();
  const Attributes after = samples::attributes(0600);
  using Lines = std::vector<std::string>;
  CHECK(entries_lost(before, after, samples::acl_names()) ==
        Lines{"user:alice:r--", "user:4242:rw-", "group:ops:r--"});
  CHECK(entries_lost(after, before, samples::acl_names()).empty());
}

TEST_CASE("of an ACL that is trimmed what changed is named, the owning group too") {
  Attributes before = samples::attributes(0660);
  before.permissions.acl = {{AclTag::owner, 0, 6},
                            {AclTag::user, 1000, 6},
                            {AclTag::group, 0, 6},
                            {AclTag::mask, 0, 6},
                            {AclTag::others, 0, 0}};
  Attributes after = samples::attributes(0640);
  after.permissions.acl = {{AclTag::owner, 0, 6},
                           {AclTag::user, 1000, 4},
                           {AclTag::group, 0, 0},
                           {AclTag::mask, 0, 4},
                           {AclTag::others, 0, 0}};
  using Lines = std::vector<std::string>;
  CHECK(entries_lost(before, after, {}) == Lines{"user:1000:rw-", "group::rw-"});
  CHECK(entries_lost(after, before, {}) == Lines{"user:1000:r--", "group::---"});
}

TEST_CASE("of a default ACL the classes are named only where it names nobody") {
  Attributes before = samples::attributes(0700);
  before.default_acl = {{AclTag::owner, 0, 7}, {AclTag::group, 0, 7}, {AclTag::others, 0, 5}};
  const Attributes after = samples::attributes(0700);
  using Lines = std::vector<std::string>;
  CHECK(entries_lost(before, after, {}) ==
        Lines{"default:user::rwx", "default:group::rwx", "default:other::r-x"});
  before.default_acl.push_back({AclTag::named_group, 900, 5});
  CHECK(entries_lost(before, after, samples::acl_names()) == Lines{"default:group:ops:r-x"});
}
