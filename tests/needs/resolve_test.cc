#include "cfwarden/needs/resolve.h"

#include <doctest/doctest.h>
#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace cfwarden {
namespace {

using Mode = Invocation::Mode;
using Outcome = Resolution::Outcome;
using Secret = Resolution::Secret;

const std::string id = "6f1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d";
const std::string id_file = id + ".json";

struct Host {
  std::map<std::string, Sight> sights;
  std::map<std::string, Configuration> configurations;  // That can be read; others cannot.
  std::set<std::string> with_tunnel_id;
  Sight otherwise = Sight::absent;
};

HostView view_of(const Host& host) {
  return {.look =
              [&host](const std::string& path) {
                const auto found = host.sights.find(path);
                if (found != host.sights.end()) return found->second;
                return host.configurations.contains(path) ? Sight::readable : host.otherwise;
              },
          .configuration = [&host](const std::string& path) -> std::optional<Configuration> {
            const auto found = host.configurations.find(path);
            if (found == host.configurations.end()) return std::nullopt;
            return found->second;
          },
          .has_tunnel_id =
              [&host](const std::string& path) { return host.with_tunnel_id.contains(path); }};
}

std::string word_of(NeedOf what) {
  switch (what) {
    case NeedOf::configuration:
      return "config";
    case NeedOf::token_file:
      return "token";
    case NeedOf::tunnel_credentials:
      return "credentials";
    case NeedOf::account_certificate:
      return "certificate";
    default:
      return "inline";
  }
}

std::string word_of(Sight sight) {
  switch (sight) {
    case Sight::hidden:
      return "hidden ";
    case Sight::blank:
      return "blank ";
    case Sight::unreadable:
      return "unreadable ";
    case Sight::unknown:
      return "unknown ";
    case Sight::readable:
      return "";
    default:
      return "NEVER ";
  }
}

std::string word_of(const Resolution& resolution) {
  switch (resolution.outcome) {
    case Outcome::found:
      switch (resolution.secret) {
        case Secret::definition:
          return "found in the definition";
        case Secret::configuration:
          return "found in the configuration";
        case Secret::file:
          return "found";
        case Secret::none:
          return "found NOWHERE";
      }
      break;
    case Outcome::nothing:
      return "nothing: " + resolution.missing;
    case Outcome::unknown:
      return "unknown";
    case Outcome::needs_none:
      return "needs none";
  }
  return "";
}

// "config /etc/cloudflared/config.yml; unreadable token /t; found".
std::string text_of(const Resolution& resolution) {
  std::string text;
  for (const NeededFile& file : resolution.files) {
    text += word_of(file.sight) + word_of(file.what) + " " + file.path + "; ";
  }
  return text + (resolution.runs_by_name ? "by name; " : "") + word_of(resolution);
}

Start start_of(const Invocation& told) {
  Start start;
  start.invocation = told;
  return start;
}

std::string resolved(const Invocation& told, const Host& host) {
  return text_of(resolve(start_of(told), "/root", view_of(host)));
}

Invocation run_of(std::string tunnel = "") {
  return {.mode = Mode::run, .tunnel = std::move(tunnel)};
}

Configuration keys(std::vector<std::pair<std::string, std::string>> pairs) {
  Configuration configuration;
  std::size_t line = 0;
  for (auto& [key, value] : pairs) {
    configuration.pointers.push_back(
        {.key = std::move(key), .value = std::move(value), .line = ++line});
  }
  return configuration;
}

Configuration with_token(Configuration configuration = {}) {
  configuration.has_token = true;
  return configuration;
}

struct Row {
  std::string why;
  Invocation told;
  Host host;
  std::string expected;
};

void check(const std::vector<Row>& rows) {
  for (const Row& row : rows) {
    CAPTURE(row.why);
    CHECK(resolved(row.told, row.host) == row.expected);
  }
}

}  // namespace

