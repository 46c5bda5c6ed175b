// Stands in for cloudflared in tests: takes its arguments, holds no tunnel, and says whether it can
// open the file that they name.
//
// For each line of standard input one line on standard output: "opened", or "refused" and errno.
// Ends with its input.
#include <fcntl.h>
#include <unistd.h>
#include <array>
#include <cerrno>
#include <cstdio>
#include <string>
#include <string_view>

namespace {

constexpr std::array<std::string_view, 4> flags{"--credentials-file", "--cred-file", "--token-file",
                                                "--origincert"};

// The value of the last of these flags; as `--flag value` or `--flag=value`.
std::string named_file(int count, char** arguments) {
  std::string file;
  for (int i = 1; i < count; ++i) {
    const std::string_view word = arguments[i];
    for (const std::string_view flag : flags) {
      if (word == flag && i + 1 < count) file = arguments[i + 1];
      if (word.starts_with(flag) && word.substr(flag.size()).starts_with('=')) {
        file = word.substr(flag.size() + 1);
      }
    }
  }
  return file;
}

}  // namespace

int main(int count, char** arguments) {
  const std::string file = named_file(count, arguments);
  for (int byte = std::getchar(); byte != EOF; byte = std::getchar()) {
    if (byte != '\n') continue;
    const int fd = open(file.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd >= 0) {
      std::puts("opened");
      close(fd);
    } else {
      std::printf("refused %d\n", errno);
    }
    std::fflush(stdout);
  }
  return 0;
}
