// The net below the needs that were resolved: a file or a default directory that a text only root
// controls names, and that nothing is known to use, may be used by whatever that text runs.
//
// Promises  such a need is not known to read anything (can_read is nullopt): who would tighten the
//           file keeps whatever lets it in.
#pragma once

#include "cfwarden/app/look.h"
#include "cfwarden/app/starts.h"
#include "cfwarden/model/need.h"
#include "cfwarden/model/subject.h"
#include "cfwarden/needs/definitions.h"
#include "cfwarden/needs/named_paths.h"

#include <cstddef>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace cfwarden {

// A start that only root controls, and the need of whoever runs it.
struct RootStart {
  Start start;
  Need need;
};

class NamedNeeds {
 public:
  // Borrows the search, and the texts of the look while it is made.
  NamedNeeds(const Look& look, const StartSearch& search, std::vector<RootStart> starts);

  // Of a subject that has its other needs already.
  std::vector<Need> of_file(const Subject& subject);
  std::vector<Need> of_directory(const Subject& directory, std::span<const Subject> all);

 private:
  struct Text {
    ServiceText text;
    std::vector<NamedPath> named;
    bool may_change_user = false;
  };
  struct Namer {
    const Text* text = nullptr;
    std::size_t line = 0;
  };
  struct Place {  // On this host, links followed.
    bool is_there = false;
    FileId id;
    std::vector<FileId> above;
  };

  const Place& place_of(const std::string& path);
  bool names_file(const Text& text, const NamedPath& named, const Subject& subject);
  bool names_below(const NamedPath& named, const Subject& directory);
  bool is_beside_root(const Need& need, const Subject& subject) const;
  std::vector<Need> needs_of(const Namer& namer, std::size_t depth) const;
  std::vector<Need> needs_of_starts(const Namer& namer) const;
  Need need_of_unit(const Text& text) const;
  Need need_of_line(const Namer& namer) const;
  Need unknown_need(const Text& text) const;
  void set_user(Need& need, const std::string& user) const;

  const StartSearch& search_;
  std::vector<RootStart> starts_;
  std::vector<Text> texts_;
  std::map<std::string, Place> places_;
};

}  // namespace cfwarden