TEST_CASE("the default search takes the first configuration of its directories") {
  const std::vector<std::string> in_order{
      "/root/.cloudflared/config.yml",         "/root/.cloudflared/config.yaml",
      "/root/.cloudflare-warp/config.yml",     "/root/.cloudflare-warp/config.yaml",
      "/root/cloudflare-warp/config.yml",      "/root/cloudflare-warp/config.yaml",
      "/etc/cloudflared/config.yml",           "/etc/cloudflared/config.yaml",
      "/usr/local/etc/cloudflared/config.yml", "/usr/local/etc/cloudflared/config.yaml"};
  for (std::size_t first = 0; first < in_order.size(); ++first) {
    Host host;
    for (std::size_t i = first; i < in_order.size(); ++i) {
      host.configurations[in_order[i]] = with_token();
    }
    CHECK(resolved(run_of(), host) == "config " + in_order[first] + "; found in the configuration");
  }
  CHECK(resolve(start_of(run_of()), "/root", view_of({})).tried == in_order);
}

TEST_CASE("the default search has its odd rules") {
  const std::string home = "/root/.cloudflared/config.yml";
  const std::string system = "/etc/cloudflared/config.yml";
  check({
      {"an unreadable one is skipped",
       run_of(),
       {.sights = {{home, Sight::unreadable}},
        .configurations = {{home, keys({})}, {system, with_token()}}},
       "config " + system + "; found in the configuration"},
      {"and so is one behind a directory that cannot be searched",
       run_of(),
       {.sights = {{home, Sight::hidden}}, .configurations = {{system, with_token()}}},
       "config " + system + "; found in the configuration"},
      {"what was skipped is named where nothing is found",
       run_of(),
       {.sights = {{system, Sight::unreadable}}, .configurations = {{system, with_token()}}},
       "unreadable config " + system + "; nothing: a token, or the id or name of a tunnel"},
      {"but not where it goes well without",
       {.mode = Mode::run, .token_in_arguments = true},
       {.sights = {{system, Sight::unreadable}}},
       "found in the definition"},
      {"an empty one stops the search",
       run_of(),
       {.sights = {{home, Sight::blank}}, .configurations = {{system, with_token()}}},
       "blank config " + home + "; nothing: a token, or the id or name of a tunnel"},
      {"a directory stops it and is an error",
       {.mode = Mode::run, .token_in_arguments = true},
       {.sights = {{home, Sight::directory}}, .configurations = {{system, with_token()}}},
       "nothing: a configuration that is a file"},
  });
}

TEST_CASE("a configuration that is named beats the search, and is gone without where absent") {
  const std::string home = "/root/.cloudflared/config.yml";
  const Invocation named{.mode = Mode::run, .config = "/srv/c.yml"};
  check({
      {"it beats the search",
       named,
       {.configurations = {{"/srv/c.yml", with_token()}, {home, keys({})}}},
       "config /srv/c.yml; found in the configuration"},
      {"absent, nothing else is searched",
       named,
       {.configurations = {{home, with_token()}}},
       "nothing: a token, or the id or name of a tunnel"},
      {"absent, a token does without",
       {.mode = Mode::run, .config = "/srv/c.yml", .token_in_environment = true},
       {},
       "found in the definition"},
      {"~ is not expanded",
       {.mode = Mode::run, .config = "~/c.yml"},
       {.configurations = {{"/~/c.yml", with_token()}, {"/root/c.yml", keys({})}}},
       "config /~/c.yml; found in the configuration"},
      {"unreadable, it is needed, and so is what it leads to",
       named,
       {.sights = {{"/srv/c.yml", Sight::unreadable}, {"/srv/t", Sight::readable}},
        .configurations = {{"/srv/c.yml", keys({{"token-file", "/srv/t"}})}}},
       "unreadable config /srv/c.yml; token /srv/t; found"},
      {"one that nobody here can read may hold anything",
       named,
       {.sights = {{"/srv/c.yml", Sight::unreadable}}},
       "unreadable config /srv/c.yml; unknown"},
      {"one that is no configuration ends it, whatever the token",
       {.mode = Mode::run, .config = "/srv/c.yml", .token_in_arguments = true},
       {.configurations = {{"/srv/c.yml", {.is_valid = false}}}},
       "config /srv/c.yml; nothing: a configuration that cloudflared takes"},
      {"it is read beside a token too",
       {.mode = Mode::run, .config = "/srv/c.yml", .token_in_arguments = true},
       {.configurations = {{"/srv/c.yml", keys({})}}},
       "config /srv/c.yml; found in the definition"},
  });
}

