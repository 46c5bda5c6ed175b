#include "cfwarden/needs/all_sources.h"
#include "cfwarden/needs/compose_project.h"
#include "starts_from.h"

#include <doctest/doctest.h>

#include <string>

using namespace cfwarden;
using Mode = Invocation::Mode;

namespace {

Starts compose_starts(std::vector<ServiceText> texts, const Accounts& accounts = {}) {
  return starts_from(std::move(texts), {read_docker, read_compose}, accounts);
}

Starts compose_starts(const std::string& text) {
  return compose_starts({{.path = "/srv/app/compose.yml", .text = text}});
}

// The service `tunnel` with these lines, which are indented as they have to be.
std::string tunnel(const std::string& lines, const std::string& rest = "") {
  return "services:\n  tunnel:\n    image: cloudflare/cloudflared\n" + lines + rest;
}

}  // namespace

TEST_CASE("a service of a Compose file is a start with all that it sees of the host") {
  const Starts starts = compose_starts(
      "name: app\n"
      "services:\n"
      "  web:\n"
      "    image: nginx\n"
      "    command: [nginx, -g, daemon off;]\n"
      "  tunnel:\n"
      "    image: cloudflare/cloudflared:latest\n"
      "    container_name: cf\n"
      "    restart: unless-stopped\n"
      "    command: tunnel --config /etc/cloudflared/config.yml run 'my tunnel'\n"
      "    depends_on: [web]\n"
      "    volumes:\n"
      "      - ./cloudflared:/etc/cloudflared:ro\n"
      "      - state:/data\n"
      "      - /anonymous\n"
      "    networks: {default: {}}\n"
      "volumes:\n"
      "  state:\n");
  REQUIRE(starts.all.size() == 1);
  const Start& start = starts.all[0];
  CHECK(start.source == StartSource::compose);
  CHECK(start.who == "tunnel");
  CHECK(start.file == "/srv/app/compose.yml");
  CHECK(start.files == std::vector<std::string>{"/srv/app/compose.yml"});
  CHECK(start.line == 10);
  CHECK(start.invocation.mode == Mode::run);
  CHECK(start.invocation.config == "/etc/cloudflared/config.yml");
  CHECK(start.invocation.tunnel == "my tunnel");
  CHECK(start.run_as.user == "65532");
  CHECK(start.home == "/home/nonroot");
  CHECK(mounted_at(start, "/etc/cloudflared") == "/srv/app/cloudflared");
  CHECK(mounted_at(start, "/data") == "elsewhere");
  CHECK(mounted_at(start, "/anonymous") == "elsewhere");
  CHECK(start.is_container);
  CHECK(start.is_official_image);
  CHECK(start.is_enabled);
  CHECK_FALSE(start.is_active);
  CHECK_FALSE(start.environment_elsewhere);
  CHECK(starts.gaps.empty());
}

TEST_CASE("only files named for Compose are taken for such") {
  for (const char* name : {"compose.yml", "compose.yaml", "docker-compose.yml",
                           "docker-compose.prod.yaml", "compose-tunnel.yml"}) {
    CAPTURE(name);
    CHECK(is_compose_name(name));
  }
  for (const char* name : {"docker.yml", "compose", "my-compose.yml", "compose.json", "x.yml"}) {
    CAPTURE(name);
    CHECK_FALSE(is_compose_name(name));
  }
}

TEST_CASE("a token in a service's command or environment is seen, in every form") {
  for (const char* lines :
       {"    command: tunnel --no-autoupdate run --token CFWARDEN-REMOVED-SECRET\n",
        "    command: [tunnel, run, --token, CFWARDEN-REMOVED-SECRET]\n",
        "    entrypoint: cloudflared tunnel\n    command: run --token=CFWARDEN-REMOVED-SECRET\n"}) {
    CAPTURE(lines);
    const Starts starts = compose_starts(tunnel(lines));
    REQUIRE(starts.all.size() == 1);
    CHECK(starts.all[0].invocation.token_in_arguments);
    CHECK_FALSE(starts.all[0].environment_elsewhere);
  }
  for (const char* lines :
       {"    command: tunnel run\n    environment:\n      - TUNNEL_TOKEN=CFWARDEN-REMOVED-SECRET\n",
        "    command: tunnel run\n    environment:\n      TUNNEL_TOKEN: CFWARDEN-REMOVED-SECRET\n",
        "    command: tunnel run\n    environment: {X: 1, TUNNEL_TOKEN: \"x\", Y: null}\n"}) {
    CAPTURE(lines);
    const Starts starts = compose_starts(tunnel(lines));
    REQUIRE(starts.all.size() == 1);
    CHECK(starts.all[0].invocation.token_in_environment);
    CHECK_FALSE(starts.all[0].invocation.token_in_arguments);
  }
}

