#include "cfwarden/needs/invocation.h"

#include "cfwarden/base/path.h"

#include <algorithm>
#include <array>
#include <vector>

namespace cfwarden {
namespace {

// Flags that stand alone. The word behind one of them is not its value.
constexpr std::array<std::string_view, 38> lone_flags{
    "autoupdate",
    "bastion",
    "beta",
    "db",
    "enable-edge-protocol-update",
    "f",
    "force",
    "h",
    "hello-world",
    "help",
    "http2-origin",
    "is-autoupdated",
    "legacy",
    "management-diagnostics",
    "no-autoupdate",
    "no-chunked-encoding",
    "no-prechecks",
    "no-tls-verify",
    "no-update-service",
    "overwrite-dns",
    "post-quantum",
    "pq",
    "proxy-dns",
    "proxy-no-happy-eyeballs",
    "q",
    "quic-disable-pmtu-discovery",
    "quiet",
    "short",
    "socks5",
    "ssh-server",
    "staging",
    "stdin-control",
    "ui",
    "use-quick-reconnects",
    "use-reconnect-token",
    "V",
    "v",
    "version",
};

// Flags with a value that cloudflared alone has, or few others: they tell a renamed binary.
constexpr std::array<std::string_view, 32> own_valued_flags{
    "autoupdate-freq",
    "compression-quality",
    "credentials-contents",
    "credentials-file",
    "dns-resolver-addrs",
    "edge",
    "edge-bind-address",
    "edge-ip-version",
    "features",
    "grace-period",
    "ha-connections",
    "heartbeat-count",
    "heartbeat-interval",
    "icmpv4-src",
    "icmpv6-src",
    "lb-pool",
    "loglevel",
    "management-hostname",
    "max-active-flows",
    "max-edge-addr-retries",
    "metrics-update-freq",
    "origin-ca-pool",
    "origin-server-name",
    "origincert",
    "proto-loglevel",
    "proxy-connect-timeout",
    "quick-service",
    "rpc-timeout",
    "token",
    "token-file",
    "transport-loglevel",
    "unix-socket",
};

constexpr std::array<std::string_view, 39> other_valued_flags{
    "F",
    "address",
    "api-ca-key",
    "api-email",
    "api-key",
    "api-url",
    "cacert",
    "config",
    "connector-id",
    "dial-edge-timeout",
    "host-key-path",
    "hostname",
    "http-host-header",
    "id",
    "label",
    "log-directory",
    "logfile",
    "max-fetch-size",
    "metrics",
    "name",
    "o",
    "output",
    "p",
    "pidfile",
    "port",
    "profile",
    "protocol",
    "proxy-connection-timeout",
    "proxy-keepalive-connections",
    "proxy-keepalive-timeout",
    "proxy-tcp-keepalive",
    "proxy-tls-timeout",
    "region",
    "retries",
    "secret",
    "tag",
    "trace-output",
    "url",
    "write-stream-timeout",
};

// What the root command takes as a word of its own.
constexpr std::array<std::string_view, 13> root_commands{
    "access", "db-connect", "forward", "h",    "help",   "login",   "management",
    "proxy",  "proxy-dns",  "service", "tail", "update", "version",
};
constexpr std::array<std::string_view, 18> tunnel_commands{
    "cleanup", "create", "db-connect", "delete", "diag",  "h",   "help",  "info", "ingress",
    "list",    "login",  "proxy-dns",  "ready",  "route", "rpc", "token", "vnet", "vnets",
};

// Of these: what asks Cloudflare with the account certificate.
constexpr std::array<std::string_view, 9> certificate_commands{
    "cleanup", "create", "delete", "info", "list", "route", "token", "vnet", "vnets"};

template <std::size_t Size>
bool has(const std::array<std::string_view, Size>& words, std::string_view word) {
  return std::ranges::find(words, word) != words.end();
}

struct Flag {
  std::string_view name;
  std::string_view value;
};

struct Arguments {
  std::vector<std::string_view> words;  // Commands and operands.
  std::vector<Flag> flags;

