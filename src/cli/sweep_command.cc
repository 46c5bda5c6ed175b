#include "cfwarden/app/host_sweep.h"
#include "cfwarden/cli/arguments.h"
#include "cfwarden/cli/audit_flags.h"
#include "cfwarden/cli/baseline.h"
#include "cfwarden/cli/command.h"
#include "cfwarden/cli/complaint.h"
#include "cfwarden/cli/numbers.h"
#include "cfwarden/cli/progress.h"
#include "cfwarden/cli/report_outputs.h"
#include "cfwarden/host/process.h"
#include "cfwarden/host/system_log.h"

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <thread>

namespace cfwarden {
namespace {

constexpr unsigned most_jobs = 64;

struct SweepFlags {
  AuditFlags audit;
  BaselineFlags baseline;
  OutputFlags output;
  bool names_only = false;
  bool one_file_system = false;
  bool git = false;
  bool staged = false;
  std::string max_size;
  std::string jobs;
};

// What would be passed over in silence is refused.
Result<Done> refuse_what_opens_files(const SweepFlags& flags) {
  if (!flags.names_only) return Done{};
  const char* const why = ": it opens no file";
  if (flags.git) return Error{std::string{"--names-only does not go with --git"} + why, 0};
  if (!flags.baseline.file.empty()) {
    return Error{std::string{"--names-only does not go with --baseline"} + why, 0};
  }
  if (flags.max_size.empty()) return Done{};
  return Error{std::string{"--names-only does not go with --max-size"} + why, 0};
}

// A hook of git is run at the top of the work tree, by whoever commits.
std::string path_in_environment(const char* name) {
  const char* const path = std::getenv(name);
  const bool is_told = path != nullptr && *path != '\0';
  return is_told ? absolute_path(path, PathBase::working_directory) : std::string{};
}

Result<Done> prepare_staged(const SweepFlags& flags, HostSweepRequest& request) {
  const char* other = flags.names_only                ? "--names-only"
                      : flags.git                     ? "--git"
                      : flags.one_file_system         ? "--one-file-system"
                      : !flags.audit.root.empty()     ? "--root"
                      : flags.audit.paths.size() > 1U ? "more than one PATH"
                                                      : nullptr;
  if (other != nullptr) return Error{std::string{"--staged does not go with "} + other, 0};
  request.only_staged = true;
  if (request.host.paths.empty()) {
    request.host.paths.push_back(absolute_path(".", PathBase::working_directory));
  }
  request.git.index = path_in_environment("GIT_INDEX_FILE");
  request.git.directory = path_in_environment("GIT_DIR");
  request.git.work_tree = path_in_environment("GIT_WORK_TREE");
  return Done{};
}

Result<Done> prepare_sweep(const SweepFlags& flags, HostSweepRequest& request) {
  if (auto refused = refuse_what_opens_files(flags); !refused) return refused;
  if (!flags.max_size.empty()) {
    const auto size = bytes_of(flags.max_size);
    if (!size) return Error{"--max-size: a number of bytes, or of K, M, G or T", 0};
    request.max_size = *size;
  }
  request.threads = std::clamp(std::thread::hardware_concurrency(), 1U, most_jobs);
  if (!flags.jobs.empty()) {
    const auto jobs = count_of(flags.jobs, most_jobs);
    if (!jobs) return Error{"--jobs: a number from 1 to " + std::to_string(most_jobs), 0};
    request.threads = *jobs;
  }
  if (flags.names_only) request.part = SweptPart::names;
  if (flags.one_file_system) request.crossing = MountCrossing::none;
  const Profile* profile = request.host.profile;
  request.asks_git = flags.git || (!flags.names_only && profile != nullptr && profile->git);
  return flags.staged ? prepare_staged(flags, request) : Result<Done>{Done{}};
}

ExitCode run_sweep(const SweepFlags& flags, std::ostream& out) {
  const Result<std::vector<Output>> outputs = outputs_of(flags.output);
  if (!outputs) return complain(outputs.error());
  const Descriptor log = system_log_of_stderr();
  PreparedAudit prepared;
  const Result<Done> ready = prepare(flags.audit, prepared);
  if (!ready) return write_failure(*outputs, ready.error(), out);
  HostSweepRequest request{.host = prepared.request};
  const Result<Done> wished = prepare_sweep(flags, request);
  if (!wished) return write_failure(*outputs, wished.error(), out);
  const Result<std::optional<SavedReport>> baseline = read_baseline(flags.baseline);
  if (!baseline) return write_failure(*outputs, baseline.error(), out);

  watch_interrupts();
  Progress progress;
  request.progress = [&](const SweepPace& pace) {
    progress.show(SweptSoFar{.names = pace.names, .files = pace.files, .bytes = pace.bytes});
  };
  Result<Audit> swept = sweep_host(request);
  if (!swept) return write_failure(*outputs, swept.error(), out);
  const Result<Done> marked = apply_baseline(*baseline, flags.baseline, swept->report);
  if (!marked) return write_failure(*outputs, marked.error(), out);
  return write_outputs({.outputs = *outputs,
                        .flags = flags.output,
                        .color = color_wish(flags.audit, prepared),
                        .user_rules = prepared.user_rules,
                        .profile = prepared.request.profile,
                        .exceptions = flags.audit.exceptions,
                        .log = log},
                       swept->report, out);
}

}  // namespace

void add_sweep_command(const Declaration& program) {
  const auto flags = std::make_shared<SweepFlags>();
  const Declaration command = program.command(
      "sweep", "Look for credentials in every file and process of the machine, whatever its name");
  command.texts(
      {.names = "PATH",
       .description = "Files or directories, instead of the machine's local file systems"},
      flags->audit.paths);
  command.flag("--names-only", flags->names_only,
               "Only names that credentials have; opens no file");
  command.text({.names = "--max-size",
                .value = "SIZE",
                .description = "Leave larger files out, and say so: bytes, or K, M, G, T",
                .accepts = Accepts::not_empty},
               flags->max_size);
  command.flag("--one-file-system", flags->one_file_system, "Stay on the file system of each PATH");
  command.text({.names = "--jobs",
                .value = "N",
                .description = "Threads (default: the processors there are, at most 64)",
                .accepts = Accepts::not_empty},
               flags->jobs);
  command.flag("--git", flags->git,
               "Say whether git tracks what was found; history is not searched");
  command.flag("--staged", flags->staged,
               "Instead of files: what git is to commit from the work tree around PATH");
  add_host_flags(command, flags->audit);
  add_fail_on_flag(command, flags->audit);
  add_baseline_flags(command, flags->baseline);
  add_output_flags(command, flags->output);
  command.runs([flags](std::ostream& out) { return run_sweep(*flags, out); });
}

}  // namespace cfwarden
