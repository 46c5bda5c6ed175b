#include "cfwarden/needs/container_image.h"

#include <doctest/doctest.h>

using namespace cfwarden;

TEST_CASE("the official image is known behind any registry, tag and digest") {
  for (const char* image :
       {"cloudflare/cloudflared", "cloudflare/cloudflared:latest",
        "docker.io/cloudflare/cloudflared:2026.8.2",
        "registry.example:5000/mirror/cloudflare/cloudflared",
        "docker://docker.io/cloudflare/cloudflared:latest",
        "cloudflare/cloudflared@sha256:00000000000000000000000000000000",
        "localhost:5000/cloudflare/cloudflared:2026.8.2@sha256:00000000000000000000000000000000"}) {
    CAPTURE(image);
    CHECK(is_official_image(image));
    CHECK(is_cloudflared_image(image));
  }
}

TEST_CASE("an image of somebody else is not the official one, however like it is named") {
  for (const char* image : {"", "cloudflared", "erisamoe/cloudflared:latest",
                            "notcloudflare/cloudflared", "cloudflare/cloudflared-web",
                            "cloudflare/cloudflared/other", "cloudflare:cloudflared", "@:/"}) {
    CAPTURE(image);
    CHECK_FALSE(is_official_image(image));
  }
}

TEST_CASE("an image is taken for cloudflared's by the last part of its name") {
  for (const char* image : {"cloudflared", "erisamoe/cloudflared", "me/cloudflared-web:1",
                            "localhost:5000/my-cloudflared@sha256:00"}) {
    CAPTURE(image);
    CHECK(is_cloudflared_image(image));
  }
  for (const char* image : {"nginx", "cloudflared/nginx", "me/nginx:cloudflared", ""}) {
    CAPTURE(image);
    CHECK_FALSE(is_cloudflared_image(image));
  }
}

TEST_CASE("a container runs as its image says unless it says otherwise") {
  struct Case {
    const char* user;
    const char* image;
    const char* uid;
    const char* gid;
    const char* home;
  };
  for (const Case& row : {
           Case{"", "cloudflare/cloudflared", "65532", "65532", "/home/nonroot"},
           Case{"nonroot", "cloudflare/cloudflared", "65532", "65532", "/home/nonroot"},
           Case{"65532:65532", "cloudflare/cloudflared", "65532", "65532", "/home/nonroot"},
           Case{"nonroot:nonroot", "cloudflare/cloudflared", "65532", "65532", "/home/nonroot"},
           Case{"0", "cloudflare/cloudflared", "0", "0", "/root"},
           Case{"root", "cloudflare/cloudflared", "0", "0", "/root"},
           Case{"nobody", "cloudflare/cloudflared", "65534", "65534", "/nonexistent"},
           Case{"1000", "cloudflare/cloudflared", "1000", "0", "/"},
           Case{"1000:998", "cloudflare/cloudflared", "1000", "998", "/"},
           Case{":998", "cloudflare/cloudflared", "65532", "998", "/home/nonroot"},
           Case{"", "erisamoe/cloudflared", "0", "0", "/root"},
           Case{"nonroot", "erisamoe/cloudflared", "nonroot", "0", "/"},
           Case{"65532", "erisamoe/cloudflared", "65532", "0", "/"},
       }) {
    CAPTURE(row.user);
    CAPTURE(row.image);
    const RunAs run_as = run_as_in_image(row.user, row.image);
    CHECK(run_as.user == row.uid);
    CHECK(run_as.group == row.gid);
    CHECK(home_in_image(run_as, row.image) == row.home);
  }
}
