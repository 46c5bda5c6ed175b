// Which services a manager knows, and of which files each is put together. Pure: nothing is parsed.
//
// Source    systemd.unit(5) of systemd 252: load paths, masks, aliases, linked units, templates,
//           drop-ins; tried against systemd itself.
// Expects   texts sorted by path, that outlive the catalogue.
#pragma once

#include "cfwarden/needs/definitions.h"
#include "cfwarden/needs/unit_name.h"

#include <cstddef>
#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cfwarden {

struct UnitDirectory {
  std::string path;
  bool is_own = false;        // Of one user's manager alone.
  bool is_generated = false;  // Filled by generators at every start.
};

struct UnitScope {
  std::vector<UnitDirectory> directories;  // A unit in an earlier one replaces later ones.
  std::string runtime;                     // Under which the manager keeps links to what is active.
};

UnitScope system_scope();
UnitScope global_user_scope();  // What is the same for every user.
UnitScope user_scope(const std::string& home, const std::string& runtime);

struct CataloguedUnit {
  UnitName name;
  std::vector<std::string> aliases;
  const ServiceText* fragment = nullptr;     // nullptr where it is not among the texts.
  std::string linked_to;                     // What is to be read where the fragment is a link.
  std::vector<const ServiceText*> drop_ins;  // In the order in which they apply.
  bool is_enabled = false;
  bool is_active = false;
  bool is_own = false;  // Something of it lies in a directory of its own user.
};

class UnitCatalogue {
 public:
  UnitCatalogue(std::span<const ServiceText> texts, UnitScope scope);

  // Every service but masked ones; a template only where nothing is an instance of it.
  std::vector<CataloguedUnit> services() const;
  // An instance that nothing names but its template.
  CataloguedUnit instance(const UnitName& name) const;
  // Files and globs that would have a say if they were there, and are not among the texts.
  std::vector<std::string> unread_of(const CataloguedUnit& unit) const;

 private:
  struct Entry {
    std::size_t rank = 0;  // Of its directory.
    const ServiceText* text = nullptr;
  };
  struct Resolved {
    std::string name;
    const ServiceText* fragment = nullptr;
    std::size_t rank = 0;
    std::string linked_to;
    bool is_masked = false;
  };

  void index(const ServiceText& text);
  void index_below(const ServiceText& text, std::size_t rank, std::string_view directory_name);
  Resolved resolve(const std::string& name) const;
  const Entry* entry_of(const UnitName& name) const;
  std::set<std::string> candidates() const;
  std::vector<const ServiceText*> drop_ins_of(const CataloguedUnit& unit, bool& is_own) const;

  std::span<const ServiceText> texts_;
  UnitScope scope_;
  std::map<std::string, std::size_t, std::less<>> ranks_;      // By directory.
  std::map<std::string, Entry> direct_;                        // By name, of the first directory.
  std::map<std::string, std::vector<Entry>> drop_ins_;         // By the name before ".d".
  std::map<std::string, std::map<std::string, Entry>> pulls_;  // By "x.wants", by name.
  std::map<std::string, std::size_t> started_;                 // By name; the rank of the link.
  std::set<std::string> active_;
  std::map<std::string, std::vector<std::string>> aliases_;  // By what they stand for.
};

}  // namespace cfwarden
