#include "cfwarden/app/git_objects.h"

#include "cfwarden/base/ascii.h"
#include "cfwarden/base/git_id.h"
#include "cfwarden/base/git_tree.h"
#include "cfwarden/base/path.h"
#include "cfwarden/host/file_question.h"
#include "cfwarden/host/listing.h"
#include "cfwarden/host/path_text.h"
#include "cfwarden/host/process.h"
#include "cfwarden/host/system_error.h"
#include "cfwarden/sweep/git_pack.h"
#include "cfwarden/sweep/loose_object.h"

#include <algorithm>
#include <charconv>
#include <utility>

namespace cfwarden {
namespace {

constexpr std::size_t most_names = 16384;
constexpr std::size_t most_packs_at_once = 64;
constexpr std::size_t most_stored_bytes = 32 << 20;
// Objects are unpacked by one worker for so many of them, as long as they are small.
constexpr std::size_t batch_size = 64;
constexpr std::size_t most_packed_at_once = 512;
constexpr std::size_t most_bytes_of_batch = 64 << 20;
constexpr std::uint64_t most_work_for_one = std::uint64_t{2} << 30U;  // Of a chain of deltas.
constexpr std::size_t most_failures = 3;

// An answer begins with the state of the object, or one of these.
constexpr char understood = 'K';
constexpr char of_another_sort = 'O';
constexpr char too_large = static_cast<char>(GitObjectState::too_large);
constexpr char absent = static_cast<char>(GitObjectState::absent);

GitObjectState wanted_of(GitSort sort) {
  switch (sort) {
    case GitSort::commit:
      return GitObjectState::commit;
    case GitSort::tree:
      return GitObjectState::tree;
    case GitSort::blob:
      return GitObjectState::blob;
  }
  return GitObjectState::blob;
}

Error late() {
  return Error{"was not read: that took too long"};
}

std::string_view word_of(GitSort sort) {
  switch (sort) {
    case GitSort::commit:
      return "commit";
    case GitSort::tree:
      return "tree";
    case GitSort::blob:
      break;
  }
  return "blob";
}

// What is understood begins with the id that the content itself has: under the name of one object
// anyone who may write there can lay another.
std::string answer_of(GitSort sort, const GitObject& object, std::size_t id_bytes) {
  if (object.what == GitObjectState::absent || object.what == GitObjectState::damaged ||
      object.what == GitObjectState::too_large) {
    return {static_cast<char>(object.what)};
  }
  if (object.what != wanted_of(sort)) return {of_another_sort};
  const std::string damaged{static_cast<char>(GitObjectState::damaged)};
  const std::string own = understood + git_id_of(word_of(sort), object.content, id_bytes);
  switch (sort) {
    case GitSort::commit: {
      const std::string id = tree_of_git_commit(object.content);
      return id.empty() ? damaged : own + id;
    }
    case GitSort::tree: {
      const auto entries = entries_in_git_tree(object.content, id_bytes);
      return entries ? own + entries_text(*entries) : damaged;
    }
    case GitSort::blob:
      return own + object.content;
  }
  return damaged;
}

// `id`: its bytes.
Result<std::string> understood_in(std::string_view answer, std::string_view id) {
  if (answer.empty()) return Error{"its parser answered nonsense"};
  if (answer.front() == understood) {
    answer.remove_prefix(1);
    if (!answer.starts_with(id))
      return Error{"is not what its name says: its content has another id"};
    return std::string{answer.substr(id.size())};
  }
  if (answer.front() == too_large) return Error{"is larger than is unpacked"};
  if (answer.front() == of_another_sort) return Error{"is of another sort"};
  return Error{"is damaged, or larger than is unpacked"};
}

// What is to be asked of packs. As many are answered as are not too much together.
struct PackQuestion {
  GitSort sort = GitSort::blob;
  std::vector<std::string> ids;  // Their bytes.
  std::size_t most = 0;

  // In a worker. Index and pack, index and pack, ...
  std::string answer(std::span<const int> files) const {
    std::vector<GitPack> packs;
    for (std::size_t i = 0; i + 1 < files.size(); i += 2) {
      const auto reader = [](int file) {
        return [file](std::uint64_t at, std::size_t count) { return bytes_at(file, at, count); };
      };
      packs.emplace_back(reader(files[i]), reader(files[i + 1]), ids.front().size());
    }
    std::string text;
    for (const std::string& id : ids) {
      const std::string one = answer_of(sort, object_in(packs, id), id.size());
      if (!text.empty() && text.size() + one.size() + frame_head_bytes > most_bytes_of_batch) break;
      text += frame_head(one.size()) + one;
    }
    return text;
  }

