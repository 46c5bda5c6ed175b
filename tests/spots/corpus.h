// The corpus beside this file: shapes of files with their invented secrets left out, so that none
// of them holds a token as it stands.
//
//   @NAME@, @NAME[from:to]@, @NAME|filter|filter@    what is put there; a name that is none of ours
//                                                    stands for itself; @@ is an @
#pragma once

#include "cfwarden/base/base64.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <map>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace cfwarden::corpus {

inline const std::string account = "9f3c0d5e7a1b2c4d6e8f90a1b2c3e1b0";
inline const std::string zone = "5b1e2d3c4b5a69788796a5b4c3d2e1f0";
inline const std::string tunnel = "6f1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d";
inline const std::string second_tunnel = "0a442b1c-3d4e-4f5a-9b6c-7d8e9f0a1b2c";
inline const std::string secret = "INVENTED/spots/x7Qp2vZk9LwRt4x7Qp2v";
inline const std::string second_secret = "INVENTED/second-spot/7Qp2vZk9LwRt4x";
inline const std::string api_token = "INVENTED-api-token-x7Qp2vZk9LwRt4x7Qp2vZ";

inline std::string token_json(const std::string& secret_bytes) {
  return R"({"a":")" + account + R"(","s":")" + base64_of(secret_bytes) + R"(","t":")" + tunnel +
         "\"}";
}

inline std::string credentials_json(const std::string& secret_bytes, const std::string& id) {
  return R"({"AccountTag":")" + account + R"(","TunnelSecret":")" + base64_of(secret_bytes) +
         R"(","TunnelID":")" + id + "\"}";
}

inline std::string folded(const std::string& text, std::size_t width) {
  std::string lines;
  for (std::size_t at = 0; at < text.size(); at += width) {
    if (at > 0) lines += '\n';
    lines += text.substr(at, width);
  }
  return lines;
}

inline std::string block(const std::string& label, const std::string& bytes) {
  return "-----BEGIN " + label + "-----\n" + folded(base64_of(bytes), 64) + "\n-----END " + label +
         "-----";
}

inline std::string certificate_json() {
  return R"({"zoneID":")" + zone + R"(","accountID":")" + account + R"(","apiToken":")" +
         api_token + "\"}";
}

// What cloudflared 2022.10.3 parses as a key and a certificate.
inline const std::string key_and_certificate =
    "-----BEGIN PRIVATE KEY-----\n"
    "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgSU5WRU5URUQtS0VZ\n"
    "LU9GLUNGV0FSREVOLVRFU1RTISGhRANCAASaF0fXtXJZrXeFETa0yp9wyFLWbrCx\n"
    "nvPebu5HH0HKIB1pp8dnPso8qy4Hey9Wz9FVUOtFlurj+f/O9w+bMsAk\n"
    "-----END PRIVATE KEY-----\n"
    "-----BEGIN CERTIFICATE-----\n"
    "MIIBfDCCASOgAwIBAgIUVzwPlaL5kxa89NvFllzgMdCjpMUwCgYIKoZIzj0EAwIw\n"
    "EzERMA8GA1UEAwwISU5WRU5URUQwIBcNMjYxMTIyMDMxMDM0WhgPMjEwOTAxMTEw\n"
    "MzEwMzRaMBMxETAPBgNVBAMMCElOVkVOVEVEMFkwEwYHKoZIzj0CAQYIKoZIzj0D\n"
    "AQcDQgAEmhdH17VyWa13hRE2tMqfcMhS1m6wsZ7z3m7uRx9ByiAdaafHZz7KPKsu\n"
    "B3svVs/RVVDrRZbq4/n/zvcPmzLAJKNTMFEwHQYDVR0OBBYEFHWpko/hxehqwOf4\n"
    "vTC+ePIECsx1MB8GA1UdIwQYMBaAFHWpko/hxehqwOf4vTC+ePIECsx1MA8GA1Ud\n"
    "EwEB/wQFMAMBAf8wCgYIKoZIzj0EAwIDRwAwRAIgbVRdY0AT2vaqiYih63H4TIfX\n"
    "SqrkfkzUWdOpbIp+ipcCIHFZaw0a0LJtU60jXGwR/F9Er8rAYugpkqK5X4hK8x2I\n"
    "-----END CERTIFICATE-----\n";

