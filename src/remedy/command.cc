#include "cfwarden/remedy/command.h"

#include "cfwarden/base/mode_text.h"
#include "cfwarden/base/shell_word.h"

namespace cfwarden {
namespace {

// sudo -u refuses a uid without an account, and under --root names mean other uids.
std::string command_as(std::uint32_t uid, const Circumstances& object, const Accounts& accounts) {
  if (uid == 0) return "sudo";
  const Account* account = accounts.find_uid(uid);
  const auto name = account != nullptr ? shell_word(account->name) : std::nullopt;
  if (name && object.root_prefix.empty()) return "sudo -u " + *name;
  const std::string id = std::to_string(uid);
  return "sudo setpriv --reuid=" + id + " --regid=" + id + " --clear-groups --";
}

// Root is sent into a user's directory only behind a comment that has to be taken away first.
std::string command_as_owner(const Circumstances& object, const Accounts& accounts) {
  const std::uint32_t uid = object.facts.permissions.uid;
  if (uid == 0 && !object.is_trusted) {
    return "# only once no directory above can be changed by others: sudo";
  }
  return command_as(uid, object, accounts);
}

}  // namespace

std::optional<std::string> path_word(const Circumstances& object) {
  const bool may_lead_out = !object.root_prefix.empty() && object.location != object.path;
  return may_lead_out ? std::nullopt : shell_word(object.root_prefix + object.path);
}

std::string chmod_command(const Circumstances& object, unsigned mode, const Accounts& accounts) {
  const auto word = path_word(object);
  if (!word) return "";
  return command_as_owner(object, accounts) + " chmod " + mode_text(mode) + " " + *word;
}

std::string close_to_writers_command(const DirectoryFacts& directory, const Circumstances& object,
                                     const Accounts& accounts) {
  const auto word = shell_word(object.root_prefix + directory.path);
  if (!word) return "";
  return command_as(directory.permissions.uid, object, accounts) + " chmod go-w " + *word;
}

std::string share_command(const Circumstances& object, std::uint32_t gid, unsigned mode) {
  const auto word = path_word(object);
  if (!word || !object.is_trusted) return "";
  return "sudo chgrp --no-dereference " + std::to_string(gid) + " " + *word + " && sudo chmod " +
         mode_text(mode) + " " + *word;
}

std::string chown_command(const Circumstances& object) {
  const auto word = path_word(object);
  return word && object.is_trusted ? "sudo chown --no-dereference root " + *word : "";
}

std::string fix_command(const std::string& path, const Circumstances& object,
                        const std::string& options) {
  const auto word = shell_word(path);
  std::string command = "sudo cfwarden fix";
  if (!options.empty()) command += " " + options;
  if (!object.root_prefix.empty()) {
    const auto root = shell_word(object.root_prefix);
    if (!root) return "";
    command += " --root " + *root;
  }
  return word ? command + " " + *word : "";
}

}  // namespace cfwarden
