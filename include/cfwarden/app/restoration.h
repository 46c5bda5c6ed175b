// One recorded change on its way back: looked at, and then taken back or left.
//
// Promises  the same walk and refusals as fix; what is not as the journal says stays as it is. Only
//           carry_out() and clear() change anything of the host.
#pragma once

#include "cfwarden/host/opener.h"
#include "cfwarden/mend/journal.h"
#include "cfwarden/model/accounts.h"
#include "cfwarden/model/undoing.h"
#include "cfwarden/remedy/circumstances.h"

#include <map>
#include <optional>
#include <string>

namespace cfwarden {

// The host that a run worked on, with its accounts as they are now.
struct UndoHost {
  std::string root;  // As of AuditRequest.
  Accounts accounts;
};

// The attributes that a run takes back, by inode: the directories above a file come back, too.
using Returning = std::map<FileId, const Attributes*>;
Returning returning_of(const ReadJournal& journal);

class Return {
 public:
  // Borrows all three for its lifetime.
  Return(const UndoHost& host, const Returning& returning, const Recorded& recorded)
      : host_{host}, returning_{returning}, recorded_{recorded} {}

  // First. nullopt: it is as it was before, and there is nothing to take back.
  std::optional<Restoration> look();

  // Of what look() did not find to restore: recorded, so that nobody is asked about it again. But
  // where a token's move left a temporary file its record stays, for clear().
  void settle(const std::optional<Restoration>& seen, Journal& journal);

  // Removes what a token's move that was killed left under temporary names.
  void clear();

  // Of what look() found to restore.
  Applied carry_out(Journal& journal);

 private:
  // An object that lies there now, and what stands around it.
  struct Found {
    Opener opener;
    Opened object;
    Circumstances now;
  };

  std::optional<Restoration> look_at(const Intent& intent);
  std::optional<Restoration> look_at(const TokenMove& move);
  Applied take_back(const Intent& intent, Journal& journal);
  Applied take_back(const TokenMove& move, Journal& journal);
  void name_owners(Restoration& restoration) const;

  const UndoHost& host_;
  const Returning& returning_;
  const Recorded& recorded_;
  std::optional<Found> found_;
};

}  // namespace cfwarden
