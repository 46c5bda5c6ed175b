#include "cfwarden/app/swept_processes.h"

#include "cfwarden/host/bytes_file.h"
#include "cfwarden/host/identity.h"
#include "cfwarden/host/process.h"
#include "cfwarden/host/processes.h"

#include <cstddef>
#include <string_view>
#include <utility>

namespace cfwarden {
namespace {

class Handing {
 public:
  Handing(const HandOverMore& hand_over, SweptProcesses& processes)
      : hand_over_{hand_over}, processes_{processes} {}

  // Environments that may not be read.
  std::vector<Gap>& closed() { return closed_; }

  void take(const Process& process) {
    const std::string directory = "/proc/" + std::to_string(process.pid);
    give(process, directory + "/cmdline", process.command_line.reveal());
    give(process, directory + "/environ", process.environment.reveal());
    if (!process.unread_environment.empty()) {
      closed_.push_back({directory + "/environ", process.unread_environment});
    }
  }

 private:
  void give(const Process& process, std::string path, std::string_view bytes) {
    if (bytes.empty() || interrupted()) return;
    const Result<Descriptor> file = bytes_as_file(bytes);
    Result<Done> given =
        file ? hand_over_(file->get(), {.path = path, .size = bytes.size(), .is_process = true})
             : Result<Done>{file.error()};
    if (given) {
      processes_.by_path[std::move(path)] = {
          .program = process.program, .uid = process.uid, .gid = process.gid};
    } else {
      processes_.gaps.push_back({std::move(path), "was not looked into: " + given.error().what});
    }
  }

  const HandOverMore& hand_over_;
  SweptProcesses& processes_;
  std::vector<Gap> closed_;
};

}  // namespace

void hand_over_processes(const HandOverMore& hand_over, SweptProcesses& processes) {
  Handing handing{hand_over, processes};
  EveryProcess every =
      for_every_process([&handing](const Process& process) { handing.take(process); });
  for (auto& [path, process] : processes.by_path) process.is_hidden = every.are_hidden;
  processes.seen = every.seen;
  for (Gap& gap : every.gaps) processes.gaps.push_back(std::move(gap));
  if (handing.closed().empty()) return;
  // Who is not root reads no others': that is said once, of the first of them.
  if (caller_uid() != 0) {
    processes.gaps.push_back({handing.closed().front().path,
                              "may not be read by this user, nor may the variables of the other "
                              "processes that are not the user's own"});
    return;
  }
  constexpr std::size_t most_named = 16;
  if (handing.closed().size() > most_named) {
    const std::string count = std::to_string(handing.closed().size());
    handing.closed() = {{"/proc", "does not show the variables of " + count + " processes"}};
  }
  for (Gap& gap : handing.closed()) processes.gaps.push_back(std::move(gap));
}

}  // namespace cfwarden
