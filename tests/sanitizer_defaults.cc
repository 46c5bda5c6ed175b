// Linked into the program in sanitizer builds only. The leak checker traces its own process, which
// the hardening of main() forbids on purpose; leaks are looked for in the unit tests instead.
extern "C" const char* __asan_default_options() {
  return "detect_leaks=0";
}