TEST_CASE("variables come from the .env beside the file, which is then a file of the start") {
  const std::string text = tunnel(
      "    command: tunnel run --token-file ${SECRETS:-/run/secrets}/${NAME}\n"
      "    user: \"${UID}:$GID\"\n"
      "    volumes: [\"${DIR}/cf:/etc/cloudflared\"]\n"
      "    environment: [TUNNEL_TOKEN]\n");
  const Starts unread = compose_starts(text);
  CHECK(wants(unread, "/srv/app/.env"));
  const Starts starts = compose_starts({{.path = "/srv/app/compose.yml", .text = text},
                                        {.path = "/srv/app/.env",
                                         .text = "NAME=cf-token\nUID=1000\nGID='998'\nDIR=/"
                                                 "mnt\nTUNNEL_TOKEN=CFWARDEN-REMOVED-SECRET\n"}});
  REQUIRE(starts.all.size() == 1);
  const Start& start = starts.all[0];
  CHECK(start.invocation.token_file == "/run/secrets/cf-token");
  CHECK(start.invocation.token_in_environment);
  CHECK(start.run_as.user == "1000");
  CHECK(start.run_as.group == "998");
  CHECK(mounted_at(start, "/etc/cloudflared") == "/mnt/cf");
  CHECK(start.files == std::vector<std::string>{"/srv/app/compose.yml", "/srv/app/.env"});
  CHECK_FALSE(start.environment_elsewhere);
  CHECK(starts.gaps.empty());
}

TEST_CASE("what only the shell knows is taken for given from elsewhere") {
  const Starts starts =
      compose_starts(tunnel("    command: tunnel run --token ${TUNNEL_TOKEN}\n"
                            "    user: $UID\n"
                            "    volumes: [\"$DIR:/etc/cloudflared\"]\n"));
  REQUIRE(starts.all.size() == 1);
  const Start& start = starts.all[0];
  CHECK(start.invocation.token_in_arguments);
  CHECK(start.environment_elsewhere);
  CHECK(mounted_at(start, "/etc/cloudflared") == "elsewhere");
  REQUIRE(starts.gaps.size() == 1);
  CHECK(starts.gaps[0].why == "line 5: user comes from the shell");

  const Starts others = compose_starts(
      tunnel("    command: tunnel ${EXTRA} --no-autoupdate ${EXTRA} run ${NAME}\n"
             "    environment:\n      TUNNEL_CRED_FILE: ${FILE}\n      TUNNEL_TOKEN:\n"));
  REQUIRE(others.all.size() == 1);
  CHECK(others.all[0].invocation.mode == Mode::run);
  CHECK(others.all[0].invocation.tunnel == "");
  CHECK(others.all[0].invocation.credentials_file == "");
  CHECK(others.all[0].invocation.token_in_environment);
  CHECK(others.all[0].environment_elsewhere);
}

TEST_CASE("words of the shell that may be none hide no word behind them") {
  const Starts starts =
      compose_starts(tunnel("    command: tunnel run ${EXTRA} --no-tls-verify $EXTRA my-tunnel\n"));
  REQUIRE(starts.all.size() == 1);
  CHECK(starts.all[0].invocation.tunnel == "my-tunnel");
  CHECK(starts.all[0].environment_elsewhere);
}