inline const std::map<std::string, std::string>& names() {
  const std::string token = base64_of(token_json(secret));
  const std::string published_bytes = "\1\2\3\4\5\6\7\10\1\2\3\4\5\6\7\10";
  static const std::map<std::string, std::string> all{
      {"ACCOUNT", account},
      {"TUNNEL", tunnel},
      {"TUNNEL2", second_tunnel},
      {"SECRET", base64_of(secret)},
      {"SECRET2", base64_of(second_secret)},
      {"TOKEN", token},
      {"DASHBOARD", base64_of(R"({"a":")" + account + R"(","t":")" + tunnel + R"(","s":")" +
                              base64_of("SU5WRU5URUQ-by-the-tests-of-cfwarden") + "\"}")},
      {"SLASHED", base64_of(R"({"a":")" + account + R"(","t":")" + tunnel + R"(","s":")" +
                            base64_of(secret) + R"(","e":"??>>~~??>>"})")},
      {"SPACED_TOKEN", base64_of(R"({"a": ")" + account + R"(", "t": ")" + tunnel + R"(", "s": ")" +
                                 base64_of(secret) + "\"}")},
      {"PRETTY_TOKEN", base64_of("{\n  \"a\": \"" + account + "\",\n  \"t\": \"" + tunnel +
                                 "\",\n  \"s\": \"" + base64_of(secret) + "\"\n}\n")},
      {"UPPER_TOKEN", base64_of(R"({"T":")" + tunnel + R"(","A":")" + account + R"(","S":")" +
                                base64_of(secret) + "\"}")},
      {"PUBLISHED", base64_of(token_json(published_bytes + published_bytes))},
      {"CREDENTIALS", credentials_json(secret, tunnel)},
      {"CREDENTIALS2", credentials_json(second_secret, second_tunnel)},
      {"CERTIFICATE", block("ARGO TUNNEL TOKEN", certificate_json())},
      {"CERTIFICATE_BODY", base64_of(certificate_json())},
      {"LEGACY", key_and_certificate + block("WARP TOKEN", zone + "\n" + api_token)},
      {"COMMAND", "cloudflared tunnel run --token " + token},
      {"UNIT",
       "[Unit]\nDescription=a tunnel, and enough words to fill a few lines of base64\n\n"
       "[Service]\nExecStart=/usr/bin/cloudflared tunnel run --token " +
           token + "\n# " + credentials_json(second_secret, second_tunnel) + "\n"},
  };
  return all;
}

inline std::string each(const std::string& text,
                        const std::function<std::string(unsigned char)>& write) {
  std::string written;
  for (const char byte : text) written += write(static_cast<unsigned char>(byte));
  return written;
}

inline std::string replaced(const std::string& text, const std::map<char, std::string>& by) {
  return each(text, [&by](unsigned char byte) {
    const auto found = by.find(static_cast<char>(byte));
    return found == by.end() ? std::string(1, static_cast<char>(byte)) : found->second;
  });
}

inline std::string percent_encoded(const std::string& text, const std::string& blank) {
  return each(text, [&blank](unsigned char byte) {
    constexpr std::string_view hex = "0123456789ABCDEF";
    const bool is_plain = std::isalnum(byte) != 0 || byte == '-' || byte == '_' || byte == '.';
    if (is_plain) return std::string(1, static_cast<char>(byte));
    if (byte == ' ') return blank;
    return std::string{'%', hex[byte >> 4], hex[byte & 15]};
  });
}

inline std::string with_each_line(const std::string& text, const std::string& before,
                                  const std::string& behind) {
  std::istringstream lines{text};
  std::string joined;
  for (std::string line; std::getline(lines, line);) {
    if (!joined.empty()) joined += '\n';
    joined += before + line + behind;
  }
  return joined;
}

// As a mail has it: no line is longer than 76 letters.
inline std::string quoted_printable(const std::string& text) {
  constexpr std::size_t longest = 76;
  std::string lines;
  std::size_t letters = 0;
  for (const char byte : text) {
    const std::string written = byte == '=' ? "=3D" : std::string(1, byte);
    if (letters + written.size() >= longest) {
      lines += "=\n";
      letters = 0;
    }
    lines += written;
    letters = byte == '\n' ? 0 : letters + written.size();
  }
  return lines;
}

enum class Ends { little, big };

// Of UTF-8 text in the first plane, without a byte order mark.
inline std::string utf16(std::string_view text, Ends ends) {
  std::string units;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    unsigned unit = byte(at);
    if (unit >= 0xe0) {
      unit = (unit & 0x0fU) << 12 | (byte(at + 1) & 0x3fU) << 6 | (byte(at + 2) & 0x3fU);
      at += 2;
    } else if (unit >= 0xc0) {
      unit = (unit & 0x1fU) << 6 | (byte(at + 1) & 0x3fU);
      at += 1;
    }
    const char low = static_cast<char>(unit & 0xff);
    const char high = static_cast<char>(unit >> 8);
    units += ends == Ends::little ? std::string{low, high} : std::string{high, low};
  }
  return units;
}

inline std::string utf16_file(std::string_view text, Ends ends) {
  std::string file = ends == Ends::little ? "\xff\xfe" : "\xfe\xff";
  file.append(utf16(text, ends));
  return file;
}

