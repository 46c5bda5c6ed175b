#include "cfwarden/mend/token_move.h"

#include "cfwarden/base/path.h"
#include "cfwarden/host/opener.h"
#include "cfwarden/host/system_error.h"
#include "cfwarden/mend/new_file.h"
#include "cfwarden/mend/replaced_unit.h"
#include "cfwarden/mend/sync_directory.h"
#include "cfwarden/mend/token_return.h"

#include <cerrno>
#include <optional>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace cfwarden {
namespace {

std::string name_in(const std::string& path) {
  return std::string{file_name_of(path)};
}

// One move on its way; what it has made until now can be taken back.
class Move {
 public:
  explicit Move(const TokenMoveOrder& order) : order_{order} {}

  Applied carry_out() {
    if (auto recorded = record(); !recorded) {
      return {.outcome = Outcome::refused,
              .why = "the journal cannot be written: " + recorded.error().what};
    }
    if (auto moved = take_steps(); !moved) return taken_back(moved.error());
    return finished();
  }

 private:
  Result<Done> record() {
    const Result<std::string> unit_name = new_temporary_name();
    const Result<std::string> token_name = new_temporary_name();
    if (!unit_name) return unit_name.error();
    if (!token_name) return token_name.error();
    move_ = {.number = order_.number,
             .unit_path = unit().facts.path,
             .token_path = std::string{moved_token_path},
             .unit_temporary = *unit_name,
             .token_temporary = *token_name,
             .unit_before = unit().facts};
    return told(order_.after_step, order_.journal.intend(move_), "intent");
  }

  Result<Done> take_steps() {
    if (auto found = find_token_directory(); !found) return found;
    if (!holds_token_already()) {
      if (auto put = put_token(); !put) return put;
    }
    const Secret bytes =
        with_token_file(unit().bytes.reveal(), order_.site.command, move_.token_path);
    return replace_unit({.place = order_.site.unit,
                         .temporary = move_.unit_temporary,
                         .bytes = bytes,
                         .permissions = unit().facts.permissions},
                        order_.after_step);
  }

  Result<Done> find_token_directory() {
    if (order_.site.token) {
      token_directory_ = order_.site.token->directory.descriptor.get();
      return Done{};
    }
    const Result<Opener> opener = Opener::at(order_.root);
    if (!opener) return opener.error();
    const Result<Opened> above = opener->open(directory_of(token_directory));
    if (!above) return above.error();
    if (!above->territory.trusted) return Error{"others than root can write above it", 0};
    return make_token_directory(*above->descriptor);
  }

  // 0755, as cloudflared makes it: whatever the umask says.
  Result<Done> make_token_directory(const Descriptor& above) {
    const std::string name{file_name_of(token_directory)};
    if (mkdirat(above.get(), name.c_str(), 0700) != 0) return system_error("mkdir", errno);
    constexpr int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
    made_directory_ = Descriptor{openat(above.get(), name.c_str(), flags)};
    if (!made_directory_.is_open()) return system_error("open", errno);
    if (fchown(made_directory_.get(), geteuid(), getegid()) != 0) {
      return system_error("chown", errno);
    }
    if (fchmod(made_directory_.get(), 0755) != 0) return system_error("chmod", errno);
    token_directory_ = &made_directory_;
    return told(order_.after_step, sync_directory(above), "directory made");
  }

  bool holds_token_already() const {
    return order_.site.token && order_.site.token->file.has_value();
  }

  Result<Done> put_token() {
    const Result<Descriptor> file = create_closed(*token_directory_, move_.token_temporary);
    if (!file) return file.error();
    if (auto made = told(order_.after_step, Done{}, "token created"); !made) return made;
    if (auto filled =
            told(order_.after_step, fill_with(*file, order_.site.command.token), "token written");
        !filled) {
      return filled;
    }
    const auto named =
        name_as_new(*token_directory_, move_.token_temporary, name_in(move_.token_path));
    if (!named) return named;
    has_put_token_ = true;
    return told(order_.after_step, sync_directory(*token_directory_), "token in place");
  }

  // The unit is as it was: the last step is what changes it.
  Applied taken_back(const Error& error) {
    std::string why = error.what;
    bool is_clean =
        remove_name(*order_.site.unit.directory.descriptor, move_.unit_temporary).has_value();
    if (token_directory_ != nullptr) {
      is_clean = remove_name(*token_directory_, move_.token_temporary).has_value() && is_clean;
      if (has_put_token_) {
        is_clean =
            remove_name(*token_directory_, name_in(move_.token_path)).has_value() && is_clean;
      }
    }
    if (made_directory_.is_open()) is_clean = remove_made_directory() && is_clean;
    if (!is_clean) why += "; what was begun could not be removed: undo does";
    (void)order_.journal.failed(move_.number, why);  // Else it counts as interrupted: no harm.
    return {.outcome = is_clean ? Outcome::refused : Outcome::failed, .why = std::move(why)};
  }

  bool remove_made_directory() const {
    const Result<Opener> opener = Opener::at(order_.root);
    if (!opener) return false;
    const Result<Opened> above = opener->open(directory_of(token_directory));
    return above && unlinkat(above->descriptor->get(),
                             std::string{file_name_of(token_directory)}.c_str(), AT_REMOVEDIR) == 0;
  }

  Applied finished() {
    if (auto synced = sync_directory(*order_.site.unit.directory.descriptor); !synced) {
      return {
          .outcome = Outcome::failed,
          .why = "the token was moved, but it is not known to be on disk: " + synced.error().what};
    }
    const Result<Opener> opener = Opener::at(order_.root);  // One that knows the new directory.
    const auto record = opener ? completed_move(*opener, move_, Fate::intended) : std::nullopt;
    if (!record) {
      return {.outcome = Outcome::failed,
              .why = "the token was moved, but the files are not as they were written"};
    }
    if (auto noted = told(order_.after_step, order_.journal.moved(*record), "recorded"); !noted) {
      return {.outcome = Outcome::failed,
              .why = "the token was moved, but the journal cannot say so: " + noted.error().what};
    }
    return {.outcome = Outcome::done, .why = {}};
  }

  const HeldFile& unit() const { return *order_.site.unit.file; }

  const TokenMoveOrder& order_;
  TokenMove move_;
  const Descriptor* token_directory_ = nullptr;
  Descriptor made_directory_;
  bool has_put_token_ = false;
};

}  // namespace

Applied move_token_out(const TokenMoveOrder& order) {
  return Move{order}.carry_out();
}

}  // namespace cfwarden