TEST_CASE("environment files are read beneath the environment, in every form") {
  const std::string one = "TUNNEL_TOKEN=CFWARDEN-REMOVED-SECRET\nTUNNEL_CRED_FILE=/a.json\n";
  for (const char* form :
       {"    env_file: cf.env\n", "    env_file: [./cf.env]\n",
        "    env_file:\n      - path: /srv/app/cf.env\n        required: false\n"}) {
    CAPTURE(form);
    const std::string text = tunnel(std::string{"    command: tunnel run\n"} + form +
                                    "    environment: {TUNNEL_CRED_FILE: /b.json}\n");
    const Starts starts = compose_starts(
        {{.path = "/srv/app/compose.yml", .text = text}, {.path = "/srv/app/cf.env", .text = one}});
    REQUIRE(starts.all.size() == 1);
    CHECK(starts.all[0].invocation.token_in_environment);
    CHECK(starts.all[0].invocation.credentials_file == "/b.json");
    CHECK(starts.all[0].files ==
          std::vector<std::string>{"/srv/app/compose.yml", "/srv/app/cf.env"});
    CHECK_FALSE(starts.all[0].environment_elsewhere);

    const Starts unread = compose_starts(text);
    CHECK(wants(unread, "/srv/app/cf.env"));
    REQUIRE(unread.all.size() == 1);
    CHECK(unread.all[0].environment_elsewhere);
  }
}

TEST_CASE("secrets and configs are files of the host where they are declared so") {
  const Starts starts =
      compose_starts(tunnel("    command: tunnel run --token-file /run/secrets/token\n"
                            "    secrets:\n"
                            "      - token\n"
                            "      - source: credentials\n"
                            "        target: /etc/cloudflared/creds.json\n"
                            "      - source: credentials\n"
                            "        target: other.json\n"
                            "      - of_swarm\n"
                            "      - undeclared\n"
                            "    configs:\n"
                            "      - source: config\n"
                            "        target: /etc/cloudflared/config.yml\n"
                            "      - inline\n",
                            "secrets:\n"
                            "  token: {file: ./token.txt}\n"
                            "  credentials: {file: ~/creds.json}\n"
                            "  of_swarm: {external: true}\n"
                            "configs:\n"
                            "  config: {file: /etc/cf.yml}\n"
                            "  inline: {content: \"tunnel: x\"}\n"));
  REQUIRE(starts.all.size() == 1);
  const Start& start = starts.all[0];
  CHECK(mounted_at(start, "/run/secrets/token") == "/srv/app/token.txt");
  CHECK(mounted_at(start, "/etc/cloudflared/creds.json") == "/root/creds.json");
  CHECK(mounted_at(start, "/run/secrets/other.json") == "/root/creds.json");
  CHECK(mounted_at(start, "/run/secrets/of_swarm") == "elsewhere");
  CHECK(mounted_at(start, "/run/secrets/undeclared") == "elsewhere");
  CHECK(mounted_at(start, "/etc/cloudflared/config.yml") == "/etc/cf.yml");
  CHECK(mounted_at(start, "/inline") == "elsewhere");
}

TEST_CASE("volumes lead to the host in their short and their long form") {
  Accounts accounts;
  accounts.users = {{.name = "alice", .uid = 1000, .home = "/home/alice"}};
  const std::string text = tunnel(
      "    command: tunnel run\n"
      "    volumes:\n"
      "      - ~/.cloudflared:/home/nonroot/.cloudflared/\n"
      "      - ../shared:/shared\n"
      "      - type: bind\n"
      "        source: ./long\n"
      "        target: /long\n"
      "        read_only: true\n"
      "      - {type: volume, source: bound, target: /bound}\n"
      "      - {type: volume, source: named, target: /named}\n"
      "      - {type: tmpfs, target: /tmpfs}\n"
      "    tmpfs: /run:size=1m\n",
      "volumes:\n"
      "  named: {}\n"
      "  bound: {driver: local, driver_opts: {type: none, o: bind, device: /mnt/cf}}\n");
  const Starts starts = compose_starts(
      {{.path = "/home/alice/app/docker-compose.yml", .text = text, .owner = 1000}}, accounts);
  REQUIRE(starts.all.size() == 1);
  const Start& start = starts.all[0];
  CHECK(mounted_at(start, "/home/nonroot/.cloudflared") == "/home/alice/.cloudflared");
  CHECK(mounted_at(start, "/shared") == "/home/alice/shared");
  CHECK(mounted_at(start, "/long") == "/home/alice/app/long");
  CHECK(mounted_at(start, "/bound") == "/mnt/cf");
  CHECK(mounted_at(start, "/named") == "elsewhere");
  CHECK(mounted_at(start, "/tmpfs") == "elsewhere");
  CHECK(mounted_at(start, "/run") == "elsewhere");
}

