// What is known of a file, put together for the rules: owners, allowed modes, exposure, age.
//
// Before needs are known, the owner expected is: in a home its passwd owner; elsewhere root, an
// account named cloudflared, 65532 (the container user), or an ordinary caller; where it is not the
// system's directory either, also whoever owns the first directory above that is not root's.
#pragma once

#include "cfwarden/host/opener.h"
#include "cfwarden/model/accounts.h"
#include "cfwarden/model/subject.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace cfwarden {

struct SubjectFrame {
  const Accounts* accounts = nullptr;
  std::uint32_t caller = 0;
  std::int64_t now = 0;  // Seconds since the epoch.
  std::string root;      // The directory of --root; "" for the running host.
};

// Everything of a Subject that follows from the file itself.
Subject subject_of_file(SubjectType type, const std::string& path, const FileFacts& facts,
                        const SubjectFrame& frame);

// Of what a process was started with: what is known of files only is taken back, and why somebody
// reads it is said of a process. Its exposure is known.
void stand_in_memory(Subject& subject, const std::string& program);

// The directory that holds the file; its ancestors are those above it.
Subject subject_of_directory(const FileFacts& file, const SubjectFrame& frame);

// A directory with no right beyond those cloudflared gives it and no ACL: no built-in rule fires on
// it (a test holds them to that), so that a host without credentials need not be judged at all.
bool is_sound_directory(const std::string& path, const Permissions& permissions,
                        const std::vector<AclEntry>& default_acl);

// Adds what the credential says; sets allowed_mode and id_matches_name.
void add_credential(Subject& subject, const Credential& credential, const SubjectFrame& frame);

// What is expected of its mode and owner, once its needs are known.
void expect_by_needs(Subject& subject, const SubjectFrame& frame);

// The account in whose home the path lies (the longest home that fits); nullptr for none. "/" is no
// home.
const Account* home_owner(std::string_view path, const Accounts& accounts);

// Who can write what stands in a file: 0 where only root can, the owner of it or of its directory
// where it is one of theirs, 65534 where it is open to others.
std::uint32_t controller_of(const Opened& file);

}  // namespace cfwarden