TEST_CASE("a flag's token beats the configuration's, that a token file, and that credentials") {
  const std::string c = "/etc/cloudflared/config.yml";
  const Configuration full =
      keys({{"token-file", "/conf-token"}, {"tunnel", id}, {"credentials-file", "/conf.json"}});
  const std::map<std::string, Sight> all{{"/flag-token", Sight::readable},
                                         {"/conf-token", Sight::readable},
                                         {"/flag.json", Sight::readable},
                                         {"/conf.json", Sight::readable}};
  Configuration inline_credentials = keys({{"tunnel", id}, {"credentials-file", "/conf.json"}});
  inline_credentials.has_credentials = true;
  check({
      {"flag",
       {.mode = Mode::run, .token_file = "/flag-token", .token_in_arguments = true},
       {.sights = all, .configurations = {{c, with_token(full)}}},
       "config " + c + "; found in the definition"},
      {"variable",
       {.mode = Mode::run, .token_file = "/flag-token", .token_in_environment = true},
       {.sights = all, .configurations = {{c, with_token(full)}}},
       "config " + c + "; found in the definition"},
      {"the configuration's token beats even a token file's flag",
       {.mode = Mode::run, .token_file = "/flag-token"},
       {.sights = all, .configurations = {{c, with_token(full)}}},
       "config " + c + "; found in the configuration"},
      {"a token file's flag beats the configuration's",
       {.mode = Mode::run, .token_file = "/flag-token"},
       {.sights = all, .configurations = {{c, full}}},
       "config " + c + "; token /flag-token; found"},
      {"the configuration's token file beats credentials",
       {.mode = Mode::run, .credentials_file = "/flag.json", .tunnel = id},
       {.sights = all, .configurations = {{c, full}}},
       "config " + c + "; token /conf-token; found"},
      {"credentials in a variable beat a file",
       {.mode = Mode::run, .credentials_file = "/flag.json", .credentials_in_environment = true},
       {.sights = all, .configurations = {{c, inline_credentials}}},
       "config " + c + "; found in the definition"},
      {"credentials in the configuration beat a file",
       {.mode = Mode::run, .credentials_file = "/flag.json"},
       {.sights = all, .configurations = {{c, inline_credentials}}},
       "config " + c + "; found in the configuration"},
      {"a credentials file's flag beats the configuration's",
       {.mode = Mode::run, .credentials_file = "/flag.json"},
       {.sights = all,
        .configurations = {{c, keys({{"tunnel", id}, {"credentials-file", "/conf.json"}})}}},
       "config " + c + "; credentials /flag.json; found"},
      {"which counts without one",
       run_of(),
       {.sights = all,
        .configurations = {{c, keys({{"tunnel", id}, {"credentials-file", "/conf.json"}})}}},
       "config " + c + "; credentials /conf.json; found"},
      {"of a key that is given twice the last counts",
       run_of(id),
       {.sights = all,
        .configurations = {{c, keys({{"credentials-file", "/x"},
                                     {"credentials-file", "/conf.json"}})}}},
       "config " + c + "; credentials /conf.json; found"},
      {"inline credentials need a tunnel all the same",
       {.mode = Mode::run, .credentials_in_environment = true},
       {},
       "nothing: a token, or the id or name of a tunnel"},
  });
}

TEST_CASE("only a blank token file is passed by") {
  const Invocation told{
      .mode = Mode::run, .credentials_file = "/c.json", .token_file = "/t", .tunnel = id};
  const auto with = [](Sight sight) {
    return Host{.sights = {{"/t", sight}, {"/c.json", Sight::readable}}};
  };
  check({
      {"readable", told, with(Sight::readable), "token /t; found"},
      {"unreadable", told, with(Sight::unreadable), "unreadable token /t; found"},
      {"hidden", told, with(Sight::hidden), "hidden token /t; found"},
      {"blank", told, with(Sight::blank), "blank token /t; credentials /c.json; found"},
      {"absent", told, with(Sight::absent), "nothing: the token file"},
      {"directory", told, with(Sight::directory), "nothing: the token file, which is a directory"},
      {"unknown", told, with(Sight::unknown), "unknown token /t; unknown"},
      {"~ is not expanded",
       {.mode = Mode::run, .token_file = "~/t"},
       {.sights = {{"/root/t", Sight::readable}}},
       "nothing: the token file"},
  });
}