TEST_CASE("a service starts by itself by its restart policy, and not in a profile") {
  struct Case {
    const char* lines;
    bool is_enabled;
  };
  for (const Case& row : {Case{"    restart: always\n", true}, Case{"    restart: \"no\"\n", false},
                          Case{"    restart: no\n", false}, Case{"", false},
                          Case{"    restart: on-failure:3\n", true},
                          Case{"    restart: always\n    profiles: [debug]\n", false}}) {
    CAPTURE(row.lines);
    const Starts starts =
        compose_starts(tunnel(std::string{"    command: tunnel run\n"} + row.lines));
    REQUIRE(starts.all.size() == 1);
    CHECK(starts.all[0].is_enabled == row.is_enabled);
  }
}

TEST_CASE("an override comes over the file that it is for") {
  const std::string base = tunnel(
      "    command: tunnel run\n    user: \"1000\"\n"
      "    environment: {TUNNEL_CRED_FILE: /a.json}\n"
      "    volumes: [\"./a:/a\"]\n");
  const std::string over =
      "services:\n  tunnel:\n    user: root\n    environment: [TUNNEL_TOKEN_FILE=/t]\n"
      "    volumes: [\"./b:/b\"]\n";
  const Starts starts = compose_starts({{.path = "/srv/app/compose.yaml", .text = base},
                                        {.path = "/srv/app/compose.override.yaml", .text = over}});
  REQUIRE(starts.all.size() == 1);
  const Start& start = starts.all[0];
  CHECK(start.run_as.user == "0");
  CHECK(start.invocation.credentials_file == "/a.json");
  CHECK(start.invocation.token_file == "/t");
  CHECK(mounted_at(start, "/a") == "/srv/app/a");
  CHECK(mounted_at(start, "/b") == "/srv/app/b");
  CHECK(start.files ==
        std::vector<std::string>{"/srv/app/compose.yaml", "/srv/app/compose.override.yaml"});
}

TEST_CASE("a service that exists as a container is told once, by the container") {
  const std::string container =
      R"({"Path":"cloudflared","Args":["tunnel","run"],"Name":"/app-tunnel-1","Config":{)"
      R"("Image":"cloudflare/cloudflared","Labels":{"com.docker.compose.service":"tunnel",)"
      R"("com.docker.compose.project.working_dir":"/srv/app",)"
      R"("com.docker.compose.project.config_files":"/srv/app/stack.yml"}}})";
  const std::string stack = tunnel("    command: tunnel run\n    env_file: cf.env\n",
                                   "  second:\n    image: cloudflare/cloudflared\n"
                                   "    command: tunnel run two\n");
  const Starts starts =
      compose_starts({{.path = "/var/lib/docker/containers/a/config.v2.json", .text = container},
                      {.path = "/srv/app/stack.yml", .text = stack}});
  REQUIRE(starts.all.size() == 2);
  CHECK(starts.all[0].who == "app-tunnel-1");
  CHECK(starts.all[0].files ==
        std::vector<std::string>{"/var/lib/docker/containers/a/config.v2.json",
                                 "/srv/app/stack.yml", "/srv/app/cf.env"});
  CHECK(starts.all[1].who == "second");
  CHECK(starts.all[1].source == StartSource::compose);
}

