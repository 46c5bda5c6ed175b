#include "cfwarden/sweep/decoder_pool.h"

#include "../host/in_child.h"
#include "../host/tree.h"
#include "../spots/corpus.h"
#include "cfwarden/host/process.h"
#include "cfwarden/host/sandbox.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

namespace cfwarden {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Clock = std::chrono::steady_clock;

const SpotFinder& finder() {
  static const SpotFinder one;
  return one;
}

const std::string token = corpus::names().at("TOKEN");

DecoderPool pool_of(const DecoderTerms& terms) {
  auto pool = DecoderPool::start(finder(), terms);
  REQUIRE(pool);
  return std::move(*pool);
}

Result<Done> try_hand(DecoderPool& pool, const std::string& path) {
  const Descriptor file{open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  REQUIRE(file.is_open());
  return pool.hand_over(file.get(), {.path = path});
}

void hand(DecoderPool& pool, const std::string& path) {
  REQUIRE(try_hand(pool, path));
}

std::string told(const Answered& answered) {
  if (!answered.findings) return "none: " + answered.findings.error().what;
  std::string words;
  for (const FoundCredential& found : answered.findings->found)
    words += found.credential.kind + " ";
  for (const FileFindings::Miss& miss : answered.findings->misses) words += "miss: " + miss.why;
  return words;
}

// By name.
using Told = std::map<std::string, std::string>;

std::string text_of(const Told& all) {
  std::string text;
  for (const auto& [name, words] : all) {
    text += name;
    text += ": ";
    text += words;
    text += '\n';
  }
  return text;
}

void add(Told& all, const std::vector<Answered>& answered) {
  for (const Answered& one : answered) {
    CHECK_MESSAGE(all.emplace(one.path.substr(one.path.rfind('/') + 1), told(one)).second,
                  "answered twice");
  }
}

Told take(DecoderPool& pool, std::size_t count) {
  Told all;
  const Clock::time_point until = Clock::now() + seconds{60};
  while (all.size() < count && Clock::now() < until) add(all, pool.take(milliseconds{500}));
  return all;
}

struct Parentage {
  std::string state;
  int parent = 0;
};

Parentage parentage_of(const std::filesystem::path& process) {
  std::ifstream file{process / "stat"};
  const std::string text{std::istreambuf_iterator<char>{file}, {}};
  std::istringstream fields{text.substr(std::min(text.rfind(')') + 1, text.size()))};
  Parentage found;
  fields >> found.state >> found.parent;
  return found;
}

// By pid; of ourselves.
std::vector<int> children() {
  std::vector<int> found;
  for (const auto& entry : std::filesystem::directory_iterator{"/proc"}) {
    const std::string name = entry.path().filename();
    if (name.find_first_not_of("0123456789") != name.npos) continue;
    const Parentage is = parentage_of(entry.path());
    if (is.parent == getpid() && is.state != "Z") found.push_back(std::stoi(name));
  }
  return found;
}

// Comes back when it has stopped.
void stop(int pid) {
  REQUIRE(kill(pid, SIGSTOP) == 0);
  while (parentage_of("/proc/" + std::to_string(pid)).state != "T") usleep(1000);
}

FileFindings one_miss(std::string why) {
  FileFindings findings;
  findings.misses.push_back({.member = "", .why = std::move(why)});
  return findings;
}

std::string beginning(int descriptor) {
  std::string text(16, '\0');
  const ssize_t count = pread(descriptor, text.data(), text.size(), 0);
  text.resize(count < 0 ? 0 : static_cast<std::size_t>(count));
  return text;
}

// Without what the test framework does when a process crashes, which no decoder has.
class OwnSignals {
 public:
  OwnSignals() {
    for (std::size_t i = 0; i < fatal.size(); ++i) before_[i] = std::signal(fatal[i], SIG_DFL);
    pipe_before_ = std::signal(SIGPIPE, SIG_IGN);  // As in the program.
  }
  OwnSignals(const OwnSignals&) = delete;
  OwnSignals& operator=(const OwnSignals&) = delete;
  ~OwnSignals() {
    for (std::size_t i = 0; i < fatal.size(); ++i) std::signal(fatal[i], before_[i]);
    std::signal(SIGPIPE, pipe_before_);
  }

 private:
  static constexpr std::array fatal{SIGABRT, SIGSEGV, SIGILL, SIGTERM};
  std::array<void (*)(int), fatal.size()> before_{};
  void (*pipe_before_)(int) = SIG_DFL;
};

// What these files say is what happens; any other one is read.
FileFindings misbehave(TextStream&, int descriptor, const HandOver&, const DecodingEvents&) {
  const std::string word = beginning(descriptor);
  if (word == "abort") __builtin_trap();
  if (word == "open") (void)open("/etc/hostname", O_RDONLY);
  while (word == "hang") {
  }
  if (word == "memory") throw std::bad_alloc{};
  return one_miss("read");
}

DecoderTerms misbehaving() {
  DecoderTerms terms{.decoders = 2, .decode = misbehave};
  terms.time.least = milliseconds{300};
  terms.grace = milliseconds{200};
  return terms;
}

TEST_CASE("what is in a file that is handed over comes back with its path") {
  Tree tree;
  DecoderPool pool = pool_of({.decoders = 2});
  hand(pool, tree.file("/one", 0, 0600, "a\n" + token));
  hand(pool, tree.file("/none", 0, 0600, "nothing"));
  CHECK(text_of(take(pool, 2)) == text_of({{"one", "tunnel-token "}, {"none", ""}}));
  CHECK(pool.answered() == 2);
}

TEST_CASE("no decoder is started before there is work, and none is left behind") {
  {
    DecoderPool idle = pool_of({.decoders = 4});
    CHECK(idle.take(milliseconds{20}).empty());
    CHECK(children().empty());
    CHECK(idle.finish().empty());
    DecoderPool pool = pool_of({.decoders = 4});
    hand(pool, "/proc/self/exe");
    CHECK(take(pool, 1).size() == 1);
    CHECK(children().size() == 1);
  }
  CHECK(children().empty());
}

TEST_CASE("many files are each answered once by few decoders, while they are handed over, too") {
  Tree tree;
  DecoderPool pool = pool_of({.decoders = 3});
  Told all;
  constexpr int files = 1000;
  for (int i = 0; i < files; ++i) {
    const std::string path =
        tree.file("/" + std::to_string(i), 0, 0600, i % 2 == 0 ? token : "nothing");
    auto handed = try_hand(pool, path);
    for (; !handed; handed = try_hand(pool, path)) {
      REQUIRE(handed.error().code == EAGAIN);
      add(all, pool.take(milliseconds{10}));
    }
  }
  add(all, pool.finish());
  CHECK(all.size() == files);
  CHECK(std::ranges::count(all, "tunnel-token ", &Told::value_type::second) == files / 2);
  CHECK(pool.is_finished());
  CHECK(children().empty());
}

TEST_CASE("another process hands over on the same queue") {
  Tree tree;
  const std::string path = tree.file("/one", 0, 0600, token);
  DecoderPool pool = pool_of({});
  const pid_t sender = fork();
  if (sender == 0) {
    const int file = open(path.c_str(), O_RDONLY);
    for (int i = 0; i < 700; ++i) {
      if (!hand_over(pool.queue(), file, {.path = std::to_string(i)})) _exit(1);
    }
    _exit(0);
  }
  CHECK(pool.finish().size() == 700);
  int status = -1;
  CHECK(waitpid(sender, &status, 0) == sender);
  CHECK(status == 0);
}

TEST_CASE("a decoder that dies costs the file it was at, and no other") {
  Tree tree;
  const OwnSignals own;
  DecoderPool pool = pool_of(misbehaving());
  for (int i = 0; i < 5; ++i) {
    hand(pool, tree.file("/open" + std::to_string(i), 0, 0600, "open"));
    hand(pool, tree.file("/good" + std::to_string(i), 0, 0600, "good"));
    hand(pool, tree.file("/abort" + std::to_string(i), 0, 0600, "abort"));
  }
  const Told all = take(pool, 15);
  for (const Told::value_type& one : all) {
    const std::string& words = one.second;
    CAPTURE(one.first);
    if (one.first.starts_with("good")) CHECK(words == "miss: read");
    if (one.first.starts_with("open")) {
      CHECK(words == "none: the decoder that read it made a forbidden system call");
    }
    if (one.first.starts_with("abort")) {
      CHECK(words.starts_with("none: the decoder that read it crashed"));
    }
  }
  CHECK(all.size() == 15);
}

TEST_CASE("a decoder that takes too long costs the file it was at, and no other") {
  Tree tree;
  DecoderPool pool = pool_of(misbehaving());
  for (const char* name : {"/hang", "/good"}) {
    hand(pool, tree.file(name, 0, 0600, name + 1));
  }
  CHECK(text_of(take(pool, 2)) ==
        text_of({{"hang", "none: takes too long to search"}, {"good", "miss: read"}}));
}

FileFindings wait_for_go(TextStream&, int descriptor, const HandOver&, const DecodingEvents&) {
  while (beginning(descriptor) != "go") {
  }
  return one_miss("read");
}

TEST_CASE("the time in which nobody listened is no decoder's") {
  Tree tree;
  DecoderTerms terms = misbehaving();
  terms.decode = wait_for_go;
  terms.time.least = seconds{1};
  constexpr seconds away{2};
  for (const bool excused : {false, true}) {
    CAPTURE(excused);
    DecoderPool pool = pool_of(terms);
    const std::string path = tree.file(excused ? "/b" : "/a", 0, 0600, "no");
    hand(pool, path);
    while (!pool.is_working()) REQUIRE(pool.take(milliseconds{1}).empty());
    sleep(static_cast<unsigned>(away.count()));
    if (excused) {
      pool.excuse(away);
      std::ofstream{path} << "go";
    }
    const std::vector<Answered> answers = pool.take(seconds{60});
    REQUIRE(answers.size() == 1);
    CHECK(told(answers.front()) == (excused ? "miss: read" : "none: takes too long to search"));
  }
}

TEST_CASE("a file gets more time the larger it is, within a bound") {
  const DecodingTime terms;
  CHECK(time_for(0, terms) == seconds{10});
  CHECK(time_for(19'999'999, terms) == seconds{10});
  CHECK(time_for(20'000'000, terms) == seconds{11});
  CHECK(time_for(2'000'000'000, terms) == seconds{110});
  CHECK(time_for(~std::uint64_t{0}, terms) == seconds{600});
}

TEST_CASE("a decoder without memory says so and goes on") {
  Tree tree;
  DecoderTerms terms = misbehaving();
  terms.decoders = 1;
  DecoderPool pool = pool_of(terms);
  hand(pool, tree.file("/memory", 0, 0600, "memory"));
  CHECK(text_of(take(pool, 1)) ==
        text_of({{"memory", "miss: takes more memory than a decoder may have"}}));
  const std::vector<int> before = children();
  hand(pool, tree.file("/good", 0, 0600, "good"));
  CHECK(text_of(take(pool, 1)) == text_of({{"good", "miss: read"}}));
  CHECK(children() == before);
}

TEST_CASE("a decoder that somebody kills costs the file it was at") {
  Tree tree;
  DecoderTerms terms = misbehaving();
  terms.time.least = seconds{60};
  DecoderPool pool = pool_of(terms);
  hand(pool, tree.file("/hang", 0, 0600, "hang"));
  (void)pool.take(milliseconds{300});
  REQUIRE(children().size() == 1);
  REQUIRE(kill(children().front(), SIGKILL) == 0);
  CHECK(text_of(take(pool, 1)) == text_of({{"hang", "none: the decoder that read it was killed"}}));
}

TEST_CASE("a decoder that somebody stops at a file is given up when the file's time is over") {
  Tree tree;
  DecoderTerms terms = misbehaving();
  terms.time.least = seconds{1};
  DecoderPool pool = pool_of(terms);
  hand(pool, tree.file("/hang", 0, 0600, "hang"));
  (void)pool.take(milliseconds{300});
  REQUIRE(children().size() == 1);
  stop(children().front());
  CHECK(text_of(take(pool, 1)) == text_of({{"hang", "none: takes too long to search"}}));
  CHECK(children().empty());
}

TEST_CASE("a decoder that somebody stops while it waits does not keep files waiting") {
  Tree tree;
  DecoderTerms terms = misbehaving();
  terms.decoders = 1;
  terms.deafness = milliseconds{300};
  DecoderPool pool = pool_of(terms);
  hand(pool, tree.file("/first", 0, 0600, "good"));
  REQUIRE(take(pool, 1).size() == 1);
  REQUIRE(children().size() == 1);
  stop(children().front());
  hand(pool, tree.file("/second", 0, 0600, "good"));
  CHECK(text_of(take(pool, 1)) == text_of({{"second", "miss: read"}}));
}

TEST_CASE("a decoder that is stopped does not keep the end waiting") {
  Tree tree;
  DecoderTerms terms = misbehaving();
  terms.deafness = milliseconds{300};
  DecoderPool pool = pool_of(terms);
  hand(pool, tree.file("/first", 0, 0600, "good"));
  REQUIRE(take(pool, 1).size() == 1);
  stop(children().at(0));
  CHECK(pool.finish().empty());
  CHECK(children().empty());
}

// Through whatever it has that can be written to, as one that was taken over would.
void say_everywhere(std::string_view bytes) {
  for (int fd = 0; fd < 64; ++fd) {
    const bool is_diagnostics = under_sanitizer && fd == STDERR_FILENO;
    if (!is_diagnostics) (void)!write(fd, bytes.data(), bytes.size());
  }
}

FileFindings talk(TextStream&, int descriptor, const HandOver& file, const DecodingEvents&) {
  const std::string word = beginning(descriptor);
  if (word == "nonsense") say_everywhere("nonsense");
  if (word == "twice") say_everywhere(frame_of(TookFile{"/etc/shadow", 1}));
  FileFindings invented = one_miss("read");
  invented.misses.front().member.assign(16, 'x');
  std::string frame = frame_of(invented);
  if (word == "forged") {
    frame.back() = '\n';
    say_everywhere(frame);
  }
  const std::string length{"\0\0\x20\0", 4};
  if (word == "endless") {
    say_everywhere(length);
    while (true) say_everywhere(std::string(4096, 'x'));
  }
  if (word == "trickling") {
    say_everywhere(length);
    for (std::size_t i = 0;; ++i) {
      if (i % 1'000'000 == 0) say_everywhere("x");
    }
  }
  return one_miss(file.path.substr(file.path.rfind('/') + 1));
}

TEST_CASE("what no decoder says costs its file, and the decoder, and nothing else") {
  Tree tree;
  const OwnSignals own;
  DecoderTerms terms = misbehaving();
  terms.decode = talk;
  DecoderPool pool = pool_of(terms);
  for (const char* name : {"nonsense", "twice", "forged", "endless"}) {
    hand(pool, tree.file(std::string{"/"} + name, 0, 0600, name));
    CHECK(text_of(take(pool, 1)) == text_of({{name, "none: its decoder answered nonsense"}}));
  }
  hand(pool, tree.file("/good", 0, 0600, "good"));
  CHECK(text_of(take(pool, 1)) == text_of({{"good", "miss: good"}}));
}

TEST_CASE("a decoder that says a little again and again does not win time") {
  Tree tree;
  const OwnSignals own;
  DecoderTerms terms = misbehaving();
  terms.decode = talk;
  DecoderPool pool = pool_of(terms);
  hand(pool, tree.file("/trickling", 0, 0600, "trickling"));
  CHECK(text_of(take(pool, 1)) == text_of({{"trickling", "none: takes too long to search"}}));
}

int open_descriptors() {
  int open_ones = 0;
  for (int fd = 0; fd < 4096; ++fd) {
    const bool is_open = lseek(fd, 0, SEEK_CUR) >= 0 || errno != EBADF;
    open_ones += is_open ? 1 : 0;
  }
  return open_ones;
}

FileFindings count_descriptors(TextStream&, int, const HandOver&, const DecodingEvents&) {
  return one_miss(std::to_string(open_descriptors()));
}

TEST_CASE("a decoder has its queue, its pipe and one file open, and nothing else") {
  Tree tree;
  const Descriptor secret{open("/proc/self/exe", O_RDONLY)};  // Not even closed on exec.
  DecoderPool pool = pool_of({.decoders = 2, .decode = count_descriptors});
  for (const char* name : {"/a", "/b", "/c"}) hand(pool, tree.file(name));
  const std::string three = std::string{"miss: "} + (under_sanitizer ? "4" : "3");
  CHECK(text_of(take(pool, 3)) == text_of({{"a", three}, {"b", three}, {"c", three}}));
}

// How many files this process has been at, and what it has open while it unpacks this one.
FileFindings unpack(TextStream&, int, const HandOver&, const DecodingEvents& events) {
  static int files = 0;
  events.unpacks();
  return one_miss(std::to_string(open_descriptors()) + " of file " + std::to_string(++files));
}

TEST_CASE("whoever unpacks a user's archive gets no other file; archives of root's go on") {
  Tree tree;
  DecoderPool pool = pool_of({.decoders = 1, .decode = unpack});
  const int open_ones = under_sanitizer ? 4 : 3;
  const std::string all = "miss: " + std::to_string(open_ones) + " of file ";
  const std::string narrow = "miss: " + std::to_string(open_ones - 1) + " of file ";
  for (const char* name : {"/a", "/b"}) hand(pool, tree.file(name));
  CHECK(text_of(take(pool, 2)) == text_of({{"a", all + "1"}, {"b", all + "2"}}));
  if (!is_root()) return;  // Nobody else's can be made.
  for (const char* name : {"/c", "/d"}) hand(pool, tree.file(name, alice));
  CHECK(text_of(take(pool, 2)) == text_of({{"c", narrow + "3"}, {"d", narrow + "1"}}));
  for (const char* name : {"/e", "/f"}) hand(pool, tree.file(name));
  CHECK(text_of(take(pool, 2)) == text_of({{"e", all + "1"}, {"f", all + "2"}}));
}

// Taken over behind the first byte that it unpacked.
FileFindings unpack_and_talk(TextStream&, int descriptor, const HandOver&,
                             const DecodingEvents& events) {
  if (beginning(descriptor) != "hostile") return one_miss("sound");
  events.unpacks();
  say_everywhere(frame_of(one_miss("mine")) + frame_of(TookFile{"/etc/shadow", 1}) +
                 frame_of(one_miss("forged")));
  while (true) sched_yield();
}

TEST_CASE("who has unpacked a user's archive speaks for no other file, and holds up none") {
  if (!is_root()) return;
  Tree tree;
  const OwnSignals own;
  DecoderPool pool = pool_of({.decoders = 1, .decode = unpack_and_talk});
  const Clock::time_point begin = Clock::now();
  for (int i = 0; i < 20; ++i) {
    hand(pool, tree.file("/hostile" + std::to_string(i), alice, 0600, "hostile"));
    hand(pool, tree.file("/sound" + std::to_string(i)));
  }
  std::size_t sound = 0;
  for (const auto& [name, words] : take(pool, 40)) {
    CHECK(words == (name.starts_with("sound") ? "miss: sound" : "miss: mine"));
    if (name.starts_with("sound")) ++sound;
  }
  CHECK(sound == 20);
  CHECK(Clock::now() - begin < seconds{10});
}

std::string status_of(int pid, const std::string& field) {
  std::ifstream file{"/proc/" + std::to_string(pid) + "/status"};
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with(field + ":")) continue;
    std::istringstream words{line.substr(field.size() + 1)};
    std::string first;
    words >> first;
    return first;
  }
  return {};
}

TEST_CASE("a decoder at work is nobody, and may nothing") {
  Tree tree;
  DecoderTerms terms = misbehaving();
  terms.time.least = seconds{5};
  DecoderPool pool = pool_of(terms);
  hand(pool, tree.file("/hang", 0, 0600, "hang"));
  (void)pool.take(milliseconds{300});
  REQUIRE(children().size() == 1);
  const int pid = children().front();
  CHECK(status_of(pid, "Uid") == std::to_string(is_root() ? nobody : geteuid()));
  if (is_root()) CHECK(status_of(pid, "Groups").empty());
  for (const char* set : {"CapInh", "CapPrm", "CapEff", "CapAmb"}) {
    CHECK(status_of(pid, set) == "0000000000000000");
  }
  CHECK(status_of(pid, "NoNewPrivs") == "1");
  CHECK(status_of(pid, "Seccomp") == "2");
}

// The steps of a test in a process that cannot go back.
int finds_a_token(const std::string& path) {
  auto pool = DecoderPool::start(finder(), {.decoders = 1});
  if (!pool) return 1;
  const Descriptor file{open(path.c_str(), O_RDONLY)};
  if (!file.is_open() || !pool->hand_over(file.get(), {.path = path})) return 2;
  const auto answered = pool->finish();
  return answered.size() == 1 && told(answered.front()) == "tunnel-token " ? 0 : 3;
}

TEST_CASE("an ordinary user has decoders, too") {
  Tree tree;
  const std::string path = tree.file("/x", alice, 0600, token);
  const Ending ending = in_child([&path] {
    if (is_root() && !become(alice, alice)) return 9;
    return finds_a_token(path);
  });
  CHECK(ending.exit_code == 0);
}

TEST_CASE("decoders are started and replaced where the supervisor is confined") {
  Tree tree;
  const std::string good = tree.file("/good", 0, 0600, "good");
  const std::string bad = tree.file("/bad", 0, 0600, "abort");
  const Ending ending = in_child([&] {
    DecoderTerms terms = misbehaving();
    terms.decoders = 1;
    auto pool = DecoderPool::start(finder(), terms);
    if (!pool) return 1;
    if (!confine_supervisor()) return 2;
    for (const std::string& path : {bad, good, bad, good}) {
      const Descriptor file{open(path.c_str(), O_RDONLY)};
      if (!pool->hand_over(file.get(), {.path = path})) return 3;
    }
    const auto answered = pool->finish();
    return std::ranges::count_if(
               answered, [](const Answered& one) { return one.findings.has_value(); }) == 2 &&
                   answered.size() == 4
               ? 0
               : 4;
  });
  CHECK(ending.exit_code == 0);
}

TEST_CASE("where no decoder can be started, what waits is answered all the same") {
  Tree tree;
  const std::string path = tree.file("/x", alice, 0600, token);
  const Ending ending = in_child([&path] {
    if (is_root() && !become(alice, alice)) return 9;
    auto pool = DecoderPool::start(finder(), {.decoders = 2});
    const rlimit none{0, 0};
    if (!pool || setrlimit(RLIMIT_NPROC, &none) != 0) return 1;
    const Descriptor file{open(path.c_str(), O_RDONLY)};
    std::vector<Answered> answered;
    const auto keep = [&answered](std::vector<Answered> more) {
      std::ranges::move(more, std::back_inserter(answered));
    };
    for (int i = 0; i < 1000;) {
      const auto handed = pool->hand_over(file.get(), {.path = path});
      if (!handed && handed.error().code != EAGAIN) return 2;
      if (handed) ++i;
      if (!handed) keep(pool->take(milliseconds{10}));
    }
    keep(pool->finish());
    return answered.size() == 1000 &&
                   told(answered.back()) == "none: no decoder for it could be started"
               ? 0
               : 3;
  });
  CHECK(ending.exit_code == 0);
}

FileFindings reserve(TextStream&, int, const HandOver&, const DecodingEvents&) {
  const std::string much(std::size_t{600} << 20, 'x');
  return one_miss(std::to_string(much.size()));
}

TEST_CASE("a decoder has an end of memory") {
  if (under_sanitizer) return;
  Tree tree;
  DecoderPool pool = pool_of({.decoders = 1, .decode = reserve});
  hand(pool, tree.file("/x"));
  CHECK(text_of(take(pool, 1)) ==
        text_of({{"x", "miss: takes more memory than a decoder may have"}}));
}

TEST_CASE("archives are read behind the walls, whatever their members are called") {
  Tree tree;
  const std::string command = "cd " + tree.path() + " && mkdir d && printf %s '" + token +
                              "' > d/t\xc3\xb6ken && printf %s '" + token +
                              "' > d/$(printf 'x%.0s' $(seq 90)) && tar --format=pax -czf a.tgz d"
                              " && tar --format=ustar -cf b.tar d && gzip -k d/t\xc3\xb6ken"
                              " && tar -cf c.tar d/*.gz a.tgz";
  REQUIRE(std::system(command.c_str()) == 0);
  DecoderPool pool = pool_of({.decoders = 1});
  for (const char* name : {"/a.tgz", "/b.tar", "/c.tar"}) hand(pool, tree.at(name));
  const Told all = take(pool, 3);
  CHECK(all.at("a.tgz") == "tunnel-token tunnel-token ");
  CHECK(all.at("b.tar") == "tunnel-token tunnel-token ");
  CHECK(all.at("c.tar") == "tunnel-token tunnel-token tunnel-token ");
}

TEST_CASE("take() comes back when nothing comes in its time") {
  DecoderPool pool = pool_of({});
  const Clock::time_point begin = Clock::now();
  CHECK(pool.take(milliseconds{50}).empty());
  CHECK(Clock::now() - begin >= milliseconds{50});
}

}  // namespace
}  // namespace cfwarden