TEST_CASE("a credentials file that is named is not looked for elsewhere") {
  const Invocation told{.mode = Mode::run, .credentials_file = "~/c.json", .tunnel = id};
  const auto with = [](Sight sight) {
    return Host{
        .sights = {{"/root/c.json", sight}, {"/root/.cloudflared/" + id_file, Sight::readable}}};
  };
  check({
      {"readable", told, with(Sight::readable), "credentials /root/c.json; found"},
      {"unreadable", told, with(Sight::unreadable), "unreadable credentials /root/c.json; found"},
      {"hidden", told, with(Sight::hidden), "hidden credentials /root/c.json; found"},
      {"blank", told, with(Sight::blank),
       "blank credentials /root/c.json; nothing: the credentials file, which is empty"},
      {"absent", told, with(Sight::absent), "nothing: the credentials file"},
      {"directory", told, with(Sight::directory),
       "nothing: the credentials file, which is a directory"},
      {"unknown", told, with(Sight::unknown), "unknown credentials /root/c.json; unknown"},
  });
}

TEST_CASE("~ of the origin certificate is expanded, another account's is not") {
  const Host host{
      .sights = {{"/root/a/cert.pem", Sight::readable}, {"/root/a/" + id_file, Sight::readable}}};
  CHECK(resolved({.mode = Mode::run, .origin_certificate = "~/a/cert.pem", .tunnel = id}, host) ==
        "credentials /root/a/" + id_file + "; found");
  CHECK(resolved({.mode = Mode::classic, .origin_certificate = "~root/a/cert.pem"}, host) ==
        "nothing: the account certificate");
}

TEST_CASE("the credentials of an id are looked for beside the certificate, then by default") {
  const std::string in_home = "/root/.cloudflared/" + id_file;
  const std::string in_warp = "/root/.cloudflare-warp/" + id_file;
  const std::string in_system = "/etc/cloudflared/" + id_file;
  check({
      {"beside a default certificate before ~/.cloudflared",
       run_of(id),
       {.sights = {{"/etc/cloudflared/cert.pem", Sight::readable},
                   {in_system, Sight::readable},
                   {in_home, Sight::readable}}},
       "credentials " + in_system + "; found"},
      {"even beside an unreadable one",
       run_of(id),
       {.sights = {{"/etc/cloudflared/cert.pem", Sight::unreadable},
                   {in_system, Sight::readable},
                   {in_home, Sight::readable}}},
       "credentials " + in_system + "; found"},
      {"not beside one that is a directory or hidden",
       run_of(id),
       {.sights = {{"/root/.cloudflared/cert.pem", Sight::hidden},
                   {"/etc/cloudflared/cert.pem", Sight::directory},
                   {in_system, Sight::readable},
                   {in_warp, Sight::readable}}},
       "credentials " + in_warp + "; found"},
      {"beside one that is named",
       {.mode = Mode::run, .origin_certificate = "/srv/cert.pem", .tunnel = id},
       {.sights = {{"/srv/cert.pem", Sight::readable},
                   {"/srv/" + id_file, Sight::readable},
                   {in_home, Sight::readable}}},
       "credentials /srv/" + id_file + "; found"},
      {"of one that is named and absent only the default directories remain",
       {.mode = Mode::run, .origin_certificate = "/srv/cert.pem", .tunnel = id},
       {.sights = {{"/etc/cloudflared/cert.pem", Sight::readable},
                   {"/srv/" + id_file, Sight::readable},
                   {in_system, Sight::readable},
                   {in_home, Sight::readable}}},
       "credentials " + in_home + "; found"},
      {"the configuration names one too",
       run_of(id),
       {.sights = {{"/srv/cert.pem", Sight::readable}, {"/srv/" + id_file, Sight::readable}},
        .configurations = {{"/etc/cloudflared/config.yml",
                            keys({{"origincert", "/srv/cert.pem"}})}}},
       "config /etc/cloudflared/config.yml; credentials /srv/" + id_file + "; found"},
      {"the first that exists wins even if it cannot be read",
       run_of(id),
       {.sights = {{in_home, Sight::unreadable}, {in_system, Sight::readable}}},
       "unreadable credentials " + in_home + "; found"},
      {"a directory that cannot be searched is skipped",
       run_of(id),
       {.sights = {{in_home, Sight::hidden}, {in_system, Sight::readable}}},
       "credentials " + in_system + "; found"},
      {"and named where nothing else is found",
       run_of(id),
       {.sights = {{in_home, Sight::hidden}}},
       "hidden credentials " + in_home + "; nothing: tunnel credentials of " + id},
      {"a directory of that name is passed by",
       run_of(id),
       {.sights = {{in_home, Sight::directory}, {in_system, Sight::readable}}},
       "credentials " + in_system + "; found"},
      {"an id in another form is the same id",
       run_of("6F1B2C3D4E5F4A6B8C7D9E0F1A2B3C4D"),
       {.sights = {{in_system, Sight::readable}}},
       "credentials " + in_system + "; found"},
  });
  const Resolution nothing =
      resolve(start_of(run_of(id)), "/root",
              view_of({.sights = {{"/etc/cloudflared/cert.pem", Sight::readable}}}));
  CHECK(nothing.tried == std::vector<std::string>{"/etc/cloudflared/" + id_file,
                                                  "/root/.cloudflared/" + id_file,
                                                  "/root/.cloudflare-warp/" + id_file,
                                                  "/root/cloudflare-warp/" + id_file,
                                                  "/usr/local/etc/cloudflared/" + id_file});
}

