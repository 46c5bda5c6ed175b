#include "cfwarden/mend/journal.h"

#include "../host/in_child.h"
#include "cfwarden/mend/journal_file.h"
#include "cfwarden/mend/journal_line.h"
#include "records.h"
#include "state_home.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

using namespace cfwarden;

namespace {

StateDirectory locked_state() {
  Result<StateDirectory> state = StateDirectory::locked();
  REQUIRE_MESSAGE(state, state.error().what);
  return std::move(*state);
}

std::string error_of(const Result<Done>& done) {
  return done ? "no error" : done.error().what;
}

std::string error_of(const Result<std::vector<ReadJournal>>& journals) {
  return journals ? "no error" : journals.error().what;
}

std::vector<ReadJournal> all_journals(const StateDirectory& state) {
  const auto journals = read_journals(state);
  REQUIRE_MESSAGE(journals, journals.error().what);
  return *journals;
}

// One change, done, and the end.
std::string record_a_run(const StateDirectory& state, JournalRun run = some_run()) {
  Journal journal{state, std::move(run)};
  REQUIRE(journal.intend(some_intent(1)));
  REQUIRE(journal.done(1, 42));
  REQUIRE(journal.end());
  return journal.name();
}

// All later calls of one system call fail in this process.
bool forbid(long call, int code) {
  std::array<sock_filter, 4> steps{
      sock_filter{BPF_LD | BPF_W | BPF_ABS, 0, 0, 0},
      sock_filter{BPF_JMP | BPF_JEQ | BPF_K, 0, 1, static_cast<std::uint32_t>(call)},
      sock_filter{BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ERRNO | static_cast<std::uint32_t>(code)},
      sock_filter{BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW}};
  const sock_fprog filter{.len = steps.size(), .filter = steps.data()};
  return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
         prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0;
}

// A file of this process may have so many bytes; more is an error and no signal.
bool limit_files(rlim_t bytes) {
  (void)std::signal(SIGXFSZ, SIG_IGN);
  rlimit limit{};
  if (getrlimit(RLIMIT_FSIZE, &limit) != 0) return false;
  limit.rlim_cur = bytes;
  return setrlimit(RLIMIT_FSIZE, &limit) == 0;
}

std::size_t size_of(const std::string& path) {
  struct stat status {};
  return stat(path.c_str(), &status) == 0 ? static_cast<std::size_t>(status.st_size) : 0;
}

}  // namespace

TEST_CASE("a run that records nothing leaves no journal") {
  const StateHome home;
  const StateDirectory state = locked_state();
  {
    Journal journal{state, some_run()};
    CHECK(journal.name().empty());
    CHECK(journal.end());
    CHECK_FALSE(journal.done(1, 0));
  }
  CHECK(all_journals(state).empty());
}

TEST_CASE("a run is in a file of its own, closed to others, from its first record on") {
  const StateHome home;
  const StateDirectory state = locked_state();
  Journal journal{state, some_run()};
  const mode_t before = umask(0);
  REQUIRE(journal.intend(some_intent(1)));
  umask(before);
  CHECK(journal.name() == "20261122T084325Z-" + std::to_string(getpid()));
  CHECK(mode_of(home.journal(journal.name())) == 0600);
  CHECK(bytes_in(home.journal(journal.name())) ==
        text_of_line({some_run()}) + text_of_line({some_intent(1)}));
}

