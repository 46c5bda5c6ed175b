# Puts the windows by which all anchors are looked for into the program: to choose them takes more
# than a millisecond, which no sweep has to spend again.
#
# Supplies embed_windows(target): a source of it that is written by a program of the build, from
# the table of anchors. Where the build cannot run what it makes (CFWARDEN_CHOOSE_WINDOWS is OFF),
# the source names none, and each sweep chooses for itself.

set(can_run ON)
if(CMAKE_CROSSCOMPILING AND NOT CMAKE_CROSSCOMPILING_EMULATOR)
  set(can_run OFF)
endif()
option(CFWARDEN_CHOOSE_WINDOWS "Run a program of the build to choose what a sweep looks for first"
  ${can_run})

function(embed_windows target)
  set(generated ${PROJECT_BINARY_DIR}/generated/anchor_windows.cc)
  if(NOT CFWARDEN_CHOOSE_WINDOWS)
    file(CONFIGURE OUTPUT ${generated} @ONLY CONTENT
      "#include \"cfwarden/spots/anchor_windows.h\"\n
namespace cfwarden {\n
std::span<const WindowChoice> anchor_windows() {\n  return {};\n}\n
}  // namespace cfwarden\n")
  else()
    add_executable(choose_windows ${PROJECT_SOURCE_DIR}/cmake/choose_windows.cc)
    target_link_libraries(choose_windows PRIVATE cfwarden_search)
    add_custom_command(OUTPUT ${generated} DEPENDS choose_windows
      COMMAND choose_windows ${generated}
      COMMENT "Choosing the windows of all anchors" VERBATIM)
  endif()
  target_sources(${target} PRIVATE ${generated})
endfunction()
