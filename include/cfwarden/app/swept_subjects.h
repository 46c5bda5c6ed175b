// From what a sweep found to what rules are asked about: each file is opened again by its path, for
// its facts, the directories above and ACLs.
//
// Promises  a file that is not the one that was read is a gap, and what was found in it is not told
//           of another. The placement is that of audit where audit reads such files.
#pragma once

#include "cfwarden/app/audit.h"
#include "cfwarden/app/subjects.h"
#include "cfwarden/app/swept_links.h"
#include "cfwarden/host/opener.h"
#include "cfwarden/model/accounts.h"
#include "cfwarden/model/report.h"
#include "cfwarden/model/subject.h"
#include "cfwarden/sweep/content_sweep.h"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace cfwarden {

struct SweptSubjects {
  std::vector<Subject> subjects;
  std::vector<Gap> gaps;
};

// What is known of a process besides its words.
struct SweptProcess {
  std::string program;
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;
  bool is_hidden = false;  // From other ordinary users.
};

struct SweptGround {
  const AuditRequest& request;
  const Opener& opener;
  const Accounts& accounts;
  const SubjectFrame& frame;
  // By the path that was handed over: "/proc/123/cmdline".
  const std::map<std::string, SweptProcess>& processes;
  // Every one of them is judged: who can get at a file by one of its names can get at it.
  const KnownNames& names;
  Named named = Named::no;     // Whether what was found may lie on a remote file system.
  std::string staged_in = {};  // The work tree that everything found is staged in; "" for files.
};

SweptSubjects swept_subjects(const std::vector<FoundFile>& found, const SweptGround& ground);

// As the report has it: without the directory of --root.
std::string reported_path(const std::string& path, const std::string& root);

// Pure: what to do about a credential in a file of that sort: of a copy by its name, and of what
// stands in an archive, not what is done about the original.
ContextAdvice advice_for(ContextAdvice of_context, const Subject& subject);

}  // namespace cfwarden
