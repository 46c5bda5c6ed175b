#include "cfwarden/app/staged_files.h"

#include "cfwarden/base/ascii.h"
#include "cfwarden/base/git_index.h"
#include "cfwarden/base/git_pack_index.h"
#include "cfwarden/base/path.h"
#include "cfwarden/host/bytes_file.h"
#include "cfwarden/host/file_question.h"
#include "cfwarden/host/identity.h"
#include "cfwarden/host/listing.h"
#include "cfwarden/host/path_text.h"
#include "cfwarden/host/process.h"
#include "cfwarden/host/system_error.h"
#include "cfwarden/host/work_tree.h"
#include "cfwarden/sweep/loose_object.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>
#include <utility>

namespace cfwarden {
namespace {

constexpr std::size_t most_index_bytes = 64 << 20;
constexpr std::size_t most_pack_index_bytes = 128 << 20;
constexpr std::size_t most_packs = 4096;
constexpr std::size_t most_link_bytes = 8192;
constexpr std::size_t most_blob_bytes = 32 << 20;
constexpr std::uint32_t type_bits = 0170000;
constexpr std::uint32_t commit_type = 0160000;     // A submodule's.
constexpr std::uint32_t directory_type = 0040000;  // Of a sparse index.

template <class Answer>
Result<std::string> ask(const Opened& file, std::size_t most_bytes, std::size_t most_answer,
                        std::uint32_t group, Answer answer) {
  if (file.facts.type != FileType::regular) return Error{"it is not a regular file"};
  return ask_in_worker({.file = &file,
                        .gid = group,
                        .most_bytes = most_bytes,
                        .most_answer = most_answer,
                        .answer = answer});
}

// "MODE ID NAME" and a NUL for each entry.
std::string entries_text(std::string_view index) {
  const auto entries = entries_in_git_index(index);
  if (!entries) return "?";
  std::string text;
  for (const GitEntry& entry : *entries) {
    if (entry.is_only_intended) continue;
    text += std::to_string(entry.mode) + ' ' + entry.id + ' ' + entry.name;
    text += '\0';
  }
  return text;
}

bool is_id(std::string_view id) {
  return (id.size() == 40 || id.size() == 64) && std::ranges::all_of(id, is_hex_digit);
}

// A parser's answer is as hostile as what it read.
std::optional<GitEntry> entry_of(std::string_view line) {
  const std::size_t first = line.find(' ');
  const std::size_t second = line.find(' ', std::min(first, line.size() - 1) + 1);
  if (first == line.npos || second == line.npos) return std::nullopt;
  GitEntry entry{.name = std::string{line.substr(second + 1)},
                 .id = std::string{line.substr(first + 1, second - first - 1)}};
  const auto [end, error] = std::from_chars(line.data(), line.data() + first, entry.mode);
  const bool is_sound = error == std::errc{} && end == line.data() + first && is_id(entry.id) &&
                        !entry.name.empty() && entry.name.front() != '/';
  return is_sound ? std::optional{entry} : std::nullopt;
}

class Repository {
 public:
  Repository(const StagedRequest& request, const Opener& opener)
      : request_{request}, opener_{opener} {}

  Result<StagedFiles> staged() {
    if (auto found = find(); !found) return found.error();
    Result<std::vector<GitEntry>> entries = read_index();
    if (!entries) return entries.error();
    std::vector<GitEntry> packed;
    for (GitEntry& entry : *entries) take(std::move(entry), packed);
    if (!packed.empty()) settle_packed(packed);
    return std::move(staged_);
  }

 private:
  Result<Done> find() {
    constexpr std::chrono::seconds patience{10};
    WorkTreeSearch search{opener_};
    const Result<Opened> start = opener_.open(request_.directory, Named::yes, Detail::status);
    if (!start) return Error{request_.directory + ": " + start.error().what};
    const std::string& directory = start->location.empty() ? start->path : start->location;
    const Result<WorkTree> tree = search.above(directory, WorkTreeSearch::Clock::now() + patience);
    if (!tree) return Error{request_.directory + ": " + tree.error().what};
    if (tree->top.empty()) return Error{request_.directory + ": lies in no git work tree"};
    staged_.top = tree->top;
    return find_git_directory();
  }

  // Whoever owns it chooses what git would do there; git, too, asks for its owner to call it.
  Result<Done> check_owner(const Opened& git) const {
    const std::uint32_t owner = git.facts.permissions.uid;
    if (owner == caller_uid() || owner == 0) return Done{};
    return Error{git.path + ": belongs to uid " + std::to_string(owner) +
                 "; --staged is for who owns the repository"};
  }

