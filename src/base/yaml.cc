#include "cfwarden/base/yaml.h"

#include <yaml.h>

#include <utility>
#include <vector>

namespace cfwarden {
namespace {

class Parser {
 public:
  explicit Parser(std::string_view text) : ready_{yaml_parser_initialize(&parser_) != 0} {
    if (!ready_) return;
    // Told, not guessed: UTF-16 would slip past the checks that are made on bytes.
    yaml_parser_set_encoding(&parser_, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&parser_, reinterpret_cast<const unsigned char*>(text.data()),
                                 text.size());
  }
  Parser(const Parser&) = delete;
  Parser& operator=(const Parser&) = delete;
  ~Parser() {
    if (ready_) yaml_parser_delete(&parser_);
  }

  bool next(yaml_event_t& event) { return ready_ && yaml_parser_parse(&parser_, &event) != 0; }
  bool out_of_memory() const { return !ready_ || parser_.error == YAML_MEMORY_ERROR; }
  std::size_t line() const {
    return (parser_.error == YAML_READER_ERROR ? parser_.mark : parser_.problem_mark).line + 1;
  }

 private:
  yaml_parser_t parser_{};
  bool ready_ = false;
};

// libyaml wants every event deleted, whatever becomes of the scan.
class Event {
 public:
  Event() = default;
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;
  ~Event() { yaml_event_delete(&raw); }

  yaml_event_t raw{};
};

std::string_view text_of(const yaml_event_t& event) {
  return {reinterpret_cast<const char*>(event.data.scalar.value), event.data.scalar.length};
}

// Neither quotes nor a tag keep the text from being resolved to null, a number or a truth value.
bool is_plain(const yaml_event_t& event) {
  return event.data.scalar.style == YAML_PLAIN_SCALAR_STYLE && event.data.scalar.tag == nullptr;
}

enum class Collection { mapping, sequence };

// A mapping or sequence that is open. The step to the value that is due stands beside it in path.
struct Level {
  Collection collection = Collection::mapping;
  bool expects_key = true;
  bool inside_key = false;  // It is, or lies in, a mapping's key: nothing in it is a value.
};

class Scan {
 public:
  explicit Scan(const std::function<void(const YamlValue&)>& visit) : visit_{visit} {}

  // "" to go on.
  std::string_view take(const yaml_event_t& event) {
    if (++events_ > max_yaml_events) return "more than 20000 nodes";
    switch (event.type) {
      case YAML_DOCUMENT_END_EVENT:
        ++document_;
        break;
      case YAML_SCALAR_EVENT:
        if (event.data.scalar.length > max_yaml_scalar_bytes) return "a value over 64 KiB";
        begin(event, YamlNode::scalar);
        end_of_node();
        break;
      case YAML_ALIAS_EVENT:
        begin(event, YamlNode::alias);
        end_of_node();
        break;
      case YAML_MAPPING_START_EVENT:
        return open(event, Collection::mapping);
      case YAML_SEQUENCE_START_EVENT:
        return open(event, Collection::sequence);
      case YAML_MAPPING_END_EVENT:
      case YAML_SEQUENCE_END_EVENT:
        close();
        break;
      default:
        break;
    }
    return "";
  }

 private:
  bool at_key() const {
    return !levels_.empty() && levels_.back().collection == Collection::mapping &&
           levels_.back().expects_key;
  }
  bool inside_key() const { return !levels_.empty() && levels_.back().inside_key; }

  // A key is noted in the path; a value is shown.
  void begin(const yaml_event_t& event, YamlNode node) {
    if (inside_key()) return;
    if (at_key()) {
      path_.back() = node == YamlNode::scalar
                         ? YamlStep{.type = YamlStep::Type::key, .key = std::string{text_of(event)}}
                         : YamlStep{.type = YamlStep::Type::opaque_key, .key = {}};
      return;
    }
    const bool scalar = node == YamlNode::scalar;
    visit_({.node = node,
            .path = path_,
            .text = scalar ? text_of(event) : std::string_view{},
            .plain = scalar && is_plain(event),
            .line = event.start_mark.line + 1,
            .document = document_});
  }

  void end_of_node() {
    if (levels_.empty()) return;
    Level& level = levels_.back();
    if (level.collection == Collection::mapping) {
      level.expects_key = !level.expects_key;
    } else {
      ++path_.back().index;
    }
  }

  std::string_view open(const yaml_event_t& event, Collection collection) {
    if (levels_.size() >= max_yaml_depth) return "nested deeper than 64";
    begin(event, collection == Collection::mapping ? YamlNode::mapping : YamlNode::sequence);
    levels_.push_back({.collection = collection, .inside_key = inside_key() || at_key()});
    const bool items = collection == Collection::sequence;
    path_.push_back({.type = items ? YamlStep::Type::item : YamlStep::Type::key, .key = {}});
    return "";
  }

  void close() {
    levels_.pop_back();
    path_.pop_back();
    end_of_node();
  }

  const std::function<void(const YamlValue&)>& visit_;
  std::vector<Level> levels_;
  std::vector<YamlStep> path_;
  std::size_t events_ = 0;
  std::size_t document_ = 0;
};

// libyaml compares each directive with all that came before: a file of nothing else takes minutes.
bool too_many_directives(std::string_view text) {
  // The last bytes of the line breaks that libyaml knows: LF, CR, NEL, LS and PS.
  constexpr std::string_view ends_line = "\n\r\x85\xA8\xA9";
  std::size_t directives = 0;
  for (std::size_t i = text.find('%'); i != text.npos; i = text.find('%', i + 1)) {
    const bool line_start = i == 0 || ends_line.find(text[i - 1]) != ends_line.npos;
    if (line_start && ++directives > max_yaml_directives) return true;
  }
  return false;
}

YamlScan stopped(std::size_t line, std::string_view why) {
  return {.problem = "line " + std::to_string(line) + ": " + std::string{why}};
}

}  // namespace

YamlScan scan_yaml(std::string_view text, const std::function<void(const YamlValue&)>& visit) {
  if (text.size() > max_yaml_bytes) return {.problem = "larger than 1 MiB"};
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  if (too_many_directives(text)) return {.problem = "more than 16 directives"};

  Parser parser{text};
  Scan scan{visit};
  for (bool more = true; more;) {
    Event event;
    if (!parser.next(event.raw)) {
      if (parser.out_of_memory()) return {.problem = "not enough memory to read it"};
      return stopped(parser.line(), "not valid YAML");
    }
    const std::string_view problem = scan.take(event.raw);
    if (!problem.empty()) return stopped(event.raw.start_mark.line + 1, problem);
    more = event.raw.type != YAML_STREAM_END_EVENT;
  }
  return {};
}

}  // namespace cfwarden
