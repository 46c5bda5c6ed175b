#include "cfwarden/needs/resolve.h"

#include "cfwarden/base/path.h"
#include "cfwarden/base/uuid.h"
#include "cfwarden/needs/search_order.h"

#include <array>
#include <utility>

namespace cfwarden {
namespace {

using Outcome = Resolution::Outcome;
using Secret = Resolution::Secret;

constexpr std::array<std::string_view, 2> configuration_names{"config.yml", "config.yaml"};

std::string name_of(NeedOf what) {
  switch (what) {
    case NeedOf::configuration:
      return "the configuration";
    case NeedOf::token_file:
      return "the token file";
    case NeedOf::tunnel_credentials:
      return "the credentials file";
    case NeedOf::account_certificate:
      return "the account certificate";
    case NeedOf::inline_secret:
    case NeedOf::passage:
      break;
  }
  return "a secret";
}

// stat() sees a file whether or not it can be opened, unless the directory cannot be searched.
bool can_stat(Sight sight) {
  return sight == Sight::blank || sight == Sight::unreadable || sight == Sight::readable;
}

bool is_out_of_reach(Sight sight) {
  return sight == Sight::hidden || sight == Sight::unreadable;
}

struct Seen {
  std::string path;
  Sight sight = Sight::absent;
};

class Resolver {
 public:
  Resolver(const Start& start, const std::string& home, const HostView& host)
      : start_{start}, told_{start.invocation}, home_{home}, host_{host} {}

  Resolution run() && {
    if (told_.mode == Invocation::Mode::quick || told_.mode == Invocation::Mode::other) {
      resolution_.outcome = Outcome::needs_none;
      return std::move(resolution_);
    }
    if (find_configuration()) run_as_told();
    finish();
    // A command that is given when there is no certificate yet runs no service that would fail.
    const bool is_in_vain = resolution_.outcome == Outcome::nothing && resolution_.files.empty();
    if (told_.mode == Invocation::Mode::manage && is_in_vain) {
      resolution_ = Resolution{};
      resolution_.outcome = Outcome::needs_none;
    }
    return std::move(resolution_);
  }

 private:
  // Whatever the arguments say, a configuration is read first. False where cloudflared gives up.
  bool find_configuration() {
    if (!told_.config.empty()) {
      const std::string path = absolute(told_.config);  // `~` is not expanded.
      return take_configuration({path, look(path, configurations_tried_)});
    }
    for (const std::string& directory : directories()) {
      for (const std::string_view name : configuration_names) {
        const std::string path = absolute(directory + '/' + std::string{name});
        const Sight sight = look(path, configurations_tried_);
        if (is_out_of_reach(sight)) {
          pass_over(path, NeedOf::configuration, sight);
        } else if (sight != Sight::absent && sight != Sight::unknown) {
          return take_configuration({path, sight});
        }
      }
    }
    return true;
  }

  // One that is named and absent is gone without; one that is there must be good.
  bool take_configuration(const Seen& seen) {
    if (seen.sight == Sight::absent) return true;
    if (seen.sight == Sight::directory) {
      fail("a configuration that is a file", {seen.path});
      return false;
    }
    add(seen, NeedOf::configuration);
    if (seen.sight == Sight::blank || seen.sight == Sight::unknown) return true;
    const std::optional<Configuration> configuration = host_.configuration(seen.path);
    if (!configuration) {
      is_uncertain_ = true;
      return true;
    }
    configuration_ = *configuration;
    if (!configuration_.is_valid) {
      fail("a configuration that cloudflared takes", {seen.path});
      return false;
    }
    return true;
  }

  void run_as_told() {
    if (told_.mode == Invocation::Mode::classic || told_.mode == Invocation::Mode::manage) {
      (void)take_certificate();  // Its outcome is that of the whole.
    } else {
      run_tunnel();
    }
  }

  void run_tunnel() {
    if (told_.has_token()) return find_inline(Secret::definition);
    if (configuration_.has_token) return find_inline(Secret::configuration);
    if (take_token_file()) return;
    const std::string tunnel = given(told_.tunnel, "tunnel");
    if (tunnel.empty()) {
      return fail("a token, or the id or name of a tunnel", configurations_tried_);
    }
    const std::optional<Uuid> id = parse_uuid(tunnel);
    if (id || find_id_of_name()) take_credentials(id);
  }

  // A token file that is named must be there and readable; only a blank one is passed by.
  bool take_token_file() {
    const std::string value = given(told_.token_file, "token-file");
    if (value.empty()) return false;
    const Seen seen = see(absolute(value));  // `~` is not expanded.
    if (seen.sight == Sight::blank) {
      add(seen, NeedOf::token_file);
      return false;
    }
    end_at(seen, NeedOf::token_file);
    return true;
  }

  // The id of a tunnel that is given by its name stands in the credentials file, whose `~` is not
  // expanded for that, or is asked of Cloudflare with the account certificate. False where neither
  // can be.
  bool find_id_of_name() {
    const std::string value = given(told_.credentials_file, "credentials-file");
    if (!value.empty()) {
      const Seen seen = see(absolute(value));
      if (seen.sight == Sight::unknown) return true;
      if (seen.sight == Sight::readable && host_.has_tunnel_id(seen.path)) return true;
    }
    resolution_.runs_by_name = true;
    return take_certificate();
  }

  bool take_certificate() {
    std::vector<std::string> tried;
    const Seen seen = find_certificate(tried, Trace::keep);
    if (seen.path.empty()) {
      fail(name_of(NeedOf::account_certificate), std::move(tried));
    } else {
      end_at(seen, NeedOf::account_certificate);
    }
    return resolution_.outcome == Outcome::found || is_uncertain_;
  }

  enum class Trace { keep, drop };

