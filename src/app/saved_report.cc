#include "cfwarden/app/saved_report.h"

#include "cfwarden/base/base64.h"
#include "cfwarden/base/json_scanner.h"
#include "cfwarden/base/json_text.h"
#include "cfwarden/model/words.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <span>
#include <utility>

namespace cfwarden {
namespace {

constexpr std::string_view schema = "cfwarden.report/1";
constexpr std::string_view schema_family = "cfwarden.report/";
constexpr std::size_t longest_key = 32;
constexpr std::size_t longest_text = 64 << 10;

// What is wrong, and where.
struct Flaw {
  std::size_t offset = 0;
  std::string what;
};

enum class Presence { required, nullable, optional };

// A key that is asked for, and its value.
struct Wanted {
  std::string_view name;
  JsonType type = JsonType::string;
  Presence presence = Presence::required;
  JsonValue value = {};  // Its offset is that in the document.

  bool is_there() const { return value.type == type; }
};

std::string_view noun_of(JsonType type) {
  switch (type) {
    case JsonType::boolean:
      return "true or false";
    case JsonType::number:
      return "a number";
    case JsonType::string:
      return "text";
    case JsonType::array:
      return "a list";
    case JsonType::object:
      return "an object";
    case JsonType::absent:
    case JsonType::null:
      break;
  }
  return "null";
}

constexpr Wanted wanted_path{.name = "path"};
constexpr Wanted wanted_path_bytes{.name = "path_b64", .presence = Presence::optional};

std::string quoted(std::string_view key) {
  return "`" + std::string{key} + "`";
}

// The first mistake is remembered; what is read behind it is not used.
class ReportReader {
 public:
  SavedReport read(std::string_view bytes) {
    JsonScanner scanner{bytes};
    JsonValue document;
    if (scanner.scan_value(0, document)) scanner.skip_space();
    if (!scanner.error() && !scanner.at_end()) scanner.fail();
    if (scanner.error()) refuse(*scanner.error(), 0);
    if (!flaw_) check_schema(document);
    return flaw_ ? SavedReport{} : report_of(document);
  }

  const std::optional<Flaw>& flaw() const { return flaw_; }

 private:
  void refuse(std::size_t offset, std::string what) {
    if (!flaw_) flaw_ = Flaw{.offset = offset, .what = std::move(what)};
  }

  void refuse(const JsonError& error, std::size_t base) {
    refuse(base + error.offset, std::string{clause_of(error.flaw)});
  }

  std::string text_of(const JsonValue& value) {
    if (value.type != JsonType::string) return {};
    if (value.raw.size() > longest_text) {
      refuse(value.offset, "a text is longer than 64 KiB");
      return {};
    }
    return unquoted_text(value.raw);
  }

  void take_member(std::span<Wanted> wanted, std::string_view raw_key, const JsonValue& value) {
    if (raw_key.size() > longest_key) return;
    const auto known = std::ranges::find(wanted, raw_key, &Wanted::name);
    if (known == wanted.end()) return;
    if (known->value.type != JsonType::absent) {
      refuse(value.offset, quoted(known->name) + " stands there twice");
    }
    const bool may_be_null = known->presence != Presence::required && value.type == JsonType::null;
    if (value.type != known->type && !may_be_null) {
      refuse(value.offset, quoted(known->name) + " is not " + std::string{noun_of(known->type)});
    }
    known->value = value;
  }

  // Expects `object` to be one, whole and of valid JSON.
  void read_object(const JsonValue& object, std::span<Wanted> wanted) {
    JsonScanner scanner{object.literal};
    (void)scanner.take('{');
    scanner.skip_space();
    if (!scanner.peeks('}')) {
      do {
        std::string_view key;
        JsonValue value;
        if (!scanner.scan_string(key) || !scanner.take(':') || !scanner.scan_value(1, value)) {
          return refuse(*scanner.error(), object.offset);
        }
        value.offset += object.offset;
        take_member(wanted, key, value);
      } while (scanner.take_comma('}'));
    }
    for (const Wanted& one : wanted) {
      if (one.value.type == JsonType::absent && one.presence != Presence::optional) {
        refuse(object.offset, quoted(one.name) + " is missing");
      }
    }
  }

  template <class Take>
  void for_each(const JsonValue& array, JsonType type, Take take) {
    if (array.type != JsonType::array) return;
    JsonScanner scanner{array.literal};
    (void)scanner.take('[');
    scanner.skip_space();
    if (scanner.peeks(']')) return;
    do {
      JsonValue value;
      if (!scanner.scan_value(1, value)) return refuse(*scanner.error(), array.offset);
      value.offset += array.offset;
      if (value.type != type) {
        return refuse(value.offset, "an element is not " + std::string{noun_of(type)});
      }
      take(value);
    } while (!flaw_ && scanner.take_comma(']'));
  }

