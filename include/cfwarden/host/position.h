// Where a look-up stands, and the directories that an Opener remembers between look-ups.
#pragma once

#include "cfwarden/exposure/access.h"
#include "cfwarden/host/descriptor.h"
#include "cfwarden/host/step.h"
#include "cfwarden/host/territory.h"
#include "cfwarden/model/file_facts.h"

#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cfwarden {

// What is known of a directory on the way.
struct Record {
  std::string path;  // Without links.
  FileFacts facts;
  Standing standing;                               // Of its entries.
  std::shared_ptr<Record> above;                   // nullptr for the root.
  std::shared_ptr<const Descriptor> without_acls;  // Until they are read, which few need.
};

// Always in a directory.
struct Position {
  std::shared_ptr<const Descriptor> descriptor;
  std::shared_ptr<Record> record;
  std::vector<std::shared_ptr<Record>> passed;  // All so far, `record` last.
  std::optional<Principal> as;                  // As whom a user's link is being followed,
  std::string link;                             // and the first such link: see Opened.
};

// On a directory that was seen in the one `position` is in, or, without one, on the root.
void enter(Position& position, Seen directory, std::string path);
// On a directory that is known already.
void enter(Position& position, std::shared_ptr<const Descriptor> descriptor,
           std::shared_ptr<Record> record);

// Reads the ACLs, if that has not been done; through a descriptor of the caller's, too.
void complete(Record& directory);
void complete(Record& directory, const Descriptor& through);

DirectoryFacts directory_facts(std::string path, const FileFacts& facts);

// The last directories that were passed, by the path that was asked for; each holds a descriptor.
class Memory {
 public:
  void keep(const std::string& path, const Position& position);
  const Position* find(std::string_view path);
  void forget() { kept_.clear(); }

 private:
  struct Kept {
    Position position;
    std::size_t last_used = 0;
  };
  std::map<std::string, Kept, std::less<>> kept_;
  std::size_t clock_ = 0;
};

}  // namespace cfwarden
