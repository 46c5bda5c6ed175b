#include "cfwarden/base/git_refs.h"

#include <doctest/doctest.h>
#include <string>

using namespace cfwarden;

namespace {

const std::string id(40, 'a');

}  // namespace

TEST_CASE("a ref holds an id or leads to another ref") {
  CHECK(git_ref_in(id + "\n").id == id);
  CHECK(git_ref_in("ref: refs/heads/main\n").leads_to == "refs/heads/main");
  CHECK(git_ref_in("ref:\trefs/heads/a/b").leads_to == "refs/heads/a/b");
}

TEST_CASE("no ref leads out of the directory of refs") {
  const std::string nul = std::string{"ref: refs/a"} + '\0' + "b";
  for (const std::string& one :
       {std::string{}, std::string{"ref: HEAD"}, std::string{"ref: refs/../../etc/shadow"},
        std::string{"ref: refs//a"}, std::string{"ref: refs/a/"}, std::string{"ref: /refs/a"},
        std::string{"ref: refs/heads/.invalid"}, std::string{"ref: "}, std::string{"ref:"}, nul,
        id + "0", std::string(40, 'g'), "ref: refs/" + std::string(5000, 'a')}) {
    const GitRef ref = git_ref_in(one);
    CHECK(ref.leads_to.empty());
    CHECK(ref.id.empty());
  }
}

TEST_CASE("packed refs have one line each") {
  const std::string other(40, 'b');
  const std::string text = "# pack-refs with: peeled fully-peeled sorted \n" + other +
                           " refs/heads/mai\n^" + other + "\n" + id + " refs/heads/main";
  CHECK(id_in_packed_refs(text, "refs/heads/main") == id);
  CHECK(id_in_packed_refs(text, "refs/heads/mai") == other);
  CHECK(id_in_packed_refs(text, "refs/heads/ma").empty());
  CHECK(id_in_packed_refs("x refs/heads/main\n", "refs/heads/main").empty());
  CHECK(id_in_packed_refs("", "").empty());
}