  std::vector<std::string> texts_in(const JsonValue& array) {
    std::vector<std::string> texts;
    for_each(array, JsonType::string,
             [&](const JsonValue& value) { texts.push_back(text_of(value)); });
    return texts;
  }

  static bool is_true(const JsonValue& value) { return value.literal == "true"; }

  template <class E>
  E word_in(const Wanted& wanted) {
    const auto word = from_name<E>(text_of(wanted.value));
    if (!word) refuse(wanted.value.offset, quoted(wanted.name) + " is none of its words");
    return word.value_or(E{});
  }

  std::optional<std::size_t> line_in(const JsonValue& value) {
    if (value.type != JsonType::number) return std::nullopt;
    std::size_t line = 0;
    const char* const end = value.literal.data() + value.literal.size();
    const auto [next, error] = std::from_chars(value.literal.data(), end, line);
    if (error != std::errc{} || next != end) refuse(value.offset, "`line` is no number of a line");
    return line;
  }

  // Beside a path that is not UTF-8 stand its bytes.
  std::string path_in(const Wanted& path, const Wanted& bytes) {
    if (!bytes.is_there()) return text_of(path.value);
    const std::string encoded = text_of(bytes.value);
    std::string decoded(base64_room(encoded.size()), '\0');
    const Base64Outcome outcome = decode_base64(encoded, decoded);
    if (outcome.bad_byte) refuse(bytes.value.offset, "`path_b64` is not base64");
    decoded.resize(outcome.size);
    return decoded;
  }

  std::string path_of(const JsonValue& object) {
    std::array keys{wanted_path, wanted_path_bytes};
    read_object(object, keys);
    return path_in(keys[0], keys[1]);
  }

  SavedPlace place_of(const JsonValue& object) {
    std::array keys{wanted_path, wanted_path_bytes, Wanted{.name = "state"}};
    read_object(object, keys);
    return {.path = path_in(keys[0], keys[1]), .state = word_in<PlaceState>(keys[2])};
  }

  SavedReach reach_of(const JsonValue& object) {
    std::array keys{Wanted{.name = "audience"},
                    Wanted{.name = "accounts", .type = JsonType::array}};
    read_object(object, keys);
    return {.audience = word_in<Audience>(keys[0]), .accounts = texts_in(keys[1].value)};
  }

  std::pair<std::string, SavedCredential> credential_of(const JsonValue& object) {
    std::array keys{Wanted{.name = "id"}, Wanted{.name = "kind"},
                    Wanted{.name = "fingerprint", .presence = Presence::nullable},
                    Wanted{.name = "readers", .type = JsonType::object},
                    Wanted{.name = "writers", .type = JsonType::object}};
    read_object(object, keys);
    return {text_of(keys[0].value),
            {.kind = text_of(keys[1].value),
             .fingerprint = text_of(keys[2].value),
             .readers = reach_of(keys[3].value),
             .writers = reach_of(keys[4].value)}};
  }

  SavedFinding finding_of(const JsonValue& object) {
    std::array keys{
        wanted_path,
        wanted_path_bytes,
        Wanted{.name = "rule"},
        Wanted{.name = "severity"},
        Wanted{.name = "title"},
        Wanted{.name = "message", .presence = Presence::nullable},
        Wanted{.name = "line", .type = JsonType::number, .presence = Presence::nullable},
        Wanted{.name = "credential", .presence = Presence::nullable},
        Wanted{.name = "service", .presence = Presence::optional},
        Wanted{.name = "exception", .type = JsonType::object, .presence = Presence::optional},
        Wanted{.name = "actual", .presence = Presence::optional}};
    read_object(object, keys);
    return {.rule = text_of(keys[2].value),
            .severity = word_in<Severity>(keys[3]),
            .title = text_of(keys[4].value),
            .message = text_of(keys[5].value),
            .actual = text_of(keys[10].value),
            .path = path_in(keys[0], keys[1]),
            .line = line_in(keys[6].value),
            .credential = text_of(keys[7].value),
            .service = text_of(keys[8].value),
            .excepted = keys[9].is_there()};
  }

  Gap gap_of(const JsonValue& object) {
    std::array keys{wanted_path, wanted_path_bytes, Wanted{.name = "why"}};
    read_object(object, keys);
    return {.path = path_in(keys[0], keys[1]), .why = text_of(keys[2].value)};
  }