  Result<Done> find_git_directory() {
    Result<Opened> git = opener_.open(joined(staged_.top, ".git"), Named::yes);
    if (!git) return Error{joined(staged_.top, ".git") + ": " + git.error().what};
    if (auto owned = check_owner(*git); !owned) return owned;
    git_ = git->location.empty() ? git->path : git->location;
    if (git->facts.type != FileType::directory) {
      const Result<std::string> target = linked(*git, git_directory_of);
      if (!target) return Error{git_ + ": " + target.error().what};
      git_ = *target;
    }
    common_ = git_;
    const Result<Opened> common = opener_.open(joined(git_, "commondir"), Named::yes);
    if (!common) return Done{};  // No linked work tree.
    const Result<std::string> target = linked(*common, [](std::string_view bytes) {
      return git_directory_of("gitdir: " + std::string{bytes});
    });
    if (!target) return Error{common->path + ": " + target.error().what};
    common_ = *target;
    return Done{};
  }

  // What a file of git names instead of itself, from where it lies.
  template <class Parse>
  Result<std::string> linked(const Opened& file, Parse parse) const {
    const Result<std::string> target =
        ask(file, most_link_bytes, most_link_bytes, group_of(file),
            [parse](std::string_view bytes) { return std::string{parse(bytes)}; });
    if (!target) return target;
    if (target->empty()) return Error{"leads nowhere"};
    const std::string path =
        target->front() == '/' ? *target : joined(std::string{directory_of(file.path)}, *target);
    const Result<Opened> opened = opener_.open(path, Named::yes);
    if (!opened) return opened.error();
    if (auto owned = check_owner(*opened); !owned) return owned.error();
    return opened->location.empty() ? opened->path : opened->location;
  }

  Result<std::vector<GitEntry>> read_index() {
    // `git commit FILE` makes one of its own.
    const bool is_named = !request_.index_file.empty();
    const std::string path = is_named ? request_.index_file : joined(git_, "index");
    const Result<Opened> index = opener_.open(path, Named::yes);
    if (!index && !is_named && is_absent(index.error())) return std::vector<GitEntry>{};
    if (!index) return Error{path + ": " + index.error().what};
    if (auto owned = check_owner(*index); !owned) return owned.error();
    const Result<std::string> text =
        ask(*index, most_index_bytes, 2 * most_index_bytes, group_of(*index), entries_text);
    if (!text) return Error{path + ": " + text.error().what};
    if (*text == "?") return Error{path + ": has a form that is not understood"};
    std::vector<GitEntry> entries;
    for (std::string_view rest = *text; !rest.empty();) {
      const std::size_t end = rest.find('\0');
      std::optional<GitEntry> entry =
          end == rest.npos ? std::nullopt : entry_of(rest.substr(0, end));
      if (!entry) return Error{path + ": its parser answered nonsense"};
      entries.push_back(std::move(*entry));
      rest.remove_prefix(end + 1);
    }
    return entries;
  }

  void take(GitEntry entry, std::vector<GitEntry>& packed) {
    const std::uint32_t type = entry.mode & type_bits;
    if (type == commit_type || interrupted()) return;
    const std::string path = joined(staged_.top, entry.name);
    if (request_.excluded && request_.excluded(path)) return;
    if (type == directory_type) {  // Outside of a sparse checkout nothing is staged.
      ++staged_.older;
      return;
    }
    const std::string file = object_path(entry.id);
    const Result<Opened> opened = opener_.open(file, Named::yes, Detail::status);
    if (opened) {
      staged_.objects.push_back({.path = path, .id = std::move(entry.id)});
    } else if (is_absent(opened.error())) {
      packed.push_back(std::move(entry));
    } else {
      staged_.gaps.push_back({path, "is staged, and its object " + opened.error().what});
    }
  }

  std::string object_path(const std::string& id) {
    staged_.object_directory = joined(common_, "objects");
    return staged_.object_directory + "/" + id.substr(0, 2) + "/" + id.substr(2);
  }

  void settle_packed(const std::vector<GitEntry>& packed) {
    std::vector<std::string> ids;
    for (const GitEntry& entry : packed) ids.push_back(entry.id);
    std::vector<bool> held(ids.size(), false);
    ask_packs(ids, held);
    for (std::size_t i = 0; i < packed.size(); ++i) {
      if (held[i]) {
        ++staged_.older;
      } else {
        staged_.gaps.push_back({joined(staged_.top, packed[i].name),
                                "is staged, and its object is neither loose nor in a pack here"});
      }
    }
  }