TEST_CASE("a user's container neither hides nor rearranges what others' Compose files say") {
  const std::string container =
      R"({"Path":"cloudflared","Args":["tunnel","run"],"Name":"/mine","Config":{"Labels":{)"
      R"("com.docker.compose.service":"tunnel","com.docker.compose.project.config_files":)"
      R"("/home/alice/compose.yml,/srv/app/compose.yml"}}})";
  const std::string text = tunnel("    command: tunnel run\n    volumes: [\"./cf:/cf\"]\n");
  const Starts starts =
      compose_starts({{.path = "/home/alice/.local/share/docker/containers/a/config.v2.json",
                       .text = container,
                       .owner = 1000},
                      {.path = "/home/alice/compose.yml", .text = text, .owner = 1000},
                      {.path = "/srv/app/compose.yml", .text = text, .owner = 0}});
  REQUIRE(starts.all.size() == 2);
  CHECK(starts.all[0].who == "mine");
  CHECK(starts.all[1].file == "/srv/app/compose.yml");
  CHECK(mounted_at(starts.all[1], "/cf") == "/srv/app/cf");

  const std::string rearranging =
      R"({"Config":{"Labels":{"com.docker.compose.service":"x",)"
      R"("com.docker.compose.project.config_files":"/srv/other/x.yml,/srv/app/compose.yml"}}})";
  const Starts kept =
      compose_starts({{.path = "/home/alice/config.v2.json", .text = rearranging, .owner = 1000},
                      {.path = "/srv/other/x.yml", .text = "services: {}", .owner = 0},
                      {.path = "/srv/app/compose.yml", .text = text, .owner = 0}});
  REQUIRE(kept.all.size() == 1);
  CHECK(mounted_at(kept.all[0], "/cf") == "/srv/app/cf");
}

TEST_CASE("a user's Compose file is no part of a container that root's daemon keeps") {
  const std::string container =
      R"({"Path":"cloudflared","Args":["tunnel","run"],"Name":"/c","Config":{"Labels":{)"
      R"("com.docker.compose.service":"tunnel","com.docker.compose.project.config_files":)"
      R"("/home/alice/compose.yml"}}})";
  const Starts starts =
      compose_starts({{.path = "/var/lib/docker/containers/a/config.v2.json", .text = container},
                      {.path = "/home/alice/compose.yml",
                       .text = tunnel("    command: tunnel run\n"),
                       .owner = 1000}});
  REQUIRE(starts.all.size() == 1);
  CHECK(starts.all[0].who == "c");
  CHECK(starts.all[0].files ==
        std::vector<std::string>{"/var/lib/docker/containers/a/config.v2.json"});
}

TEST_CASE("a remapped daemon counts for the services of its Compose files") {
  const std::vector<ServiceText> texts{
      {.path = "/srv/compose.yml", .text = tunnel("    command: tunnel run\n")},
      {.path = "/etc/docker/daemon.json", .text = R"({"userns-remap":"default"})"},
      {.path = "/etc/subuid", .text = "dockremap:165536:65536"},
      {.path = "/etc/subgid", .text = "dockremap:165536:65536"}};
  Starts starts = compose_starts(texts);
  REQUIRE(starts.all.size() == 1);
  REQUIRE(starts.all[0].id_shift);
  CHECK(starts.all[0].id_shift->uid_base == 165536);

  std::vector<ServiceText> as_host = texts;
  as_host[0].text += "    userns_mode: host\n";
  starts = compose_starts(as_host);
  REQUIRE(starts.all.size() == 1);
  CHECK_FALSE(starts.all[0].id_shift);
}

TEST_CASE("aliases, merges and extended services are gaps where they may concern cloudflared") {
  struct Case {
    const char* text;
    const char* why;
  };
  for (const Case& row : {
           Case{"x-c: &c {restart: always}\nservices:\n  a:\n    <<: *c\n"
                "    image: cloudflare/cloudflared\n    command: tunnel run\n",
                "line 4: merged keys are not followed"},
           Case{"x-c: &c [tunnel, run]\nservices:\n  a:\n    image: cloudflare/cloudflared\n"
                "    command: *c\n",
                "line 5: command is or holds an alias, which is not followed"},
           Case{"x-e: &e {A: b}\nservices:\n  a:\n    image: cloudflare/cloudflared\n"
                "    command: tunnel run\n    environment:\n      <<: *e\n      B: c\n",
                "line 7: environment is or holds an alias, which is not followed"},
           Case{"x-s: &s {image: x}\nservices:\n  cloudflared: *s\n",
                "line 3: the service is an alias, which is not followed"},
           Case{"services:\n  cloudflared:\n    extends: {file: x.yml, service: y}\n",
                "line 3: extends is not followed"},
           Case{"services:\n  a:\n    image: me/cloudflared-web\n",
                "line 3: the command of this image is not known"},
           Case{"include: [cloudflared/stack.yml]\n", "line 1: include is not followed"},
           Case{"services:\n  cloudflared: {image: [\n", "line 3: not valid YAML"},
       }) {
    CAPTURE(row.text);
    const Starts starts = compose_starts(row.text);
    REQUIRE(starts.gaps.size() == 1);
    CHECK(starts.gaps[0].why == row.why);
    CHECK(starts.gaps[0].path == "/srv/app/compose.yml");
  }
  CHECK(compose_starts("x-c: &c {restart: always}\nservices:\n  web:\n    <<: *c\n"
                       "    image: nginx\n    environment: *c\n")
            .gaps.empty());
}

