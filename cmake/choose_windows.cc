// Run by the build (cmake/embed_windows.cmake): writes the source of anchor_windows().
//
// Usage: choose_windows OUTPUT
#include "cfwarden/search/anchors.h"

#include <fstream>
#include <vector>

int main(int count, char** arguments) {
  using namespace cfwarden;
  if (count != 2) return 2;
  const std::vector<Anchor> anchors = all_anchors();

  std::ofstream out{arguments[1]};
  out << "// Written by cmake/choose_windows.cc from the table of anchors.\n"
         "#include \"cfwarden/spots/anchor_windows.h\"\n\n"
         "namespace cfwarden {\n\n"
         "std::span<const WindowChoice> anchor_windows() {\n"
         "  static constexpr WindowChoice windows[] = {\n";
  for (const WindowChoice& choice : choose_windows(literals_of(anchors))) {
    out << "      {" << choice.shift << ", " << unsigned{choice.bucket} << "},\n";
  }
  out << "  };\n  return windows;\n}\n\n}  // namespace cfwarden\n";
  return out.flush() ? 0 : 1;
}
