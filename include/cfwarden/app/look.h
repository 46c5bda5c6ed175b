// One look at a host: visits candidates, reads what they hold in batches, follows configurations,
// and collects places, gaps, credentials and subjects in the order they are met.
#pragma once

#include "cfwarden/app/audit.h"
#include "cfwarden/app/configured_files.h"
#include "cfwarden/app/subjects.h"
#include "cfwarden/host/identity.h"
#include "cfwarden/host/opener.h"
#include "cfwarden/host/places.h"
#include "cfwarden/host/reader.h"
#include "cfwarden/model/accounts.h"
#include "cfwarden/needs/definitions.h"
#include "cfwarden/needs/resolve.h"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace cfwarden {

struct ProcessText {
  FileFacts facts;
  std::string path;
  std::string_view name;  // "cmdline" or "environ".
  std::string program;
  bool is_reported = false;
};

class Look {
 public:
  // Borrows all four for its lifetime.
  Look(const AuditRequest& request, const Opener& opener, const Accounts& accounts,
       const SubjectFrame& frame);

  void add(Candidate candidate);
  // Visits everything added and everything that leads to; stops early when the process is
  // interrupted.
  void run();
  // The TUNNEL_* variables of an ordinary caller: secrets in them, and files they lead to.
  void take_environment(const std::vector<Variable>& variables);
  // A file outside the places: one that may say how a service is started, or a configuration that
  // one uses. Each is read once. What it holds is only reported where `place` is given.
  void add_service_file(Opened file, ServiceRole role, std::optional<PlaceKind> place);
  // A file that cloudflared is told is its configuration, whatever its name. What it holds is not
  // reported.
  void add_configuration(Opened file);
  // The arguments or the environment of a process.
  void take_process(const ProcessText& text, const Secret& bytes);

  std::vector<Place> places;
  std::vector<Gap> gaps;
  std::vector<Subject> subjects;
  std::size_t names_seen = 0;
  std::vector<ServiceText> service_texts;               // In the order they were read.
  std::map<std::string, Configuration> configurations;  // By path, of every one that was read.
  std::set<std::string> blank_files;                    // Those that were read and hold nothing.

 private:
  struct Pending {
    Opened file;
    PlaceKind place = PlaceKind::default_directory;
    bool expected = false;  // A file of this name is worth a word when it does not decode.
    ServiceRole role = ServiceRole::none;
    bool is_reported = true;
    bool is_told = false;  // That it is a configuration.
  };

  void visit(const Candidate& candidate);
  void visit_directory(const Candidate& candidate, Opened directory, std::size_t place);
  void visit_planted_pair(const Opened& home);
  void add_file(Opened file, PlaceKind place, bool expected);
  void read_pending();
  void add_pending(Pending pending);
  void complete(Opened& file) const;
  void take(const Pending& pending, const Reading& reading);
  void take_definition(const Pending& pending, const Examination& examination);
  void take_over_cap(const Pending& pending, const Examination& examination);
  void take_unread(const Pending& pending, const Unread& unread);
  void take_recognised(const Pending& pending, const Recognised& recognised);
  void take_configuration(const Pending& pending, const Examination& examination);
  // Whether there is something where a configuration leads to.
  Answer follow(const Pending& from, const ConfiguredFile& target);
  bool is_elsewhere(const Opened& configuration, const ConfiguredFile& target) const;
  void add_variable(const std::string& name, const Credential& credential);
  void add_default_directory(const Opened& directory);
  bool is_judged(const std::string& path, const Permissions& permissions,
                 const std::vector<AclEntry>& default_acl);
  void add_directory_of(const FileFacts& file, PlaceKind place);
  void add_subject(Subject subject, PlaceKind place);
  // Whether the account that controls a configuration could open what it points to.
  bool may_follow(const Opened& configuration, const Opened& target) const;

  const AuditRequest& request_;
  const Opener& opener_;
  const Accounts& accounts_;
  const SubjectFrame& frame_;
  std::deque<Candidate> queue_;
  Losses losses_;
  std::vector<Pending> pending_;
  std::set<std::string> visited_;      // Places, and files that were read.
  std::set<std::string> directories_;  // That have a subject.
};

}  // namespace cfwarden