  GitObject object_in(const std::vector<GitPack>& packs, const std::string& id) const {
    for (const GitPack& pack : packs) {
      std::uint64_t budget = most_work_for_one;
      GitObject object = pack.object(id, most, budget);
      if (object.what != GitObjectState::absent) return object;
    }
    return {};
  }
};

bool is_id(std::string_view id) {
  return (id.size() == 40 || id.size() == 64) && std::ranges::all_of(id, is_hex_digit);
}

// A parser's answer is as hostile as what it read.
std::optional<GitEntry> entry_of(std::string_view line) {
  const std::size_t first = line.find(' ');
  if (first == line.npos) return std::nullopt;
  const std::size_t second = line.find(' ', first + 1);
  if (second == line.npos) return std::nullopt;
  GitEntry entry{.name = std::string{line.substr(second + 1)},
                 .id = std::string{line.substr(first + 1, second - first - 1)}};
  const auto [end, error] = std::from_chars(line.data(), line.data() + first, entry.mode);
  const bool is_sound = error == std::errc{} && end == line.data() + first && is_id(entry.id) &&
                        !entry.name.empty() && entry.name.front() != '/';
  return is_sound ? std::optional{entry} : std::nullopt;
}

}  // namespace

std::string told_of(std::string_view what, const Error& error) {
  const bool is_sentence = error.what.starts_with("its ") || error.what.starts_with("the ");
  return std::string{what} + (is_sentence ? ": " : " ") + error.what;
}

std::string entries_text(std::span<const GitEntry> entries) {
  std::string text;
  for (const GitEntry& entry : entries) {
    if (entry.is_only_intended) continue;
    text += std::to_string(entry.mode) + ' ' + entry.id + ' ' + entry.name;
    text += '\0';
  }
  return text;
}

std::optional<std::vector<GitEntry>> entries_of(std::string_view text) {
  std::vector<GitEntry> entries;
  while (!text.empty()) {
    const std::size_t end = text.find('\0');
    std::optional<GitEntry> entry = end == text.npos ? std::nullopt : entry_of(text.substr(0, end));
    if (!entry) return std::nullopt;
    entries.push_back(std::move(*entry));
    text.remove_prefix(end + 1);
  }
  return entries;
}

struct GitObjects::Asked {
  GitSort sort = GitSort::blob;
  std::span<const std::string> ids;
  std::size_t most = 0;
  const Take& take;
  std::vector<std::size_t> packed = {};  // Which are not loose.
};

void GitObjects::read(GitSort sort, std::span<const std::string> ids, std::size_t most,
                      const Take& take) {
  Asked asked{.sort = sort, .ids = ids, .most = most, .take = take};
  read_loose(asked);
  if (!asked.packed.empty()) read_packed(asked);
}

Result<std::string> GitObjects::read(GitSort sort, const std::string& id, std::size_t most) {
  Result<std::string> answer = Error{"was not read"};
  read(sort, std::span{&id, 1}, most,
       [&answer](std::size_t, const Result<std::string>& one) { answer = one; });
  return answer;
}

void GitObjects::read_loose(Asked& asked) {
  std::vector<std::size_t> which;
  std::vector<Opened> files;
  const auto settle_all = [&] {
    if (!files.empty()) settle(asked, which, files);
    which.clear();
    files.clear();
  };
  for (std::size_t i = 0; i < asked.ids.size() && !interrupted(); ++i) {
    const std::string& id = asked.ids[i];
    if (is_late()) {
      asked.take(i, late());
      continue;
    }
    Result<Opened> file = opener_.open(directory_ + "/" + id.substr(0, 2) + "/" + id.substr(2),
                                       Named::yes, Detail::status);
    if (!file && is_absent(file.error())) {
      asked.packed.push_back(i);
    } else if (!file) {
      asked.take(i, file.error());
    } else if (file->facts.type != FileType::regular) {
      asked.take(i, Error{"is not a regular file"});
    } else {
      const bool fits = files.empty() ||
                        (files.size() < batch_size && files.front().territory == file->territory);
      if (!fits) settle_all();
      which.push_back(i);
      files.push_back(std::move(*file));
    }
  }
  if (!interrupted()) settle_all();
}

// What one worker did not come to is asked of one of its own.
void GitObjects::settle(Asked& asked, std::span<const std::size_t> which,
                        std::span<const Opened> files) {
  std::vector<const Opened*> pointers;
  for (const Opened& file : files) pointers.push_back(&file);
  const std::size_t id_bytes = asked.ids.front().size() / 2;
  const auto question = [&](const Opened& file) {
    return FileQuestion{.file = &file,
                        .gid = reading_group_(file.territory.uid),
                        .most_bytes = most_stored_bytes,
                        .most_answer = 3 * asked.most + 1 + id_bytes,
                        .answer = [&asked, id_bytes](std::string_view bytes) {
                          return answer_of(asked.sort, loose_object(bytes, asked.most), id_bytes);
                        }};
  };
  if (is_late()) {
    for (const std::size_t one : which) asked.take(one, late());
    return;
  }
  const auto answers = ask_of_each(pointers, question(files.front()), most_bytes_of_batch);
  for (std::size_t i = 0; i < files.size() && !interrupted(); ++i) {
    const bool is_answered = i < answers.size() && answers[i];
    const Result<std::string> answer = is_answered ? answers[i]
                                       : is_late() ? Result<std::string>{late()}
                                                   : ask_in_worker(question(files[i]));
    asked.take(which[i],
               answer ? understood_in(*answer, git_id_bytes(asked.ids[which[i]])) : answer);
  }
}

void GitObjects::list_packs() {
  if (has_listed_) return;
  has_listed_ = true;
  Result<Opened> directory = opener_.open(joined(directory_, "pack"), Named::yes);
  if (!directory) {
    if (!is_absent(directory.error())) packs_error_ = "the packs: " + directory.error().what;
    return;
  }
  const Result<Names> names = list(*directory, most_names);
  if (!names) {
    packs_error_ = "the packs: " + names.error().what;
    return;
  }
  if (names->truncated) packs_error_ = "is not loose, and there are too many packs";
  for (const Entry& entry : names->entries) {
    constexpr std::string_view ending = ".idx";
    if (!entry.name.ends_with(ending)) continue;
    const std::string stem = entry.name.substr(0, entry.name.size() - ending.size());
    packs_.push_back({.index = entry.name, .pack = stem + ".pack"});
  }
  pack_directory_ = std::move(*directory);
}

void GitObjects::read_packed(Asked& asked) {
  list_packs();
  const std::size_t at_once = asked.sort == GitSort::blob ? batch_size : most_packed_at_once;
  for (std::size_t i = 0; i < asked.packed.size() && !interrupted(); i += at_once) {
    const auto begin = asked.packed.begin() + static_cast<std::ptrdiff_t>(i);
    const auto end =
        begin + static_cast<std::ptrdiff_t>(std::min(at_once, asked.packed.size() - i));
    std::vector<std::size_t> left(begin, end);
    for (std::size_t k = 0; k < packs_.size() && !left.empty(); k += most_packs_at_once) {
      const std::span<const Pack> all{packs_};
      left = ask_packs(asked, all.subspan(k, std::min(most_packs_at_once, all.size() - k)),
                       std::move(left));
    }
    if (interrupted()) return;
    for (const std::size_t one : left) {
      asked.take(
          one, Error{packs_error_.empty() ? "is neither loose nor in a pack here" : packs_error_});
    }
  }
}

// Index and pack, index and pack, ... What cannot be opened is passed over: its objects are told to
// be nowhere.
std::vector<Opened> GitObjects::opened(std::span<const Pack> packs) const {
  std::vector<Opened> files;
  for (const Pack& pack : packs) {
    Result<Opened> index =
        opener_.open_in(*pack_directory_, pack.index, Named::yes, Detail::status);
    Result<Opened> content =
        opener_.open_in(*pack_directory_, pack.pack, Named::yes, Detail::status);
    const bool is_there = index && content && index->facts.type == FileType::regular &&
                          content->facts.type == FileType::regular &&
                          index->territory == content->territory &&
                          (files.empty() || files.front().territory == index->territory);
    if (!is_there) continue;
    files.push_back(std::move(*index));
    files.push_back(std::move(*content));
  }
  return files;
}

// What a worker says of some of them; nothing once too many failed.
Result<std::string> GitObjects::said_of(const Asked& asked, std::span<const Opened> files,
                                        std::span<const std::size_t> which) const {
  if (failures_ >= most_failures) return Error{"the parser of its pack failed too often"};
  std::vector<const Opened*> pointers;
  for (const Opened& file : files) pointers.push_back(&file);
  PackQuestion question{.sort = asked.sort, .ids = {}, .most = asked.most};
  for (const std::size_t one : which) question.ids.push_back(git_id_bytes(asked.ids[one]));
  return ask_of_all(pointers, {.gid = reading_group_(files.front().territory.uid),
                               .most_answer = most_bytes_of_batch + 3 * asked.most,
                               .answer = [&question](std::span<const int> descriptors) {
                                 return question.answer(descriptors);
                               }});
}

// Answers those that these packs hold, and returns the others. A worker that comes to nothing is
// asked for each half; but not for ever.
std::vector<std::size_t> GitObjects::ask_packs(Asked& asked, std::span<const Pack> packs,
                                               std::vector<std::size_t> which) {
  const std::vector<Opened> files = opened(packs);
  if (files.empty()) return which;
  std::vector<std::size_t> absent_ones;
  std::size_t at_once = which.size();
  for (std::size_t i = 0; i < which.size() && !interrupted();) {
    if (is_late()) {
      asked.take(which[i++], late());
      continue;
    }
    const std::size_t end = std::min(which.size(), i + at_once);
    const Result<std::string> said = said_of(asked, files, std::span{which}.subspan(i, end - i));
    std::string_view rest = said ? std::string_view{*said} : std::string_view{};
    const std::size_t before = i;
    for (auto answer = take_framed(rest); answer && i < end; answer = take_framed(rest), ++i) {
      if (answer->starts_with(absent)) {
        absent_ones.push_back(which[i]);
      } else {
        asked.take(which[i], understood_in(*answer, git_id_bytes(asked.ids[which[i]])));
      }
    }
    if (i != before) continue;
    if (at_once > 1 && failures_ < most_failures) {
      at_once = (at_once + 1) / 2;
      continue;
    }
    ++failures_;
    asked.take(which[i++], said ? Error{"its parser answered nonsense"} : said.error());
  }
  return absent_ones;
}

}  // namespace cfwarden