TEST_CASE("the argument of run beats the configuration's tunnel") {
  const std::string other = "00000000-4e5f-4a6b-8c7d-9e0f1a2b3c4d";
  const Host host{.sights = {{"/etc/cloudflared/" + id_file, Sight::readable},
                             {"/etc/cloudflared/" + other + ".json", Sight::readable}},
                  .configurations = {{"/etc/cloudflared/config.yml", keys({{"tunnel", other}})}}};
  CHECK(resolved(run_of(id), host) ==
        "config /etc/cloudflared/config.yml; credentials /etc/cloudflared/" + id_file + "; found");
  CHECK(resolved(run_of(), host) ==
        "config /etc/cloudflared/config.yml; credentials "
        "/etc/cloudflared/" +
            other + ".json; found");
}

TEST_CASE("running by name needs the certificate, unless the credentials hold an id") {
  const Invocation with_file{.mode = Mode::run, .credentials_file = "/c.json", .tunnel = "shop"};
  const Invocation with_tilde{.mode = Mode::run, .credentials_file = "~/c.json", .tunnel = "shop"};
  const std::string certificate = "/root/.cloudflared/cert.pem";
  check({
      {"the credentials cannot be known without Cloudflare",
       run_of("shop"),
       {.sights = {{certificate, Sight::readable}}},
       "certificate " + certificate + "; by name; unknown"},
      {"an unreadable one is needed",
       run_of("shop"),
       {.sights = {{certificate, Sight::unreadable}}},
       "unreadable certificate " + certificate + "; by name; unknown"},
      {"without any nothing goes", run_of("shop"), {}, "by name; nothing: the account certificate"},
      {"one behind a closed directory is named",
       run_of("shop"),
       {.sights = {{certificate, Sight::hidden}}},
       "hidden certificate " + certificate + "; by name; nothing: the account certificate"},
      {"one that is named is the only one",
       {.mode = Mode::run, .origin_certificate = "/srv/cert.pem", .tunnel = "shop"},
       {.sights = {{certificate, Sight::readable}}},
       "by name; nothing: the account certificate"},
      {"credentials with an id do without",
       with_file,
       {.sights = {{"/c.json", Sight::readable}, {certificate, Sight::readable}},
        .with_tunnel_id = {"/c.json"}},
       "credentials /c.json; found"},
      {"credentials without one do not",
       with_file,
       {.sights = {{"/c.json", Sight::readable}, {certificate, Sight::readable}}},
       "certificate " + certificate + "; credentials /c.json; by name; found"},
      {"nor do those that cannot be read",
       with_file,
       {.sights = {{"/c.json", Sight::unreadable}, {certificate, Sight::readable}},
        .with_tunnel_id = {"/c.json"}},
       "certificate " + certificate + "; unreadable credentials /c.json; by name; found"},
      {"~ is not expanded where the id is looked for, but where the credentials are",
       with_tilde,
       {.sights = {{"/root/c.json", Sight::readable}, {certificate, Sight::readable}},
        .with_tunnel_id = {"/root/c.json"}},
       "certificate " + certificate + "; credentials /root/c.json; by name; found"},
      {"so that without the certificate it is not found",
       with_tilde,
       {.sights = {{"/root/c.json", Sight::readable}}, .with_tunnel_id = {"/root/c.json"}},
       "by name; nothing: the account certificate"},
      {"inline credentials do not tell the id either",
       {.mode = Mode::run, .tunnel = "shop", .credentials_in_environment = true},
       {.sights = {{certificate, Sight::readable}}},
       "certificate " + certificate + "; by name; found in the definition"},
      {"the configuration's tunnel may be a name",
       run_of(),
       {.sights = {{certificate, Sight::readable}},
        .configurations = {{"/etc/cloudflared/config.yml", keys({{"tunnel", "shop"}})}}},
       "config /etc/cloudflared/config.yml; certificate " + certificate + "; by name; unknown"},
      {"a token needs no id",
       {.mode = Mode::run, .tunnel = "shop", .token_in_environment = true},
       {},
       "found in the definition"},
  });
}