TEST_CASE("merged variables may hold a token") {
  const Starts starts = compose_starts(
      "x-e: &e {A: b}\nservices:\n  a:\n    image: cloudflare/cloudflared\n"
      "    command: tunnel run\n    environment: {<<: *e}\n");
  REQUIRE(starts.all.size() == 1);
  CHECK(starts.all[0].environment_elsewhere);
}

TEST_CASE("an included Compose file is wanted") {
  CHECK(wants(compose_starts("include:\n- sub/compose.yml\n- path: ../docker-compose.yml\n"),
              "/srv/app/sub/compose.yml"));
}

TEST_CASE("a user's Compose file is not filled from another's files") {
  const std::string text =
      tunnel("    command: tunnel run --config ${ROOTS}\n    env_file: /root/x.env\n");
  const Starts starts =
      compose_starts({{.path = "/home/alice/compose.yml", .text = text, .owner = 1000},
                      {.path = "/home/alice/.env", .text = "ROOTS=/leaked", .owner = 0},
                      {.path = "/root/x.env", .text = "TUNNEL_CRED_FILE=/leaked", .owner = 0}});
  REQUIRE(starts.all.size() == 1);
  CHECK(starts.all[0].invocation.config == "");
  CHECK(starts.all[0].invocation.credentials_file == "");
}

TEST_CASE("an environment file too large or taken too often is as if it could not be read") {
  std::string lines;
  for (int i = 0; i < 4'000; ++i) lines += "A=" + std::to_string(i) + "\n";
  std::string text = "services:\n";
  for (int i = 0; i < 8; ++i) {
    text += " s" + std::to_string(i) +
            ": {image: cloudflare/cloudflared, command: tunnel run, env_file: a.env}\n";
  }
  Starts starts = compose_starts(
      {{.path = "/srv/compose.yml", .text = text}, {.path = "/srv/a.env", .text = lines}});
  REQUIRE(starts.all.size() == 8);
  CHECK_FALSE(starts.all.front().environment_elsewhere);
  CHECK(starts.all.back().environment_elsewhere);
  starts = compose_starts({{.path = "/srv/compose.yml", .text = text},
                           {.path = "/srv/a.env", .text = std::string(65'537, '#')}});
  REQUIRE(starts.all.size() == 8);
  CHECK(starts.all.front().environment_elsewhere);
}

TEST_CASE("hostile Compose files end in time, in nothing or in gaps") {
  for (const char* text :
       {"", "[]", "services:\n", "services: []\n", "services: 7\n", "services: {a: }\n",
        "services: {cloudflared: [image, command]}\n",
        "services: {a: {image: {b: cloudflared}, command: {c: d}, environment: 7}}\n",
        "services: {a: {command: [[tunnel]], image: [cloudflared]}}\n"}) {
    CAPTURE(text);
    CHECK(compose_starts(text).all.empty());
  }
  const Starts odd = compose_starts(
      tunnel("    command: tunnel run\n    volumes: {a: b}\n    secrets: [[a], {b: c}, 7]\n"
             "    env_file: {a: b}\n    environment: [[a], {b: c}, 7]\n    configs: 9\n"
             "    profiles: {}\n    restart: [a]\n    group_add: {a: b}\n    user: {a: b}\n"));
  REQUIRE(odd.all.size() == 1);
  CHECK(odd.all[0].run_as.user == "65532");

  std::string many = "services:\n";
  for (int i = 0; i < 3'000; ++i) {
    many += " s" + std::to_string(i) + ": {image: cloudflare/cloudflared, command: tunnel run}\n";
  }
  const Starts starts = compose_starts(many);
  CHECK(starts.all.size() == max_starts + 1);
  CHECK(starts.gaps.size() <= 256);
}
