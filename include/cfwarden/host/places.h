// Where cloudflared keeps its files, as one table. To add a place: add its row in
// src/host/places.cc.
#pragma once

#include "cfwarden/host/opener.h"
#include "cfwarden/model/accounts.h"
#include "cfwarden/model/report.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace cfwarden {

enum class PlaceShape {
  credential_directory,  // Every regular file is looked into.
  planted_pair,          // A home: only cloudflared_priv.pem and cloudflared_pub.pem.
  file,                  // One file.
};

struct Candidate {
  Place place;
  PlaceShape shape = PlaceShape::credential_directory;
};

// Whose environment and default directories are looked at.
struct Caller {
  bool sees_all_homes = false;  // Root, or CAP_DAC_READ_SEARCH in effect.
  std::uint32_t uid = 0;
  std::string home;       // When it does not see all homes.
  std::string only_user;  // --user NAME: that account's homes only; "" for all.
};

// Sorted by path, one for each path however many accounts share it.
std::vector<Candidate> default_candidates(const Accounts& accounts, const Caller& caller);

// Directories in /home that are no account's: those of accounts that are not listed (LDAP) or are
// deleted. For a caller who sees all homes. /home itself is listed once, up to 4096 names.
struct StrayHomes {
  std::vector<Candidate> candidates;  // Sorted by path.
  std::vector<Gap> gaps;
};
StrayHomes stray_homes(const Opener& opener, const Accounts& accounts);

// True for a name that a walk of a named directory looks into: cert.pem, *.pem, *.json, token,
// *-token, config.yml, config.yaml, *.env, .env, *-cf_key, cloudflared_*.pem, and backups of these.
bool is_candidate_name(std::string_view file_name);

}  // namespace cfwarden