  // Of several the last: what stands deeper in the line of commands wins.
  std::optional<std::string_view> find(std::string_view name) const {
    const auto found = std::find_if(flags.rbegin(), flags.rend(),
                                    [&](const Flag& flag) { return flag.name == name; });
    if (found == flags.rend()) return std::nullopt;
    return found->value;
  }
  std::string_view word(std::size_t index) const {
    return index < words.size() ? words[index] : std::string_view{};
  }
};

std::string_view full_name(std::string_view flag) {
  if (flag == "cred-file") return "credentials-file";
  if (flag == "n") return "name";
  return flag;
}

bool takes_value(std::string_view flag, std::string_view next) {
  if (has(lone_flags, flag)) return false;
  if (has(own_valued_flags, flag) || has(other_valued_flags, flag)) return true;
  // A flag of a version that is not known here: it must not hide what is run.
  return !next.starts_with('-') && next != "tunnel" && next != "run";
}

// Flags may stand before, between and behind the commands.
Arguments read_arguments(std::span<const std::string> words) {
  Arguments read;
  bool flags_ended = false;
  for (std::size_t i = 0; i < words.size(); ++i) {
    std::string_view word = words[i];
    if (flags_ended || !word.starts_with('-') || word == "-") {
      if (!word.empty()) read.words.push_back(word);
      continue;
    }
    if (word == "--") {
      flags_ended = true;
      continue;
    }
    word.remove_prefix(word.starts_with("--") ? 2 : 1);
    const std::size_t equals = word.find('=');
    Flag flag{.name = full_name(word.substr(0, equals)), .value = {}};
    if (equals != word.npos) {
      flag.value = word.substr(equals + 1);
    } else if (has(lone_flags, flag.name)) {
      flag.value = "true";
    } else if (i + 1 < words.size() && takes_value(flag.name, words[i + 1])) {
      flag.value = words[++i];
    }
    read.flags.push_back(flag);
  }
  return read;
}

bool is_on(const std::optional<std::string_view>& value) {
  return value && *value != "false" && *value != "0" && *value != "f" && *value != "F" &&
         *value != "FALSE" && *value != "False";
}

// Its flags and variables side by side.
class Told {
 public:
  Told(const Arguments& arguments, const VariableLookup& variable)
      : arguments_(arguments), variable_(variable) {}

  std::string text(std::string_view flag, std::string_view variable) const {
    if (const auto value = arguments_.find(flag)) return std::string{*value};
    return variable.empty() ? std::string{} : std::string{variable_(variable)};
  }
  bool on(std::string_view flag, std::string_view variable) const {
    if (const auto value = arguments_.find(flag)) return is_on(value);
    if (variable.empty()) return false;
    const std::string_view value = variable_(variable);
    return !value.empty() && is_on(value);
  }
  bool has_flag(std::string_view flag) const { return arguments_.find(flag).has_value(); }

