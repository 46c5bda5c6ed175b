#include "cfwarden/app/inspect.h"
#include "cfwarden/cli/command.h"
#include "cfwarden/cli/complaint.h"
#include "cfwarden/cli/terminal.h"
#include "cfwarden/host/settings.h"
#include "cfwarden/output/inspection.h"

#include <cerrno>
#include <map>
#include <memory>

namespace cfwarden {
namespace {

struct InspectFlags {
  std::string file;
  std::string as;
  bool json = false;
  std::string color = "auto";
};

ExitCode exit_code_for(const Decoded& decoded) {
  const auto* credential = std::get_if<Credential>(&decoded);
  const bool accepted = credential != nullptr && (credential->status == Status::usable ||
                                                  credential->status == Status::incomplete);
  return accepted ? ExitCode::ok : ExitCode::findings;
}

const std::map<std::string, InspectAs>& forms() {
  static const std::map<std::string, InspectAs> table{
      {"", InspectAs::recognised},
      {"token", InspectAs::token},
      {"token-file", InspectAs::token_file},
      {"tunnel-credentials", InspectAs::tunnel_credentials},
      {"account-certificate", InspectAs::account_certificate}};
  return table;
}

ExitCode run_inspect(const InspectFlags& flags, std::ostream& out) {
  const Result<Secret> key = read_fingerprint_key();
  if (!key) return complain(key.error());
  const Result<Decoded> decoded = inspect(flags.file, forms().at(flags.as), key->reveal());
  if (!decoded) {
    const bool absent = decoded.error().code == ENOENT || decoded.error().code == ENOTDIR;
    return complain(flags.file + ": " + decoded.error().what,
                    absent ? ExitCode::usage : ExitCode::incomplete);
  }
  if (flags.json) {
    write_inspection_json(*decoded, out);
  } else {
    write_inspection(*decoded, terminal_for(flags.color), out);
  }
  return exit_code_for(*decoded);
}

}  // namespace

void add_inspect_command(const Declaration& program) {
  const auto flags = std::make_shared<InspectFlags>();
  const Declaration command =
      program.command("inspect", "Say what one credential is, without its secret");
  command.required_text({.names = "FILE", .description = "A file, or - for standard input"},
                        flags->file);
  command.text({.names = "--as",
                .value = "KIND",
                .description = "Decode as cloudflared would such a thing",
                .one_of = {"token", "token-file", "tunnel-credentials", "account-certificate"}},
               flags->as);
  command.flag("--json", flags->json, "One JSON object");
  command.text(color_option(), flags->color);
  command.runs([flags](std::ostream& out) { return run_inspect(*flags, out); });
}

}  // namespace cfwarden
