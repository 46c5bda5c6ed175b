// The people of a host, as far as one file's facts tell them apart.
//
// Two accounts that own none of the directories above, are named by none of the ACLs and are in the
// same of the groups that matter get the same answers: what costs is decided once for both. The
// first class is that of a stranger, a uid without account and groups; it may have no names.
// Root and the file's owner are in none. Borrows the accounts.
#pragma once

#include "cfwarden/exposure/access.h"
#include "cfwarden/model/accounts.h"
#include "cfwarden/model/file_facts.h"

#include <string>
#include <string_view>
#include <vector>

namespace cfwarden {

struct PeopleAlike {
  Principal who;  // Of the uid and gids only those that the facts mention.
  std::vector<const Account*> accounts;
  std::vector<std::string> others;  // Names of people without an account, decimal uids among them.
};

std::vector<PeopleAlike> people_of(const FileFacts& facts, const Accounts& accounts);

bool is_empty(const PeopleAlike& people);
std::size_t count_of(const PeopleAlike& people);
void add_names(const PeopleAlike& people, std::vector<std::string>& names);

}  // namespace cfwarden