 private:
  const Arguments& arguments_;
  const VariableLookup& variable_;
};

// `cloudflared` and `cloudflared tunnel` without a further command are one and the same. With
// --name (or TUNNEL_NAME) a tunnel is made or found by that name and run.
//
// --origincert or --hostname: the tunnels of before 2020.10, as their units have them. A
// configuration alone: up to 2020.9 its `hostname` made such a tunnel; from then to 2022.2.2 the
// installer wrote `tunnel run` behind it, and without that a configuration with `tunnel` is refused
// with the advice to run it. Either way it is the configuration that names what is needed.
Invocation::Mode mode_of_root(const Arguments& arguments, const Told& told,
                              const Invocation& invocation) {
  using enum Invocation::Mode;
  if (invocation.token_in_arguments || told.has_flag("token-file")) return run;
  if (!told.text("name", "TUNNEL_NAME").empty()) return run;
  const bool has_origin = !told.text("url", "TUNNEL_URL").empty() ||
                          told.on("hello-world", "TUNNEL_HELLO_WORLD") ||
                          !told.text("unix-socket", "TUNNEL_UNIX_SOCKET").empty();
  if (!told.text("hostname", "TUNNEL_HOSTNAME").empty()) return classic;
  if (!invocation.origin_certificate.empty() && !has_origin) return classic;
  if (has_origin) return quick;
  if (told.on("proxy-dns", "TUNNEL_DNS")) return other;
  if (!invocation.config.empty() || !invocation.credentials_file.empty() ||
      !invocation.token_file.empty() || invocation.has_token() ||
      invocation.credentials_in_environment) {
    return run;
  }
  // Nothing at all: forwarders and a resolver, which need no tunnel. `tunnel` alone was a quick
  // tunnel of localhost:8080 and is refused today.
  return arguments.words.empty() && arguments.flags.empty() ? other : quick;
}

Invocation::Mode mode_of(const Arguments& arguments, const Told& told,
                         const Invocation& invocation) {
  using enum Invocation::Mode;
  for (const std::string_view flag : {"help", "h", "version", "v", "V"}) {
    if (told.has_flag(flag)) return other;
  }
  const std::string_view command = arguments.word(0);
  if (command == "tail") return invocation.has_token() ? other : manage;
  if (has(root_commands, command)) return other;
  if (command == "tunnel") {
    if (arguments.word(1) == "run") return run;
    if (has(certificate_commands, arguments.word(1))) return manage;
    if (has(tunnel_commands, arguments.word(1))) return other;
  }
  return mode_of_root(arguments, told, invocation);
}

Invocation read_invocation(const Arguments& arguments, const VariableLookup& variable) {
  const Told told{arguments, variable};
  Invocation invocation;
  invocation.config = told.text("config", "");
  invocation.origin_certificate = told.text("origincert", "TUNNEL_ORIGIN_CERT");
  invocation.credentials_file = told.text("credentials-file", "TUNNEL_CRED_FILE");
  invocation.token_file = told.text("token-file", "TUNNEL_TOKEN_FILE");
  // Of a token it is only known that it is there: an empty one is most often a variable whose value
  // is kept elsewhere.
  invocation.token_in_arguments = told.has_flag("token");
  invocation.token_in_environment = !variable("TUNNEL_TOKEN").empty();
  invocation.credentials_in_environment =
      !told.text("credentials-contents", "TUNNEL_CRED_CONTENTS").empty();
  invocation.mode = mode_of(arguments, told, invocation);
  if (invocation.mode != Invocation::Mode::run) return invocation;
  if (arguments.word(0) == "tunnel" && arguments.word(1) == "run") {
    invocation.tunnel = std::string{arguments.word(2)};
  } else {
    invocation.tunnel = told.text("name", "TUNNEL_NAME");
  }
  return invocation;
}

bool looks_like_uuid(std::string_view text) {
  return text.size() == 36 && text[8] == '-' && text[13] == '-' && text[18] == '-' &&
         text[23] == '-';
}

// Whether only cloudflared takes such arguments. One flag alone would be said of many programs:
// others have a --token-file or a `tunnel`, too.
bool has_own_shape(const Arguments& arguments) {
  if (arguments.find("origincert")) return arguments.words.empty() || arguments.word(0) == "tunnel";
  if (arguments.word(0) != "tunnel") return false;
  const bool has_own_flag = std::ranges::any_of(arguments.flags, [](const Flag& flag) {
    return has(own_valued_flags, flag.name) || flag.name == "no-autoupdate" ||
           flag.value.find("cloudflared") != flag.value.npos;
  });
  if (arguments.word(1) != "run") return has_own_flag && arguments.find("no-autoupdate");
  return has_own_flag || looks_like_uuid(arguments.word(2));
}

// The words that releases, packages and package managers add to the name.
bool is_release_word(std::string_view word) {
  constexpr std::array<std::string_view, 24> known{
      "linux", "darwin", "windows", "freebsd", "openbsd", "amd64", "x86",  "64",
      "arm",   "arm64",  "armhf",   "aarch64", "386",     "fips",  "bin",  "static",
      "musl",  "stable", "latest",  "wrapped", "real",    "orig",  "main", "exe"};
  const bool is_version = !word.empty() && word.find_first_not_of("v0123456789") == word.npos;
  return is_version || has(known, word);
}

}  // namespace

bool is_cloudflared(std::string_view program) {
  constexpr std::string_view name = "cloudflared";
  // A script of that name, which runs it.
  const std::string_view directory = directory_of(program);
  if (directory.ends_with("/init.d") || directory.ends_with("/rc.d")) return false;
  std::string_view rest = file_name_of(program);
  if (rest.starts_with('.')) rest.remove_prefix(1);
  if (!rest.starts_with(name)) return false;
  rest.remove_prefix(name.size());
  while (!rest.empty()) {
    if (std::string_view{"-_."}.find(rest.front()) == rest.npos) return false;
    rest.remove_prefix(1);
    const std::size_t end = std::min(rest.find_first_of("-_."), rest.size());
    if (!is_release_word(rest.substr(0, end))) return false;
    rest.remove_prefix(end);
  }
  return true;
}

std::optional<Invocation> invocation_of(std::span<const std::string> argv,
                                        const VariableLookup& variable) {
  if (argv.empty()) return std::nullopt;
  const Arguments arguments = read_arguments(argv.subspan(1));
  if (!is_cloudflared(argv.front()) && !has_own_shape(arguments)) return std::nullopt;
  return read_invocation(arguments, variable);
}

}  // namespace cfwarden