TEST_CASE("what was recorded is read again as it was") {
  const StateHome home;
  const StateDirectory state = locked_state();
  const std::vector<std::string> paths = hostile_paths();
  Journal journal{state, some_run()};
  std::size_t number = 0;
  for (const std::string& path : paths) {
    REQUIRE(journal.intend(extreme_intent(++number, path)));
    REQUIRE(journal.done(number, static_cast<std::int64_t>(number)));
  }
  REQUIRE(journal.intend(some_move(++number)));
  REQUIRE(journal.moved(some_moved(number)));
  REQUIRE(journal.intend(some_intent(++number)));
  REQUIRE(journal.failed(number, std::string(100'000, 'x')));
  REQUIRE(journal.end());

  const std::vector<ReadJournal> journals = all_journals(state);
  REQUIRE(journals.size() == 1);
  const ReadJournal& read = journals.front();
  CHECK(read.name == journal.name());
  CHECK(read.has_end);
  REQUIRE(read.records.size() == paths.size() + 2);
  for (std::size_t i = 0; i < paths.size(); ++i) {
    CHECK(std::get<Intent>(read.records[i].what).path == paths[i]);
    CHECK(read.records[i].fate == Fate::done);
    CHECK(read.records[i].changed_nanoseconds == static_cast<std::int64_t>(i) + 1);
  }
  CHECK(std::get<TokenMove>(read.records[paths.size()].what).unit_after);
  CHECK(read.records.back().fate == Fate::failed);
}

TEST_CASE("runs are read in the order in which they were, also within one second") {
  const StateHome home;
  const StateDirectory state = locked_state();
  JournalRun later = some_run();
  later.started += 1;
  std::vector<std::string> names;
  names.push_back(record_a_run(state));
  // In another process: its id may sort before or after this one's.
  for (int i = 0; i < 3; ++i) {
    REQUIRE(in_child([&] { return record_a_run(state).empty() ? 1 : 0; }).exit_code == 0);
  }
  names.push_back(record_a_run(state));
  names.push_back(record_a_run(state, later));
  names.push_back(record_a_run(state));  // The clock was set back.

  const std::vector<ReadJournal> journals = all_journals(state);
  REQUIRE(journals.size() == 7);
  CHECK(journals[0].name == names[0]);
  CHECK(journals[4].name == names[1]);
  CHECK(journals[5].name == names[2]);
  CHECK(journals[6].name == names[3]);
}

TEST_CASE("a record that does not follow the others is not written") {
  const StateHome home;
  const StateDirectory state = locked_state();
  Journal journal{state, some_run()};
  CHECK(error_of(journal.intend(some_intent(2))) ==
        "this cannot be recorded: its number is out of order");
  CHECK(journal.name().empty());
  REQUIRE(journal.intend(some_intent(1)));
  const std::string before = bytes_in(home.journal(journal.name()));
  CHECK_FALSE(journal.intend(some_intent(1)));
  CHECK_FALSE(journal.done(2, 0));
  CHECK_FALSE(journal.moved(some_moved(1)));
  Intent impossible = some_intent(2);
  impossible.path = "relative";
  CHECK_FALSE(journal.intend(impossible));
  CHECK(bytes_in(home.journal(journal.name())) == before);
  CHECK(journal.done(1, 0));
}

TEST_CASE("undo appends to the run that it takes back") {
  const StateHome home;
  const StateDirectory state = locked_state();
  const std::string name = record_a_run(state);
  const std::string before = bytes_in(home.journal(name));
  Result<Journal> journal = Journal::open(state, all_journals(state).front());
  REQUIRE_MESSAGE(journal, journal.error().what);
  CHECK(journal->name() == name);
  CHECK_FALSE(journal->intend(some_intent(2)));
  REQUIRE(journal->undoing(1));
  REQUIRE(journal->undone(1));
  CHECK_FALSE(journal->undone(1));
  REQUIRE(journal->end());
  CHECK(bytes_in(home.journal(name)).starts_with(before));
  const std::vector<ReadJournal> journals = all_journals(state);
  REQUIRE(journals.size() == 1);
  CHECK(journals.front().is_undone());
}

TEST_CASE("before undo appends, a line that was cut short is cut away") {
  const StateHome home;
  const StateDirectory state = locked_state();
  const std::string name = record_a_run(state);
  const std::string whole = bytes_in(home.journal(name));
  for (const std::string torn : {"{", "{\"op\":\"undoing\",\"number\":1", ""}) {
    put_bytes(home.journal(name), whole + torn);
    const std::vector<ReadJournal> journals = all_journals(state);
    REQUIRE(journals.front().is_torn == !torn.empty());
    Result<Journal> journal = Journal::open(state, journals.front());
    REQUIRE(journal);
    REQUIRE(journal->left(1, "invented"));
    CHECK(bytes_in(home.journal(name)) ==
          whole +
              text_of_line({FateChange{
                  .number = 1, .fate = Fate::left, .changed_nanoseconds = 0, .why = "invented"}}));
  }
}

TEST_CASE("nothing is appended to a journal that was exchanged for another kind of file") {
  const StateHome home;
  const StateDirectory state = locked_state();
  const std::string name = record_a_run(state);
  const ReadJournal journal = all_journals(state).front();
  const std::string path = home.journal(name);
  const std::string aside = home.at("/aside");
  REQUIRE(rename(path.c_str(), aside.c_str()) == 0);
  CHECK_FALSE(Journal::open(state, journal));
  REQUIRE(symlink(aside.c_str(), path.c_str()) == 0);
  CHECK(Journal::open(state, journal).error().what ==
        path + ": is a symbolic link, which is not followed here");
  REQUIRE(unlink(path.c_str()) == 0);
  put_bytes(path, bytes_in(aside) + "invented\n");
  REQUIRE(chmod(path.c_str(), 0600) == 0);
  CHECK(Journal::open(state, journal).error().what ==
        path + ": line 5 is damaged: its checksum is wrong");
  put_bytes(path, "torn");
  CHECK(Journal::open(state, journal).error().what == path + ": holds no record");
}

TEST_CASE("one journal that is damaged, linked, foreign or loose stops all, and is named") {
  const StateHome home;
  const StateDirectory state = locked_state();
  const std::string first = record_a_run(state);
  record_a_run(state);
  const std::string path = home.journal(first);
  const std::string sound = bytes_in(path);
  const auto as_root = [](const auto& step) {
    REQUIRE(seteuid(0) == 0);
    step();
    REQUIRE(seteuid(alice) == 0);
  };

  SUBCASE("damaged") {
    put_bytes(path, sound.substr(0, 20) + sound.substr(21));
    CHECK(error_of(read_journals(state)) == path + ": line 1 is damaged: its checksum is wrong");
  }
  SUBCASE("a symbolic link") {
    REQUIRE(rename(path.c_str(), home.at("/aside").c_str()) == 0);
    REQUIRE(symlink(home.at("/aside").c_str(), path.c_str()) == 0);
    CHECK(error_of(read_journals(state)) ==
          path + ": is a symbolic link, which is not followed here");
  }
  SUBCASE("a dangling link") {
    REQUIRE(unlink(path.c_str()) == 0);
    REQUIRE(symlink("nowhere", path.c_str()) == 0);
    CHECK(error_of(read_journals(state)) ==
          path + ": is a symbolic link, which is not followed here");
  }
  SUBCASE("a second name") {
    REQUIRE(link(path.c_str(), home.at("/aside").c_str()) == 0);
    CHECK(error_of(read_journals(state)) == path + ": has 2 names; it must have one");
  }
  SUBCASE("a FIFO, which would keep a reader waiting") {
    REQUIRE(unlink(path.c_str()) == 0);
    REQUIRE(mkfifo(path.c_str(), 0600) == 0);
    CHECK(error_of(read_journals(state)) == path + ": is not a regular file");
  }
  SUBCASE("a directory") {
    REQUIRE(unlink(path.c_str()) == 0);
    REQUIRE(mkdir(path.c_str(), 0700) == 0);
    CHECK(error_of(read_journals(state)) == path + ": is not a regular file");
  }
  SUBCASE("open to others") {
    for (const mode_t bit : {0040U, 0020U, 0010U, 0004U, 0002U, 0001U}) {
      REQUIRE(chmod(path.c_str(), 0600 | bit) == 0);
      CHECK(error_of(read_journals(state)).starts_with(path + ": is open to others (06"));
    }
    REQUIRE(chmod(path.c_str(), 0644) == 0);
    CHECK(error_of(read_journals(state)) ==
          path + ": is open to others (0644); it may be at most 0600");
  }
  SUBCASE("another user's") {
    if (getuid() != 0) {
      MESSAGE("skipped: only root can give a file away");
      return;
    }
    as_root([&] {
      REQUIRE(chown(path.c_str(), mallory, mallory) == 0);
      REQUIRE(chmod(path.c_str(), 0604) == 0);
    });
    CHECK(error_of(read_journals(state)) ==
          path + ": belongs to uid 54322; it must be the caller's");
  }
  SUBCASE("larger than any that is written") {
    REQUIRE(truncate(path.c_str(), 64 * 1024 * 1024 + 1) == 0);
    CHECK(error_of(read_journals(state)) == path + ": is larger than 64 MiB");
  }
  SUBCASE("with a name that no run gives") {
    put_bytes(home.journal("copy\n\x1b"), sound);
    CHECK(error_of(read_journals(state)) ==
          home.at("/cfwarden/journal/copy\\n\\x1b.jsonl") + ": has no name of a journal");
  }
}

TEST_CASE("files that are no journals are passed over") {
  const StateHome home;
  const StateDirectory state = locked_state();
  record_a_run(state);
  for (const char* name : {"/notes.txt", "/.hidden.jsonl", "/x.jsonl~", "/jsonl"}) {
    put_bytes(home.at("/cfwarden/journal") + name, "invented");
  }
  CHECK(all_journals(state).size() == 1);
}

TEST_CASE("more journals than anybody reads are refused, and no further one is begun") {
  const StateHome home;
  const StateDirectory state = locked_state();
  for (int i = 1; i <= 10'000; ++i) {
    const std::string path = home.journal("20200101T000000Z-" + std::to_string(i));
    const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    REQUIRE(file >= 0);
    close(file);
  }
  CHECK(all_journals(state).size() == 10'000);
  Journal journal{state, some_run()};
  CHECK(error_of(journal.intend(some_intent(1))) ==
        home.at("/cfwarden/journal") + ": holds 10000 journals; move the oldest ones elsewhere");
  put_bytes(home.journal("20200102T000000Z-1"), "");
  CHECK(error_of(read_journals(state)) ==
        home.at("/cfwarden/journal") +
            ": holds more than 10000 journals; move the oldest ones elsewhere");
}

TEST_CASE("without space for a record nothing of it stays, and the journal goes on later") {
  const StateHome home;
  const StateDirectory state = locked_state();
  const std::size_t two_lines =
      text_of_line({some_run()}).size() + text_of_line({some_intent(1)}).size();
  const Ending ending = in_child([&] {
    Journal journal{state, some_run()};
    if (!journal.intend(some_intent(1)) || !journal.done(1, 42)) return 1;
    const std::string path = home.journal(journal.name());
    const std::size_t before = size_of(path);
    if (before <= two_lines) return 2;
    // From no byte of the next record to all but its newline.
    const std::size_t next = text_of_line({some_intent(2)}).size();
    for (std::size_t room = 0; room < next; ++room) {
      if (!limit_files(before + room)) return 3;
      const Result<Done> written = journal.intend(some_intent(2));
      if (written || size_of(path) != before) return 4;
      if (written.error().code != ENOSPC && written.error().code != EFBIG) return 5;
      if (!written.error().what.starts_with(path + ": write: ")) return 6;
    }
    if (!limit_files(before + next)) return 7;
    return journal.intend(some_intent(2)) ? 0 : 8;
  });
  CHECK(ending.exit_code == 0);
  const ReadJournal journal = all_journals(state).front();
  CHECK(journal.records.size() == 2);
  CHECK_FALSE(journal.is_torn);
}

TEST_CASE("a run whose first record finds no space leaves no journal, and may try again") {
  const StateHome home;
  const StateDirectory state = locked_state();
  const std::size_t run = text_of_line({some_run()}).size();
  const std::size_t intent = text_of_line({some_intent(1)}).size();
  const Ending ending = in_child([&] {
    Journal journal{state, some_run()};
    for (std::size_t room = 0; room < run + intent; ++room) {
      if (!limit_files(room)) return 1;
      if (journal.intend(some_intent(1)) || !journal.name().empty()) return 2;
      const auto journals = read_journals(state);
      if (!journals || !journals->empty()) return 3;
    }
    if (!limit_files(run + intent)) return 4;
    return journal.intend(some_intent(1)) && !journal.name().empty() ? 0 : 5;
  });
  CHECK(ending.exit_code == 0);
  CHECK(all_journals(state).size() == 1);
}

TEST_CASE("where a torn record cannot be cut away again, nothing more is written behind it") {
  const StateHome home;
  const StateDirectory state = locked_state();
  const Ending ending = in_child([&] {
    Journal journal{state, some_run()};
    if (!journal.intend(some_intent(1))) return 1;
    const std::string path = home.journal(journal.name());
    const std::size_t before = size_of(path);
    if (!limit_files(before + 5) || !forbid(SYS_ftruncate, EIO)) return 2;
    if (journal.done(1, 42) || size_of(path) != before + 5) return 3;
    if (!limit_files(RLIM_INFINITY)) return 4;
    const Result<Done> again = journal.done(1, 42);
    if (again || again.error().code != EIO) return 5;
    if (journal.end() || size_of(path) != before + 5) return 6;
    return 0;
  });
  CHECK(ending.exit_code == 0);
  const ReadJournal journal = all_journals(state).front();
  CHECK(journal.is_torn);
  CHECK(journal.records.front().fate == Fate::intended);
}

TEST_CASE("a record that may not be on disk is an error, and the last one") {
  const StateHome home;
  const StateDirectory state = locked_state();
  const Ending ending = in_child([&] {
    Journal journal{state, some_run()};
    if (!journal.intend(some_intent(1))) return 1;
    if (!forbid(SYS_fdatasync, EIO)) return 2;
    const Result<Done> done = journal.done(1, 42);
    if (done || done.error().code != EIO) return 3;
    return journal.end() ? 4 : 0;
  });
  CHECK(ending.exit_code == 0);
  CHECK(all_journals(state).front().is_interrupted());
}

TEST_CASE("a run that is killed at any moment leaves whole lines and at most one torn") {
  const StateHome home;
  const StateDirectory state = locked_state();
  JournalRun run = some_run();
  std::size_t most = 0;
  for (useconds_t wait = 0; wait < 6000; wait += 97) {
    ++run.started;
    const pid_t child = fork();
    REQUIRE(child >= 0);
    if (child == 0) {
      Journal journal{state, run};
      for (std::size_t number = 1;; ++number) {
        if (!journal.intend(extreme_intent(number, "/invented"))) _exit(1);
        if (!journal.done(number, 0)) _exit(1);
      }
    }
    usleep(wait);
    REQUIRE(kill(child, SIGKILL) == 0);
    REQUIRE(waitpid(child, nullptr, 0) == child);
    const auto name = next_name({}, run.started, static_cast<std::uint32_t>(child));
    REQUIRE(name);
    const auto journal = parse_journal("invented", bytes_in(home.journal(text_of(*name))));
    REQUIRE_MESSAGE(journal, journal.error().what);
    most = std::max(most, journal->records.size());
    for (std::size_t i = 0; i + 1 < journal->records.size(); ++i) {
      if (journal->records[i].fate != Fate::done) FAIL_CHECK("after " << wait << " us");
    }
  }
  CHECK(most > 1);  // Else nothing was tried.
}
