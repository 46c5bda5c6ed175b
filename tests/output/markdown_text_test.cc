#include "cfwarden/output/markdown_text.h"

#include <doctest/doctest.h>

using namespace cfwarden;

TEST_CASE("a name is a code span, or HTML where it could end one") {
  CHECK(markdown_code("/etc/cloudflared/cert_a.pem") == "`/etc/cloudflared/cert_a.pem`");
  CHECK(markdown_code("<b>") == "`<b>`");
  CHECK(markdown_code("a`b") == "<code>a&#96;b</code>");
  CHECK(markdown_code("a|b") == "<code>a&#124;b</code>");
  CHECK(markdown_code(" a") == "<code> a</code>");
  CHECK(markdown_code("a\nb") == "`a\\nb`");
  CHECK(markdown_code("").empty());
}

TEST_CASE("no markup comes of prose") {
  CHECK(markdown_prose("is 0644, may be at most 0600") == "is 0644, may be at most 0600");
  CHECK(markdown_prose("now. ww. Www.") == "now. ww. Www&#46;");
  CHECK(markdown_prose("a.service: it's 'b', c=d:") == "a.service: it's 'b', c=d:");
  CHECK(markdown_prose("**b** _i_") == "&#42;&#42;b&#42;&#42; &#95;i&#95;");
  CHECK(markdown_prose("[a](b)") == "&#91;a&#93;(b)");
  CHECK(markdown_prose("<b>&lt;") == "&#60;b&#62;&#38;lt;");
  CHECK(markdown_prose("| x |") == "&#124; x &#124;");
  CHECK(markdown_prose("http://x.y www.x.y") == "http&#58;//x.y www&#46;x.y");
  CHECK(markdown_prose("ask @root") == "<code>ask &#64;root</code>");
}