  void ask_packs(const std::vector<std::string>& ids, std::vector<bool>& held) {
    const Result<Opened> directory =
        opener_.open(joined(joined(common_, "objects"), "pack"), Named::yes);
    if (!directory) return;
    const Result<Names> names = list(*directory, most_packs);
    if (!names) return;
    for (const Entry& entry : names->entries) {
      if (interrupted()) return;
      if (!entry.name.ends_with(".idx")) continue;
      const Result<Opened> index = opener_.open_in(*directory, entry.name, Named::yes);
      if (!index) continue;
      const Result<std::string> answer = ask(*index, most_pack_index_bytes, ids.size(),
                                             group_of(*index), [&ids](std::string_view bytes) {
                                               std::string text;
                                               const auto found = held_by_pack(bytes, ids);
                                               if (!found) return text;
                                               for (const bool is_held : *found)
                                                 text += is_held ? '1' : '0';
                                               return text;
                                             });
      if (!answer || answer->size() != ids.size()) continue;
      for (std::size_t i = 0; i < ids.size(); ++i) {
        if ((*answer)[i] == '1') held[i] = true;
      }
    }
  }

  std::uint32_t group_of(const Opened& file) const {
    return request_.reading_group(file.territory.uid);
  }

  const StagedRequest& request_;
  const Opener& opener_;
  std::string git_;  // The git directory, and of a linked work tree the one that it shares.
  std::string common_;
  StagedFiles staged_;
};

// Objects are unpacked by one worker for so many of them, as long as they are small.
constexpr std::size_t batch_size = 64;
constexpr std::size_t most_bytes_of_batch = 64 << 20;

class Handing {
 public:
  Handing(const HandOverMore& hand_over, const StagedRequest& request, const Opener& opener,
          StagedFiles& staged)
      : hand_over_{hand_over}, request_{request}, opener_{opener}, staged_{staged} {
    most_ = std::min<std::uint64_t>(most_blob_bytes, request.max_size);
  }

  void run() {
    for (const StagedObject& object : staged_.objects) {
      if (interrupted()) return;
      const std::string file =
          staged_.object_directory + "/" + object.id.substr(0, 2) + "/" + object.id.substr(2);
      Result<Opened> opened = opener_.open(file, Named::yes);
      if (!opened) {
        gap(object, "its object " + opened.error().what);
        continue;
      }
      if (opened->facts.type != FileType::regular) {
        gap(object, "its object is not a regular file");
        continue;
      }
      const bool fits = waiting_.empty() || (waiting_.size() < batch_size &&
                                             waiting_.front().file.territory == opened->territory);
      if (!fits) settle();
      waiting_.push_back({.object = &object, .file = std::move(*opened)});
    }
    settle();
  }

 private:
  struct Waiting {
    const StagedObject* object = nullptr;
    Opened file;
  };

  void gap(const StagedObject& object, const std::string& why) {
    staged_.gaps.push_back({object.path, "is staged, and was not looked into: " + why});
  }

  FileQuestion question_of(const Opened& file) const {
    return {.file = &file,
            .gid = request_.reading_group(file.territory.uid),
            .most_bytes = most_blob_bytes,
            .most_answer = most_ + 1,
            .answer = [most = most_](std::string_view bytes) { return blob_in(bytes, most); }};
  }

  // What one worker did not come to is asked of one of its own.
  void settle() {
    if (waiting_.empty()) return;
    std::vector<const Opened*> files;
    for (const Waiting& one : waiting_) files.push_back(&one.file);
    const auto answers =
        ask_of_each(files, question_of(waiting_.front().file), most_bytes_of_batch);
    for (std::size_t i = 0; i < waiting_.size() && !interrupted(); ++i) {
      const bool is_answered = i < answers.size() && answers[i];
      take(*waiting_[i].object,
           is_answered ? answers[i] : ask_in_worker(question_of(waiting_[i].file)));
    }
    waiting_.clear();
  }

  void take(const StagedObject& object, const Result<std::string>& blob) {
    if (!blob) return gap(object, "its object " + blob.error().what);
    if (blob->empty() || blob->front() != static_cast<char>(LooseObject::blob)) {
      return gap(object, "its object is damaged, larger than is unpacked, or no file");
    }
    const std::string_view content = std::string_view{*blob}.substr(1);
    if (!content.empty()) {
      const Result<Descriptor> bytes = bytes_as_file(content);
      if (!bytes) return gap(object, bytes.error().what);
      const Result<Done> given =
          hand_over_(bytes->get(), {.path = object.path, .size = content.size()});
      if (!given) return gap(object, given.error().what);
    }
    ++staged_.handed;
    staged_.bytes += content.size();
  }

  const HandOverMore& hand_over_;
  const StagedRequest& request_;
  const Opener& opener_;
  StagedFiles& staged_;
  std::size_t most_ = 0;
  std::vector<Waiting> waiting_;
};

}  // namespace

Result<StagedFiles> staged_files(const StagedRequest& request, const Opener& opener) {
  return Repository{request, opener}.staged();
}

void hand_over_staged(const HandOverMore& hand_over, const StagedRequest& request,
                      const Opener& opener, StagedFiles& staged) {
  Handing{hand_over, request, opener, staged}.run();
}

}  // namespace cfwarden
