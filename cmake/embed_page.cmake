# Puts the page of the format html into the program: writes a source of cfwarden_output that holds
# src/output/html/page.mustache with its style and its script in it, and the hashes of both, which
# are all that its Content-Security-Policy lets in.
#
# Included from the top CMakeLists.txt, it supplies embed_page(target). Run by the build as
#   cmake -D OUTPUT=... -D PAGE=DIRECTORY -P embed_page.cmake
# it writes that source.

if(NOT CMAKE_SCRIPT_MODE_FILE)
  function(embed_page target)
    set(script ${PROJECT_SOURCE_DIR}/cmake/embed_page.cmake)
    set(page ${PROJECT_SOURCE_DIR}/src/output/html)
    set(generated ${PROJECT_BINARY_DIR}/generated/html_page.cc)
    add_custom_command(OUTPUT ${generated}
      DEPENDS ${page}/page.mustache ${page}/style.css ${page}/script.js ${script}
      COMMAND ${CMAKE_COMMAND} -D OUTPUT=${generated} -D PAGE=${page} -P ${script}
      COMMENT "Embedding the page" VERBATIM)
    target_sources(${target} PRIVATE ${generated})
  endfunction()
  return()
endif()

# Standard base64 of bytes that are written in hexadecimal.
function(base64_of hex result)
  set(alphabet ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/)
  set(text "")
  string(LENGTH "${hex}" length)
  set(at 0)
  while(at LESS length)
    string(SUBSTRING "${hex}0000" ${at} 6 group)
    foreach(shift 18 12 6 0)
      math(EXPR index "(0x${group} >> ${shift}) & 63")
      string(SUBSTRING ${alphabet} ${index} 1 letter)
      string(APPEND text ${letter})
    endforeach()
    math(EXPR at "${at} + 6")
  endwhile()
  # What was filled up with zeros is written as padding.
  math(EXPR missing "(${at} - ${length}) / 2")
  string(LENGTH "${text}" length)
  math(EXPR kept "${length} - ${missing}")
  string(SUBSTRING "${text}" 0 ${kept} text)
  string(REPEAT "=" ${missing} padding)
  set(${result} "${text}${padding}" PARENT_SCOPE)
endfunction()

file(READ ${PAGE}/page.mustache page)
foreach(part STYLE:style.css SCRIPT:script.js)
  string(REPLACE ":" ";" part ${part})
  list(GET part 0 name)
  list(GET part 1 file)
  file(READ ${PAGE}/${file} text)
  string(FIND "${text}" "{{" opening)
  string(FIND "${text}" "</" closing)
  if(NOT opening EQUAL -1 OR NOT closing EQUAL -1)
    message(FATAL_ERROR "${PAGE}/${file} holds {{ or </, which mean something to the page")
  endif()
  file(SHA256 ${PAGE}/${file} hash)
  base64_of(${hash} hash)
  string(REPLACE "@${name}_HASH@" "${hash}" page "${page}")
  string(REPLACE "@${name}@" "${text}" page "${page}")
endforeach()

# A raw string literal of g++ and clang holds any text but its own end.
string(FIND "${page}" ")cfwarden\"" at)
if(NOT at EQUAL -1)
  message(FATAL_ERROR "the page holds )cfwarden\"")
endif()
file(WRITE ${OUTPUT} "// Written by cmake/embed_page.cmake from src/output/html.
#include \"cfwarden/output/html_page.h\"

namespace cfwarden {

std::string_view html_page() {
  return R\"cfwarden(${page})cfwarden\";
}

}  // namespace cfwarden
")
