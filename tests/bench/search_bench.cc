// How fast the whole table of anchors is looked for, by implementation and sort of text.
//
//   cmake --preset release && cmake --build --preset release --target search_bench &&
//     build/release/tests/bench/search_bench [MEBIBYTES [ROUNDS]]    64 of each text, 7 rounds
//
// GB/s of one thread, the best round of each. As in a sweep, the text is copied into one buffer of
// 256 KiB, piece by piece, and searched there; only the search is timed. The rounds take turns.
// Hyperscan takes part where it is installed.
#include "cfwarden/search/anchors.h"
#include "cfwarden/search/multi_search.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <random>
#include <string>
#include <vector>

#ifdef CFWARDEN_HYPERSCAN
#include <hs/hs.h>
#endif

using namespace cfwarden;

namespace {

constexpr std::size_t piece_size = 256 * 1024;

struct Text {
  std::string name;
  std::string bytes;
};

struct Contestant {
  std::string name;
  std::function<std::size_t(std::string_view)> count;  // Hits in a piece.
  bool counts_all = true;                              // Finds the same hits as all others.
};

// The files below a directory one behind the other.
std::string files_below(const std::vector<std::string>& roots, std::size_t size) {
  std::vector<std::string> paths;
  for (const std::string& root : roots) {
    std::error_code error;
    for (const auto& entry : std::filesystem::recursive_directory_iterator{root, error}) {
      if (entry.is_regular_file(error) && !entry.is_symlink()) paths.push_back(entry.path());
    }
  }
  std::ranges::sort(paths);
  std::shuffle(paths.begin(), paths.end(), std::mt19937_64{1});
  std::string bytes;
  for (const std::string& path : paths) {
    if (bytes.size() >= size) break;
    std::ifstream file{path, std::ios::binary};
    std::string content{std::istreambuf_iterator<char>{file}, {}};
    bytes.append(content, 0, std::min(content.size(), size / 8));
  }
  bytes.resize(std::min(bytes.size(), size));
  return bytes;
}

std::string random_letters(std::mt19937_64& random, std::size_t size, std::string_view alphabet) {
  std::string letters(size, '\0');
  for (char& letter : letters) letter = alphabet[random() % alphabet.size()];
  return letters;
}

constexpr std::string_view base64_alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

std::string repeated(std::size_t size, const std::function<std::string()>& next) {
  std::string bytes;
  while (bytes.size() < size) bytes += next();
  bytes.resize(size);
  return bytes;
}

std::vector<Text> all_texts(std::size_t size) {
  std::mt19937_64 random{5};
  const auto base64 = [&](std::size_t length) {
    return random_letters(random, length, base64_alphabet);
  };
  const auto number = [&](unsigned below) { return std::to_string(random() % below); };
  std::vector<Text> texts;
  texts.push_back({"/usr, text", files_below({"/usr/include", "/usr/lib/python3", "/usr/share/perl",
                                              "/usr/share/doc", "/usr/share/nodejs"},
                                             size)});
  texts.push_back({"/usr, programs", files_below({"/usr/bin", "/usr/lib/x86_64-linux-gnu"}, size)});
  texts.push_back({"log", repeated(size, [&] {
                     return "2026-09-01T12:" + number(60) + ":" + number(60) +
                            "Z INF Registered tunnel connection connIndex=" + number(4) +
                            " ip=198.41." + number(256) + "." + number(256) + " location=fra" +
                            number(20) + " protocol=quic\n";
                   })});
  texts.push_back({"log with JWTs", repeated(size, [&] {
                     return "{\"time\":\"2026-09-01T12:00:" + number(60) +
                            "Z\",\"authorization\":\"Bearer eyJhbGciOiJSUzI1NiIsImtpZCI6I" +
                            base64(20) + "fQ.eyJzdWIiOiI" + base64(300) + "." + base64(342) +
                            "\",\"status\":200}\n";
                   })});
  texts.push_back({"base64, lines of 76", repeated(size, [&] { return base64(76) + '\n'; })});
  texts.push_back({"JSON", repeated(size, [&] {
                     return "{\"id\":" + number(100000) + ",\"type\":\"tunnel\",\"name\":\"n" +
                            number(1000) +
                            "\",\"tags\":[\"a\",\"s\",\"t\"],\"created_at\":"
                            "\"2026-01-01T00:00:00Z\",\"secret\":null},\n";
                   })});
  texts.push_back({"random bytes", repeated(size, [&] {
                     const std::uint64_t bytes = random();
                     return std::string{reinterpret_cast<const char*>(&bytes), sizeof bytes};
                   })});
  // Without their eighth bits these are letters, digits and control characters.
  texts.push_back({"Cyrillic, UTF-8", repeated(size, [&] {
                     const auto letter = static_cast<char>(0x80 + random() % 0x40);
                     return random() % 6 == 0
                                ? std::string{' '}
                                : std::string{letter < '\xB0' ? '\xD1' : '\xD0', letter};
                   })});
  texts.push_back({"zeros", std::string(size, '\0')});
  texts.push_back({"one line of base64", repeated(size, [&] { return base64(4096); })});
  texts.push_back({"one line, minified", repeated(size, [&] {
                     return "function(e,t){var n=" + number(1000) +
                            ";return e.s?t.a(n):{\"a\":t,\"s\":e}};else{this.channel=" + number(9) +
                            "}";
                   })});
  return texts;
}

std::vector<Literal> literals_of(const std::vector<Anchor>& anchors) {
  std::vector<Literal> literals;
  for (const Anchor& anchor : anchors) {
    literals.push_back({.bytes = anchor.literal, .letter_case = anchor.letter_case});
  }
  return literals;
}

std::string name_of(Implementation implementation) {
  switch (implementation) {
    case Implementation::portable:
      return "portable";
    case Implementation::neon:
      return "neon";
    case Implementation::ssse3:
      return "ssse3";
    case Implementation::avx2:
      return "avx2";
    case Implementation::avx512:
      return "avx512";
  }
  return "?";
}

double seconds_to_build(std::span<const Literal> literals, Implementation implementation) {
  double least = 1e9;
  for (int i = 0; i < 20; ++i) {
    const auto start = std::chrono::steady_clock::now();
    const MultiSearch search{literals, implementation};
    const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
    least = std::min(least, taken.count());
  }
  return least;
}

std::size_t count_with_memmem(std::string_view text, std::span<const Literal> literals) {
  std::size_t hits = 0;
  for (const Literal& literal : literals) {
    std::string_view left = text;
    while (const void* const found =
               memmem(left.data(), left.size(), literal.bytes.data(), literal.bytes.size())) {
      ++hits;
      left.remove_prefix(static_cast<std::size_t>(static_cast<const char*>(found) - left.data()) +
                         1);
    }
  }
  return hits;
}

// The floor: a byte that hardly occurs.
std::size_t count_with_memchr(std::string_view text) {
  std::size_t hits = 0;
  while (const void* const found = std::memchr(text.data(), 0xFE, text.size())) {
    ++hits;
    text.remove_prefix(static_cast<std::size_t>(static_cast<const char*>(found) - text.data()) + 1);
  }
  return hits;
}

#ifdef CFWARDEN_HYPERSCAN
Contestant hyperscan(std::span<const Literal> literals) {
  std::vector<const char*> patterns;
  std::vector<std::size_t> sizes;
  std::vector<unsigned> flags;
  std::vector<unsigned> ids;
  for (const Literal& literal : literals) {
    ids.push_back(static_cast<unsigned>(ids.size()));
    patterns.push_back(literal.bytes.data());
    sizes.push_back(literal.bytes.size());
    flags.push_back(literal.letter_case == LetterCase::any ? HS_FLAG_CASELESS : 0U);
  }
  hs_database_t* database = nullptr;
  hs_compile_error_t* error = nullptr;
  hs_scratch_t* scratch = nullptr;
  if (hs_compile_lit_multi(patterns.data(), flags.data(), ids.data(), sizes.data(),
                           static_cast<unsigned>(ids.size()), HS_MODE_BLOCK, nullptr, &database,
                           &error) != HS_SUCCESS ||
      hs_alloc_scratch(database, &scratch) != HS_SUCCESS) {
    std::fprintf(stderr, "hyperscan: %s\n", error != nullptr ? error->message : "no scratch");
    std::exit(1);
  }
  const auto found = [](unsigned, unsigned long long, unsigned long long, unsigned, void* hits) {
    ++*static_cast<std::size_t*>(hits);
    return 0;
  };
  return {"hyperscan", [=](std::string_view text) {
            std::size_t hits = 0;
            hs_scan(database, text.data(), static_cast<unsigned>(text.size()), 0, scratch, found,
                    &hits);
            return hits;
          }};
}
#endif

std::vector<Contestant> all_contestants(std::span<const Literal> literals) {
  std::vector<Contestant> contestants;
  contestants.push_back({"memchr", count_with_memchr, false});
  for (const Implementation implementation : implementations()) {
    const MultiSearch search{literals, implementation};
    contestants.push_back({name_of(implementation), [search](std::string_view text) {
                             return search.hits_in(text).size();
                           }});
  }
#ifdef CFWARDEN_HYPERSCAN
  contestants.push_back(hyperscan(literals));
#endif
  contestants.push_back({"memmem each",
                         [=](std::string_view text) { return count_with_memmem(text, literals); },
                         false});
  return contestants;
}

struct Round {
  double seconds = 0;
  std::size_t hits = 0;
};

Round run(const Contestant& contestant, std::string_view text, std::vector<char>& piece) {
  Round round;
  for (; !text.empty(); text.remove_prefix(std::min(piece.size(), text.size()))) {
    const std::size_t size = text.copy(piece.data(), piece.size());
    const auto start = std::chrono::steady_clock::now();
    round.hits += contestant.count({piece.data(), size});
    const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
    round.seconds += taken.count();
  }
  return round;
}

void measure(const Text& text, const std::vector<Contestant>& contestants, int rounds) {
  std::vector<char> piece(piece_size);
  std::vector<double> best(contestants.size(), 1e9);
  std::size_t hits = 0;
  for (int i = 0; i < rounds; ++i) {
    for (std::size_t n = 0; n < contestants.size(); ++n) {
      // Literal by literal is two hundred times slower: one short look is enough.
      const bool is_slow = contestants[n].name == "memmem each";
      if (is_slow && i > 0) continue;
      const std::string_view searched{text.bytes.data(),
                                      is_slow ? text.bytes.size() / 16 : text.bytes.size()};
      const Round round = run(contestants[n], searched, piece);
      best[n] = std::min(best[n], round.seconds / static_cast<double>(searched.size()));
      if (!contestants[n].counts_all) continue;
      if (hits != 0 && hits != round.hits) {
        std::fprintf(stderr, "%s: %s finds %zu, not %zu\n", text.name.c_str(),
                     contestants[n].name.c_str(), round.hits, hits);
        std::exit(1);
      }
      hits = round.hits;
    }
  }
  std::printf("%-20s", text.name.c_str());
  for (const double seconds : best) std::printf("%14.2f", 1e-9 / seconds);
  std::printf("%10zu\n", hits);
}

}  // namespace

int main(int count, char** arguments) {
  const std::size_t mebibytes = count > 1 ? std::strtoul(arguments[1], nullptr, 10) : 64;
  const int rounds = count > 2 ? std::atoi(arguments[2]) : 7;
  const std::vector<Anchor> anchors = all_anchors();
  const std::vector<Literal> literals = literals_of(anchors);
  for (const Implementation implementation : implementations()) {
    std::printf("%s is built in %.0f us\n", name_of(implementation).c_str(),
                1e6 * seconds_to_build(literals, implementation));
  }
  const std::vector<Contestant> contestants = all_contestants(literals);
  std::printf("%zu literals, GB/s\n%-20s", literals.size(), "");
  for (const Contestant& contestant : contestants) std::printf("%14s", contestant.name.c_str());
  std::printf("%10s\n", "hits");
  for (const Text& text : all_texts(mebibytes << 20)) measure(text, contestants, rounds);
}