inline std::string filtered(const std::string& text, const std::string& filter) {
  const std::string name = filter.substr(0, filter.find(':'));
  const std::string value =
      filter.find(':') == std::string::npos ? "" : filter.substr(filter.find(':') + 1);
  if (name == "b64") return base64_of(text);
  if (name == "unpad") return text.substr(0, text.find('='));
  if (name == "fold") return folded(text, std::stoul(value));
  if (name == "indent") return with_each_line(text, std::string(std::stoul(value), ' '), "");
  if (name == "prefix") return with_each_line(text, value, "");
  if (name == "quote") return with_each_line(text, "    \"", "\\n\"");
  if (name == "json") return replaced(text, {{'"', "\\\""}, {'\\', "\\\\"}, {'\n', "\\n"}});
  if (name == "json-crlf") return replaced(text, {{'"', "\\\""}, {'\\', "\\\\"}, {'\n', "\\r\\n"}});
  if (name == "csv") return replaced(text, {{'"', "\"\""}});
  if (name == "entities") return replaced(text, {{'"', "&quot;"}, {'&', "&amp;"}, {'<', "&lt;"}});
  if (name == "unicode") return replaced(text, {{'=', "\\u003d"}, {'+', "\\u002b"}});
  if (name == "slashes") return replaced(text, {{'/', "\\/"}});
  if (name == "url") return replaced(text, {{'/', "_"}, {'+', "-"}});
  if (name == "percent") return percent_encoded(text, "%20");
  if (name == "form") return percent_encoded(text, "+");
  if (name == "qp") return quoted_printable(text);
  if (name == "utf16") return utf16(text, Ends::little);
  FAIL("no such filter: " << filter);
  return {};
}

inline std::string value_of(const std::string& expression) {
  std::vector<std::string> parts;
  std::istringstream stream{expression};
  for (std::string part; std::getline(stream, part, '|');) parts.push_back(part);
  std::string name = parts.front();
  const std::size_t slice = name.front() == '[' ? std::string::npos : name.find('[');
  const auto found = names().find(name.substr(0, slice));
  std::string text = found == names().end() ? name : found->second;
  if (found != names().end() && slice != std::string::npos) {
    const std::size_t colon = name.find(':', slice);
    const std::string from = name.substr(slice + 1, colon - slice - 1);
    const std::string to = name.substr(colon + 1, name.size() - colon - 2);
    const long end = to.empty() ? static_cast<long>(text.size()) : std::stol(to);
    const std::size_t begin = from.empty() ? 0 : std::stoul(from);
    const auto last =
        static_cast<std::size_t>(end < 0 ? end + static_cast<long>(text.size()) : end);
    text = text.substr(begin, last - begin);
  }
  for (std::size_t i = 1; i < parts.size(); ++i) text = filtered(text, parts[i]);
  return text;
}

inline std::string expanded(const std::string& shape) {
  std::string text;
  for (std::size_t at = 0; at < shape.size();) {
    const std::size_t open = std::min(shape.find('@', at), shape.size());
    text += shape.substr(at, open - at);
    if (open == shape.size()) break;
    const std::size_t close = shape.find('@', open + 1);
    REQUIRE(close != std::string::npos);
    text += close == open + 1 ? "@" : value_of(shape.substr(open + 1, close - open - 1));
    at = close + 1;
  }
  return text;
}

inline std::string bytes_of(const std::filesystem::path& path) {
  std::ifstream file{path, std::ios::binary};
  REQUIRE(file);
  return {std::istreambuf_iterator<char>{file}, {}};
}

inline std::filesystem::path directory() {
  return std::filesystem::path{CFWARDEN_TEST_DIR} / "spots" / "corpus";
}

struct Expected {
  std::string kind;
  std::size_t line = 0;
  std::string scope;
  std::string wrappings;
};

struct Shape {
  std::string file;
  std::string path;
  std::string carrier;
  std::vector<Expected> expected;
  std::string text;
};

inline std::vector<Shape> shapes() {
  std::vector<Shape> all;
  std::istringstream rows{bytes_of(directory() / "shapes.tsv")};
  for (std::string row; std::getline(rows, row);) {
    if (row.starts_with('#')) continue;
    std::vector<std::string> fields;
    std::istringstream stream{row};
    for (std::string field; std::getline(stream, field, '\t');) fields.push_back(field);
    REQUIRE(fields.size() == 7);
    if (all.empty() || all.back().file != fields[0]) {
      all.push_back({fields[0],
                     fields[1],
                     fields[2],
                     {},
                     expanded(bytes_of(directory() / "shapes" / fields[0]))});
    }
    all.back().expected.push_back({fields[3], std::stoul(fields[4]), fields[5], fields[6]});
  }
  return all;
}

struct NearMiss {
  std::string file;
  std::string text;
};

inline std::vector<NearMiss> near_misses() {
  std::vector<NearMiss> all;
  for (const auto& entry : std::filesystem::directory_iterator{directory() / "near_misses"}) {
    all.push_back({entry.path().filename().string(), expanded(bytes_of(entry.path()))});
  }
  std::ranges::sort(all, {}, &NearMiss::file);
  return all;
}

}  // namespace cfwarden::corpus
