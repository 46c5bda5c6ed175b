#include "cfwarden/base/concealed.h"
#include "cfwarden/base/shell_word.h"
#include "cfwarden/cli/arguments.h"
#include "cfwarden/cli/audit_flags.h"
#include "cfwarden/cli/command.h"
#include "cfwarden/cli/complaint.h"
#include "cfwarden/host/exception_file.h"
#include "cfwarden/host/identity.h"
#include "cfwarden/output/layout.h"
#include "cfwarden/output/rows.h"
#include "cfwarden/rules/exception.h"

#include <cerrno>
#include <memory>
#include <ostream>

namespace cfwarden {
namespace {

struct ExceptFlags {
  Exception exception;
  std::string directory;  // Instead of /etc/cfwarden/exceptions.d.
  std::string rules;      // Instead of /etc/cfwarden/rules.d.
};

// As an option, or as what the command is given; a key is named as its option is.
std::string option_of(std::string_view key) {
  return key == "rule" ? "RULE" : "--" + std::string{key};
}

// What everybody may read, and stands in every report, holds no secret.
Result<Done> check_values(const Exception& exception) {
  for (const ExceptionKey& key : exception_keys()) {
    const std::string& text = exception.*key.text;
    if (text.empty()) continue;
    const std::string problem = exception_problem(key.name, text);
    if (!problem.empty()) return Error{option_of(key.name) + ": " + problem, 0};
    const bool is_text = key.name == "reason" || key.name == "owner";
    if (is_text && concealed(text) != text) {
      return Error{option_of(key.name) + ": looks as if it held a secret; everybody can read it",
                   0};
    }
  }
  for (const ExceptionKey& key : exception_keys()) {
    const bool is_required = key.name == "reason" || key.name == "owner" || key.name == "expires";
    if (is_required && (exception.*key.text).empty()) {
      return Error{option_of(key.name) +
                       " is missing: an exception says why, who answers for it "
                       "and when it ends",
                   0};
    }
  }
  if (!incompleteness_of(exception).empty()) {
    return Error{
        "it would except the whole rule: give --path, --host, --fingerprint, --tunnel or "
        "--account, too",
        0};
  }
  return Done{};
}

Result<Done> check_rule_of(const ExceptFlags& flags) {
  const Result<std::vector<NamedBytes>> files = read_rule_files(flags.rules);
  if (!files) return files.error();
  std::vector<RuleSource> sources;
  for (const NamedBytes& file : *files) sources.push_back({file.file, file.bytes});
  return check_rule(flags.exception.rule, sources);
}

// An end that has come would except nothing.
Result<Done> check_end(const Exception& exception) {
  const Result<ExceptionPtr> read = parse_exception("", file_text_of(exception));
  if (!read) return read.error();
  if (days_left(**read, current_time()) >= 0) return Done{};
  return Error{"--expires: that day has passed: it would except nothing", 0};
}

// `directory` is "" for the host's own exceptions.
void tell(const std::string& file, const std::string& directory, const Exception& exception,
          std::ostream& out) {
  constexpr std::size_t columns = 14;
  out << "Written to " << told(file) << '\n';
  for (const ExceptionKey& key : exception_keys()) {
    const std::string& text = exception.*key.text;
    if (!text.empty()) out << padded("  " + std::string{key.name}, columns) << told(text) << '\n';
  }
  out << "What it matches is told of as excepted, and fails no run, until the end of that day "
         "(UTC).\n"
      << "See it:       cfwarden audit"
      << (directory.empty() ? "" : " --exceptions " + shell_word(directory).value_or("DIR")) << '\n'
      << "Take it back: rm " << shell_word(file).value_or("FILE") << '\n';
}

ExitCode run_except(ExceptFlags& flags, std::ostream& out) {
  Exception& exception = flags.exception;
  const bool is_relative = !exception.path.empty() && exception.path.front() != '/' &&
                           exception.path.front() != '*' && exception.path.front() != '$';
  if (is_relative) exception.path = absolute_path(exception.path, PathBase::working_directory);
  if (const Result<Done> known = check_rule_of(flags); !known) return complain(known.error());
  if (const Result<Done> sound = check_values(exception); !sound) return complain(sound.error());
  if (const Result<Done> comes = check_end(exception); !comes) return complain(comes.error());

  const std::string directory =
      flags.directory.empty() ? "" : absolute_path(flags.directory, PathBase::working_directory);
  const Result<std::string> file =
      create_exception_file(directory, file_name_for(exception), file_text_of(exception));
  if (!file && file.error().code == EEXIST) {
    return complain("there is an exception for the same already, in " +
                    exceptions_directory(directory) + "/" + file_name_for(exception) +
                    "\nto renew it, change its key `expires`; to replace it, remove it first");
  }
  if (!file && file.error().code == EACCES && directory.empty()) {
    return complain(file.error().what + "\nonly root may except something on this host: use sudo");
  }
  if (!file) return complain(file.error());
  tell(*file, directory, exception, out);
  return ExitCode::ok;
}

void add_matches(const Declaration& command, Exception& exception) {
  command.text(
      {.names = "--path",
       .value = "GLOB",
       .description = "Only at these paths, as reports give them; * and ** as in --exclude",
       .accepts = Accepts::not_empty},
      exception.path);
  command.text({.names = "--host",
                .value = "GLOB",
                .description = "Only on hosts of this name",
                .accepts = Accepts::not_empty},
               exception.host);
  command.text({.names = "--fingerprint",
                .value = "ID",
                .description = "Only this secret: sha256:... as reports give it",
                .accepts = Accepts::not_empty},
               exception.fingerprint);
  command.text({.names = "--tunnel",
                .value = "UUID",
                .description = "Only credentials of this tunnel",
                .accepts = Accepts::not_empty},
               exception.tunnel);
  command.text({.names = "--account",
                .value = "ID",
                .description = "Only credentials of this Cloudflare account",
                .accepts = Accepts::not_empty},
               exception.account);
}

}  // namespace

void add_except_command(const Declaration& program) {
  const auto flags = std::make_shared<ExceptFlags>();
  const Declaration command =
      program.command("except", "Accept what a rule finds in one place, for a reason, until a day");
  command.required_text({.names = "RULE", .description = "As cfwarden rules list names it"},
                        flags->exception.rule);
  command.text({.names = "--reason",
                .value = "TEXT",
                .description = "Why it is accepted (required)",
                .accepts = Accepts::not_empty},
               flags->exception.reason);
  command.text({.names = "--owner",
                .value = "WHO",
                .description = "Who answers for it (required)",
                .accepts = Accepts::not_empty},
               flags->exception.owner);
  command.text({.names = "--expires",
                .value = "DATE",
                .description = "The last day on which it holds, as 2026-12-31 (required)",
                .accepts = Accepts::not_empty},
               flags->exception.expires);
  add_matches(command, flags->exception);
  command.text({.names = "--exceptions",
                .value = "DIR",
                .description = "Where to write it, instead of /etc/cfwarden/exceptions.d",
                .accepts = Accepts::not_empty},
               flags->directory);
  command.text({.names = "--rules",
                .value = "DIR",
                .description = "Rules of your own, instead of /etc/cfwarden/rules.d",
                .accepts = Accepts::not_empty},
               flags->rules);
  command.runs([flags](std::ostream& out) { return run_except(*flags, out); });
}

}  // namespace cfwarden