TEST_CASE("the credentials of a name may lie wherever those of its id would be looked for") {
  const Resolution resolution =
      resolve(start_of(run_of("shop")), "/home/nonroot",
              view_of({.sights = {{"/etc/cloudflared/cert.pem", Sight::readable}}}));
  CHECK(resolution.may_lie_in ==
        std::vector<std::string>{"/etc/cloudflared", "/home/nonroot/.cloudflared",
                                 "/home/nonroot/.cloudflare-warp", "/home/nonroot/cloudflare-warp",
                                 "/usr/local/etc/cloudflared"});
}

TEST_CASE("a classic tunnel needs its certificate and reads its configuration") {
  const std::string c = "/etc/cloudflared/config.yml";
  const Invocation unit_of_2019{
      .mode = Mode::classic, .config = c, .origin_certificate = "/etc/cloudflared/cert.pem"};
  check({
      {"as the unit of 2019 names them",
       unit_of_2019,
       {.sights = {{"/etc/cloudflared/cert.pem", Sight::readable}},
        .configurations = {{c, keys({})}}},
       "config " + c + "; certificate /etc/cloudflared/cert.pem; found"},
      {"named and absent",
       unit_of_2019,
       {.sights = {{"/root/.cloudflared/cert.pem", Sight::readable}},
        .configurations = {{c, keys({})}}},
       "config " + c + "; nothing: the account certificate"},
      {"by default search",
       {.mode = Mode::classic},
       {.sights = {{"/usr/local/etc/cloudflared/cert.pem", Sight::readable}}},
       "certificate /usr/local/etc/cloudflared/cert.pem; found"},
      {"by the configuration",
       {.mode = Mode::classic},
       {.sights = {{"/srv/cert.pem", Sight::readable}},
        .configurations = {{c, keys({{"origincert", "/srv/cert.pem"}})}}},
       "config " + c + "; certificate /srv/cert.pem; found"},
  });
}

TEST_CASE("what runs no tunnel of its own needs nothing") {
  const Host host{.configurations = {{"/etc/cloudflared/config.yml", with_token()}}};
  CHECK(resolved({.mode = Mode::quick}, host) == "needs none");
  CHECK(resolved({.mode = Mode::other}, host) == "needs none");
}

TEST_CASE("the services that cloudflared installs find what they were installed with") {
  const std::string c = "/etc/cloudflared/config.yml";
  check({
      {"2022.3.0 to 2026.7.1, by token",
       {.mode = Mode::run, .token_in_arguments = true},
       {},
       "found in the definition"},
      {"2026.7.2 and later, by token",
       {.mode = Mode::run, .token_file = "/etc/cloudflared/token"},
       {.sights = {{"/etc/cloudflared/token", Sight::readable}}},
       "token /etc/cloudflared/token; found"},
      {"by configuration",
       {.mode = Mode::run, .config = c},
       {.sights = {{"/root/.cloudflared/" + id_file, Sight::readable}},
        .configurations = {{c, keys({{"tunnel", id},
                                     {"credentials-file", "/root/.cloudflared/" + id_file}})}}},
       "config " + c + "; credentials /root/.cloudflared/" + id_file + "; found"},
  });
}

