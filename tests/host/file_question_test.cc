#include "cfwarden/host/file_question.h"

#include "read_tree.h"

#include <doctest/doctest.h>
#include <unistd.h>
#include <array>
#include <csignal>
#include <span>
#include <string>
#include <string_view>

namespace cfwarden {
namespace {

std::string size_of(std::string_view bytes) {
  return std::to_string(bytes.size());
}

FileQuestion about(const Opened& file, std::function<std::string(std::string_view)> answer) {
  return {.file = &file, .most_bytes = 100, .most_answer = 10, .answer = std::move(answer)};
}

TEST_CASE("a question is answered from the bytes of its file") {
  Tree tree;
  const Opened file = opened(put(tree, "index", "12345"));
  const auto answer = ask_in_worker(about(file, size_of));
  REQUIRE(answer);
  CHECK(*answer == "5");
}

TEST_CASE("a file that is too large, or that its owner may not read, has no answer but a reason") {
  Tree tree;
  const Opened large = opened(put(tree, "large", std::string(101, 'x')));
  const auto none = ask_in_worker(about(large, size_of));
  REQUIRE_FALSE(none);
  CHECK(none.error().what == "is larger than 100 bytes");
  if (needs_root()) return;
  const Opened roots = opened(put(tree, "roots", "hush"), {.trusted = false, .uid = alice});
  const auto closed = ask_in_worker(about(roots, size_of));
  REQUIRE_FALSE(closed);
  CHECK(closed.error().what == "permission denied to uid " + std::to_string(alice));
}

TEST_CASE(
    "a parser that crashes, opens, hangs or says too much costs the answer and nothing else") {
  Tree tree;
  const Opened file = opened(put(tree, "index", "12345"));
  const auto crashes = [](std::string_view) -> std::string {
    raise(SIGKILL);
    return "";
  };
  const auto opens = [](std::string_view) { return std::to_string(access("/etc/passwd", R_OK)); };
  const auto says_much = [](std::string_view) { return std::string(11, 'x'); };
  CHECK_FALSE(ask_in_worker(about(file, crashes)));
  CHECK_FALSE(ask_in_worker(about(file, opens)));
  CHECK_FALSE(ask_in_worker(about(file, says_much)));
  FileQuestion endless = about(file, [](std::string_view) -> std::string {
    while (true) {
    }
  });
  endless.patience = std::chrono::milliseconds{200};
  CHECK_FALSE(ask_in_worker(endless));
}

TEST_CASE("of several files each has its answer, up to the one that costs the worker") {
  Tree tree;
  const Opened one = opened(put(tree, "one", "1"));
  const Opened large = opened(put(tree, "large", std::string(101, 'x')));
  const Opened two = opened(put(tree, "two", "22"));
  const std::array<const Opened*, 3> files{&one, &large, &two};
  auto answers = ask_of_each(files, about(one, size_of), 10'000);
  REQUIRE(answers.size() == 3);
  CHECK(*answers[0] == "1");
  CHECK_FALSE(answers[1]);
  CHECK(*answers[2] == "2");

  const auto dies_at_two = [](std::string_view bytes) {
    if (bytes == "22") raise(SIGKILL);
    return size_of(bytes);
  };
  answers = ask_of_each(files, about(one, dies_at_two), 10'000);
  REQUIRE(answers.size() == 2);
  CHECK(*answers[0] == "1");
  // Each alone is more than is read at once, however slowly that happens.
  const auto says_much = [](std::string_view) { return std::string(200'000, 'x'); };
  CHECK(ask_of_each(files, about(one, says_much), 0).size() < 3);
}

TEST_CASE("texts are put into one and taken off again, and what is cut short is not") {
  const std::string two = frame_head(5) + "first" + frame_head(0);
  std::string_view rest = two;
  CHECK(take_framed(rest) == "first");
  CHECK(take_framed(rest) == "");
  CHECK_FALSE(take_framed(rest));
  std::string_view cut = std::string_view{two}.substr(0, frame_head_bytes + 4);
  CHECK_FALSE(take_framed(cut));
}

TEST_CASE("several files are asked about together") {
  Tree tree;
  const Opened one = opened(put(tree, "one", "12345"));
  const Opened two = opened(put(tree, "two", "abc"));
  const std::array<const Opened*, 2> files{&one, &two};
  FilesQuestion question{.most_answer = 100, .answer = [](std::span<const int> descriptors) {
                           std::string text;
                           for (const int file : descriptors) text += bytes_at(file, 1, 3) + ",";
                           return text + bytes_at(-1, 0, 3);
                         }};
  const auto answer = ask_of_all(files, question);
  REQUIRE(answer);
  CHECK(*answer == "234,bc,");
  question.most_answer = 3;
  CHECK_FALSE(ask_of_all(files, question));
  question.answer = [](std::span<const int>) {
    raise(SIGKILL);
    return std::string{};
  };
  CHECK_FALSE(ask_of_all(files, question));
}

}  // namespace
}  // namespace cfwarden
