#include "cfwarden/base/glob.h"

#include <doctest/doctest.h>

#include <string>
#include <string_view>

using cfwarden::glob_matches;

TEST_CASE("a glob covers the whole text with its wildcards") {
  struct Case {
    std::string_view pattern, text;
  };
  for (const Case& row : {
           Case{"", ""},
           Case{"/etc/passwd", "/etc/passwd"},
           Case{"*", ""},
           Case{"*", "cert.pem"},
           Case{"*.pem", "cert.pem"},
           Case{"*.pem", ".pem"},
           Case{"/home/*/.cloudflared", "/home/alice/.cloudflared"},
           Case{"**", "/a/b/c"},
           Case{"**/cert.pem", "/cert.pem"},
           Case{"**/cert.pem", "/a/b/cert.pem"},
           Case{"/mnt/**", "/mnt/"},
           Case{"/mnt/**", "/mnt/a/b"},
           Case{"/a/**/*.json", "/a/b/c/x.json"},
           Case{"***", "a/b"},
           Case{"?", "x"},
           Case{"c?rt.*", "cert.pem"},
           Case{"*a*b*", "xxaxxbxx"},
           Case{"**a*b", "a/aab"},
           Case{"[ab]", "[ab]"},
           Case{"a\\*", "a\\b"},
           Case{"*", "a\nb\xFF"},
       }) {
    CAPTURE(row.pattern);
    CAPTURE(row.text);
    CHECK(glob_matches(row.pattern, row.text));
  }
}

TEST_CASE("a glob that covers only a part of the text, or crosses a slash, does not match") {
  struct Case {
    std::string_view pattern, text;
  };
  for (const Case& row : {
           Case{"", "x"},
           Case{"x", ""},
           Case{"cert", "cert.pem"},
           Case{"cert.pem", "cert"},
           Case{"*", "a/b"},
           Case{"?", "/"},
           Case{"?", ""},
           Case{"?", "\xC3\xA9"},
           Case{"/home/*", "/home/alice/x"},
           Case{"/mnt/**", "/mnt"},
           Case{"**/cert.pem", "cert.pem"},
           Case{"[ab]", "a"},
           Case{"CERT.pem", "cert.pem"},
           Case{"ab*ba", "aba"},
           Case{"a?a", "aa"},
       }) {
    CAPTURE(row.pattern);
    CAPTURE(row.text);
    CHECK_FALSE(glob_matches(row.pattern, row.text));
  }
}

TEST_CASE("text made to defeat backtracking costs no more than pattern times text") {
  const std::string text(100'000, 'a');
  CHECK_FALSE(glob_matches("**a*a**a*a**a*a**a*b", text));
  CHECK_FALSE(glob_matches("**a*a**a*a**a*a**a*b*", text));
}