TEST_CASE("relative paths are taken from the working directory") {
  Start start = start_of({.mode = Mode::run,
                          .config = "./conf//c.yml",
                          .origin_certificate = "cert.pem",
                          .tunnel = id});
  const Host host{
      .sights = {{"/srv/app/cert.pem", Sight::readable}, {"/srv/app/" + id_file, Sight::readable}},
      .configurations = {{"/srv/app/conf/c.yml", keys({})}}};
  start.working_directory = "/srv/app/";
  CHECK(text_of(resolve(start, "/root", view_of(host))) ==
        "config /srv/app/conf/c.yml; credentials /srv/app/" + id_file + "; found");

  start.invocation = {.mode = Mode::run, .token_file = "token"};
  CHECK(text_of(
            resolve(start, "/root", view_of({.sights = {{"/srv/app/token", Sight::readable}}}))) ==
        "token /srv/app/token; found");
  start.working_directory.clear();
  CHECK(text_of(resolve(start, "/root", view_of({.sights = {{"/token", Sight::readable}}}))) ==
        "token /token; found");
}

TEST_CASE("what an image may hold is unknown, what is mounted is found") {
  const Host image{.otherwise = Sight::unknown};
  CHECK(resolved(run_of(id), image) == "unknown");
  CHECK(resolved(run_of("shop"), image) == "by name; unknown");
  CHECK(resolved(run_of(), image) == "unknown");
  CHECK(resolved({.mode = Mode::classic}, image) == "unknown");
  CHECK(resolved({.mode = Mode::run, .token_file = "/t"}, image) == "unknown token /t; unknown");
  CHECK(resolved({.mode = Mode::run, .config = "/c.yml"}, image) ==
        "unknown config /c.yml; unknown");

  Host mounted = image;
  mounted.configurations["/etc/cloudflared/config.yml"] = keys({{"tunnel", id}});
  mounted.sights["/etc/cloudflared/" + id_file] = Sight::readable;
  CHECK(resolved(run_of(), mounted) ==
        "config /etc/cloudflared/config.yml; credentials /etc/cloudflared/" + id_file + "; found");

  // The name is looked up with a certificate of the image; the file is that of the mount.
  mounted.sights["/mnt/c.json"] = Sight::readable;
  CHECK(
      resolved({.mode = Mode::run, .credentials_file = "/mnt/c.json", .tunnel = "shop"}, mounted) ==
      "config /etc/cloudflared/config.yml; credentials /mnt/c.json; by name; found");
}

TEST_CASE("what variables from elsewhere may hold is not said to be missing") {
  Start start = start_of(run_of());
  start.environment_elsewhere = true;
  const Resolution resolution = resolve(start, "/root", view_of({}));
  CHECK(text_of(resolution) == "unknown");
  CHECK(resolution.tried.empty());
}

TEST_CASE("in a home that is not known anything may lie") {
  const Host host{.sights = {{"/etc/cloudflared/" + id_file, Sight::readable}}};
  CHECK(text_of(resolve(start_of(run_of(id)), "", view_of(host))) ==
        "credentials /etc/cloudflared/" + id_file + "; found");
  CHECK(text_of(resolve(start_of(run_of(id)), "", view_of({}))) == "unknown");
  CHECK(text_of(resolve(start_of({.mode = Mode::run,
                                  .config = "/c.yml",
                                  .credentials_file = "~/c.json",
                                  .tunnel = id}),
                        "", view_of({}))) == "unknown");
}

TEST_CASE("a credential that the service manager hands over is needed where it is seen") {
  const std::string seen_as = "/run/credentials/cloudflared.service/token";
  Start start = start_of({.mode = Mode::run, .token_file = seen_as});
  start.loaded = {{.seen_as = seen_as, .source = "/etc/cloudflared/token"}};
  CHECK(text_of(resolve(start, "", view_of({.sights = {{seen_as, Sight::readable}}}))) ==
        "token " + seen_as + "; found");
}

}  // namespace cfwarden
