#include "cfwarden/needs/unit_specifiers.h"

#include "cfwarden/base/path.h"
#include "cfwarden/needs/lexical_path.h"
#include "cfwarden/needs/unit_commands.h"

#include <algorithm>
#include <array>

namespace cfwarden {
namespace {

std::string last_part_of_prefix(const UnitName& name) {
  const std::size_t dash = name.prefix.rfind('-');
  return dash == name.prefix.npos ? name.prefix : name.prefix.substr(dash + 1);
}

std::string path_of(const UnitName& name) {
  return lexical_path("/", unescaped_unit_name(name.is_instance ? name.instance : name.prefix));
}

// A template has no instance yet: the specifier stays, so that it is seen what is missing.
std::string instance_of(const UnitName& name, std::string_view letter) {
  if (name.is_template) return "%" + std::string{letter};
  return letter == "I" ? unescaped_unit_name(name.instance) : name.instance;
}

std::string without_suffix(const std::string& name) {
  return name.substr(0, name.rfind('.'));
}

struct Specifier {
  char letter;
  std::string (*value)(const UnitSpecifiers& known);
};

constexpr std::array specifiers{
    Specifier{'i', [](const UnitSpecifiers& known) { return instance_of(known.name, "i"); }},
    Specifier{'I', [](const UnitSpecifiers& known) { return instance_of(known.name, "I"); }},
    Specifier{'n', [](const UnitSpecifiers& known) { return known.name.full; }},
    Specifier{'N', [](const UnitSpecifiers& known) { return without_suffix(known.name.full); }},
    Specifier{'p', [](const UnitSpecifiers& known) { return known.name.prefix; }},
    Specifier{'P',
              [](const UnitSpecifiers& known) { return unescaped_unit_name(known.name.prefix); }},
    Specifier{'j', [](const UnitSpecifiers& known) { return last_part_of_prefix(known.name); }},
    Specifier{'J',
              [](const UnitSpecifiers& known) {
                return unescaped_unit_name(last_part_of_prefix(known.name));
              }},
    Specifier{'f', [](const UnitSpecifiers& known) { return path_of(known.name); }},
    Specifier{'y', [](const UnitSpecifiers& known) { return known.fragment; }},
    Specifier{
        'Y', [](const UnitSpecifiers& known) { return std::string{directory_of(known.fragment)}; }},
    Specifier{'d', credentials_directory},
    Specifier{'u', [](const UnitSpecifiers& known) { return known.manager.user; }},
    Specifier{'U', [](const UnitSpecifiers& known) { return known.manager.uid; }},
    Specifier{'g', [](const UnitSpecifiers& known) { return known.manager.group; }},
    Specifier{'G', [](const UnitSpecifiers& known) { return known.manager.gid; }},
    Specifier{'h', [](const UnitSpecifiers& known) { return known.manager.home; }},
    Specifier{'t', [](const UnitSpecifiers& known) { return known.manager.runtime; }},
    Specifier{'S', [](const UnitSpecifiers& known) { return known.manager.state; }},
    Specifier{'C', [](const UnitSpecifiers& known) { return known.manager.cache; }},
    Specifier{'L', [](const UnitSpecifiers& known) { return known.manager.logs; }},
    Specifier{'E', [](const UnitSpecifiers& known) { return known.manager.configuration; }},
    Specifier{'T', [](const UnitSpecifiers&) { return std::string{"/tmp"}; }},
    Specifier{'V', [](const UnitSpecifiers&) { return std::string{"/var/tmp"}; }},
    Specifier{'H', [](const UnitSpecifiers& known) { return known.host_name; }},
    Specifier{'l',
              [](const UnitSpecifiers& known) {
                return known.host_name.substr(0, known.host_name.find('.'));
              }},
    Specifier{'m', [](const UnitSpecifiers& known) { return known.machine_id; }},
    Specifier{'%', [](const UnitSpecifiers&) { return std::string{"%"}; }},
};

// Known to systemd, and no matter of where a credential lies.
constexpr std::string_view unknown_here = "aAbBcDMoqrRsvwW";

bool may_name_a_specifier(char byte) {
  return byte == '%' || (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'z') ||
         (byte >= 'A' && byte <= 'Z');
}

}  // namespace

UnitManager user_manager(const std::string& user, const std::string& uid, const std::string& home) {
  return {.is_system = false,
          .user = user,
          .group = user,
          .uid = uid,
          .gid = uid,
          .home = home,
          .runtime = "/run/user/" + uid,
          .state = home + "/.config",
          .cache = home + "/.cache",
          .logs = home + "/.config/log",
          .configuration = home + "/.config"};
}

std::string credentials_directory(const UnitSpecifiers& known) {
  return known.manager.runtime + "/credentials/" + known.name.full;
}

std::optional<std::string> expand_specifiers(std::string_view text, const UnitSpecifiers& known) {
  std::string expanded;
  while (!text.empty() && expanded.size() <= max_unit_word) {
    const std::size_t percent = std::min(text.find('%'), text.size());
    expanded += text.substr(0, percent);
    text.remove_prefix(percent);
    if (text.empty()) break;
    // A percent sign at the end, or before a mark, stands for itself.
    if (text.size() == 1 || !may_name_a_specifier(text[1])) {
      expanded += '%';
      text.remove_prefix(1);
      continue;
    }
    const auto* found = std::ranges::find(specifiers, text[1], &Specifier::letter);
    const std::string value = found == specifiers.end() ? std::string{} : found->value(known);
    if (found == specifiers.end() && unknown_here.find(text[1]) == unknown_here.npos) {
      return std::nullopt;
    }
    const bool stays = value.empty() && (found == specifiers.end() || text[1] == 'H' ||
                                         text[1] == 'l' || text[1] == 'm');
    expanded += stays ? text.substr(0, 2) : std::string_view{value};
    text.remove_prefix(2);
  }
  if (expanded.size() > max_unit_word) return std::nullopt;
  return expanded;
}

}  // namespace cfwarden