  LeftOut left_out_of(const JsonValue& object) {
    if (object.type != JsonType::object) return {};
    std::array keys{Wanted{.name = "excludes", .type = JsonType::array},
                    Wanted{.name = "rules_off", .type = JsonType::array},
                    Wanted{.name = "rules_added", .type = JsonType::array}};
    read_object(object, keys);
    return {.excludes = texts_in(keys[0].value),
            .rules_off = texts_in(keys[1].value),
            .rules_added = texts_in(keys[2].value)};
  }

  void check_schema(const JsonValue& document) {
    if (document.type != JsonType::object) refuse(document.offset, "is no report of cfwarden");
    std::array keys{Wanted{.name = "schema", .presence = Presence::optional}};
    read_object(document, keys);
    const std::string name = text_of(keys[0].value);
    if (name == schema) return;
    const std::size_t offset = keys[0].is_there() ? keys[0].value.offset : document.offset;
    if (name.starts_with(schema_family)) {
      refuse(offset, "is a report of another schema than " + std::string{schema} +
                         ", the one that this cfwarden reads");
    }
    refuse(offset, "is no report of cfwarden: those of `audit --json` and `sweep --json` are read");
  }

  void read_frame(const JsonValue& tool, const JsonValue& host, const JsonValue& run,
                  SavedReport& report) {
    std::array of_tool{Wanted{.name = "version"}};
    read_object(tool, of_tool);
    std::array of_host{Wanted{.name = "hostname", .presence = Presence::nullable},
                       Wanted{.name = "root"}};
    read_object(host, of_host);
    std::array of_run{
        Wanted{.name = "started", .presence = Presence::nullable},
        Wanted{.name = "interrupted", .type = JsonType::boolean, .presence = Presence::optional},
        Wanted{.name = "profile", .presence = Presence::optional}};
    read_object(run, of_run);
    report.tool_version = text_of(of_tool[0].value);
    report.hostname = text_of(of_host[0].value);
    report.root = text_of(of_host[1].value);
    report.started = text_of(of_run[0].value);
    report.interrupted = is_true(of_run[1].value);
    if (of_run[2].is_there()) report.profile = text_of(of_run[2].value);
  }

  void read_sweep(const JsonValue& swept, const JsonValue& skipped, SavedReport& report) {
    if (swept.type != JsonType::object) return;
    std::array keys{Wanted{.name = "names_only", .type = JsonType::boolean}};
    read_object(swept, keys);
    report.is_sweep = true;
    report.names_only = is_true(keys[0].value);
    for_each(skipped, JsonType::object,
             [&](const JsonValue& mount) { report.skipped.push_back(path_of(mount)); });
  }

  SavedReport report_of(const JsonValue& document) {
    check_schema(document);
    std::array keys{
        Wanted{.name = "tool", .type = JsonType::object},
        Wanted{.name = "host", .type = JsonType::object},
        Wanted{.name = "run", .type = JsonType::object},
        Wanted{.name = "complete", .type = JsonType::boolean},
        Wanted{.name = "places", .type = JsonType::array},
        Wanted{.name = "credentials", .type = JsonType::array},
        Wanted{.name = "findings", .type = JsonType::array},
        Wanted{.name = "gaps", .type = JsonType::array},
        Wanted{.name = "swept", .type = JsonType::object, .presence = Presence::optional},
        Wanted{.name = "skipped", .type = JsonType::array, .presence = Presence::optional},
        Wanted{.name = "left_out", .type = JsonType::object, .presence = Presence::optional}};
    read_object(document, keys);
    SavedReport report;
    read_frame(keys[0].value, keys[1].value, keys[2].value, report);
    report.complete = is_true(keys[3].value);
    for_each(keys[4].value, JsonType::object,
             [&](const JsonValue& place) { report.places.push_back(place_of(place)); });
    for_each(keys[5].value, JsonType::object,
             [&](const JsonValue& one) { report.credentials.insert(credential_of(one)); });
    for_each(keys[6].value, JsonType::object,
             [&](const JsonValue& finding) { report.findings.push_back(finding_of(finding)); });
    for_each(keys[7].value, JsonType::object,
             [&](const JsonValue& gap) { report.gaps.push_back(gap_of(gap)); });
    read_sweep(keys[8].value, keys[9].value, report);
    report.left_out = left_out_of(keys[10].value);
    return report;
  }

  std::optional<Flaw> flaw_;
};

}  // namespace

Result<SavedReport> read_saved_report(std::string_view bytes, const std::string& file) {
  ReportReader reader;
  SavedReport report = reader.read(bytes);
  if (!reader.flaw()) return report;
  const std::string_view before = bytes.substr(0, std::min(reader.flaw()->offset, bytes.size()));
  const auto line = std::ranges::count(before, '\n') + 1;
  return Error{file + ":" + std::to_string(line) + ": " + reader.flaw()->what};
}

}  // namespace cfwarden