  // One that is named is not looked for elsewhere. `path` is "" where none is found.
  Seen find_certificate(std::vector<std::string>& tried, Trace trace) {
    const std::string named = given(told_.origin_certificate, "origincert");
    if (!named.empty()) {
      const std::string path = absolute(expanded(named));
      return {path, look(path, tried)};
    }
    for (const std::string& directory : directories()) {
      const std::string path = absolute(directory + "/cert.pem");
      const Sight sight = look(path, tried);
      if (can_stat(sight)) return {path, sight};
      if (sight == Sight::hidden && trace == Trace::keep) {
        pass_over(path, NeedOf::account_certificate, sight);
      }
    }
    return {};
  }

  void take_credentials(const std::optional<Uuid>& id) {
    if (told_.credentials_in_environment) return find_inline(Secret::definition);
    if (configuration_.has_credentials) return find_inline(Secret::configuration);
    const std::string value = given(told_.credentials_file, "credentials-file");
    if (!value.empty()) {
      return end_at(see(absolute(expanded(value))), NeedOf::tunnel_credentials);
    }
    if (id) return search_by_id(canonical(*id));
    resolution_.outcome = Outcome::unknown;
    resolution_.may_lie_in = credential_directories();
  }

  // Beside the certificate, whether or not it can be read, then by default.
  std::vector<std::string> credential_directories() {
    std::vector<std::string> tried;
    const Seen certificate = find_certificate(tried, Trace::drop);
    std::vector<std::string> all;
    if (can_stat(certificate.sight)) all.emplace_back(directory_of(certificate.path));
    for (const std::string& directory : directories()) {
      std::string path = absolute(directory);
      if (all.empty() || path != all.front()) all.push_back(std::move(path));
    }
    return all;
  }

  void search_by_id(const std::string& id) {
    std::vector<std::string> tried;
    for (const std::string& directory : credential_directories()) {
      const std::string path = absolute(std::string{directory}.append("/").append(id) + ".json");
      const Sight sight = look(path, tried);
      if (can_stat(sight)) return end_at({path, sight}, NeedOf::tunnel_credentials);
      if (sight == Sight::hidden) pass_over(path, NeedOf::tunnel_credentials, sight);
    }
    fail("tunnel credentials of " + id, std::move(tried));
  }

  // Here the search ends, whatever is there.
  void end_at(const Seen& seen, NeedOf what) {
    switch (seen.sight) {
      case Sight::absent:
        return fail(name_of(what), {seen.path});
      case Sight::directory:
        return fail(name_of(what) + ", which is a directory", {seen.path});
      case Sight::blank:
        add(seen, what);
        return fail(name_of(what) + ", which is empty", {seen.path});
      case Sight::unknown:
        add(seen, what);
        resolution_.outcome = Outcome::unknown;
        return;
      case Sight::hidden:
      case Sight::unreadable:
      case Sight::readable:
        break;
    }
    add(seen, what);
    resolution_.outcome = Outcome::found;
    resolution_.secret = Secret::file;
  }

  void find_inline(Secret where) {
    resolution_.outcome = Outcome::found;
    resolution_.secret = where;
  }

  void fail(std::string missing, std::vector<std::string> tried) {
    resolution_.outcome = Outcome::nothing;
    resolution_.missing = std::move(missing);
    resolution_.tried = std::move(tried);
  }

  // What lies in an image or is filled in elsewhere may be what seems to be missing.
  void finish() {
    Resolution& made = resolution_;
    if (made.outcome == Outcome::nothing) {
      made.files.insert(made.files.end(), passed_over_.begin(), passed_over_.end());
      if (is_uncertain_ || start_.environment_elsewhere) made.outcome = Outcome::unknown;
    }
    if (made.outcome != Outcome::found) made.secret = Secret::none;
    if (made.outcome == Outcome::nothing) return;
    made.tried.clear();
    made.missing.clear();
  }

  void add(const Seen& seen, NeedOf what) {
    resolution_.files.push_back({.path = seen.path, .what = what, .sight = seen.sight});
  }

  void pass_over(const std::string& path, NeedOf what, Sight sight) {
    passed_over_.push_back({.path = path, .what = what, .sight = sight});
  }

  Sight look(const std::string& path, std::vector<std::string>& tried) {
    tried.push_back(path);
    const Sight sight = host_.look(path);
    if (sight == Sight::unknown) is_uncertain_ = true;
    return sight;
  }

  Seen see(const std::string& path) {
    std::vector<std::string> tried;
    return {path, look(path, tried)};
  }

  std::vector<std::string> directories() {
    if (home_.empty()) is_uncertain_ = true;
    return default_directories(home_);
  }

  // A flag or variable, else the last of the configuration's keys, as YAML readers take it.
  std::string given(const std::string& told, std::string_view key) const {
    std::string value = told;
    if (!told.empty()) return value;
    for (const Pointer& pointer : configuration_.pointers) {
      if (pointer.key == key) value = pointer.value;
    }
    return value;
  }

  // What cannot be expanded is taken as it stands.
  std::string expanded(const std::string& value) {
    if (value.starts_with('~') && home_.empty()) is_uncertain_ = true;
    return expand_home(value, home_).value_or(value);
  }

  std::string absolute(std::string_view value) const {
    return absolute_path(value, start_.working_directory);
  }

  const Start& start_;
  const Invocation& told_;
  const std::string& home_;
  const HostView& host_;
  Configuration configuration_;
  std::vector<std::string> configurations_tried_;
  std::vector<NeededFile> passed_over_;
  bool is_uncertain_ = false;
  Resolution resolution_;
};

}  // namespace

Resolution resolve(const Start& start, const std::string& home, const HostView& host) {
  return Resolver{start, home, host}.run();
}

}  // namespace cfwarden
