# Puts rules/*.json, each a rule, and their procedures into the program: writes a source of cfwarden_rules that holds their bytes.
#
# Included from the top CMakeLists.txt, it supplies embed_rules(target). Run by the build as
#   cmake -D OUTPUT=... -D RULES=DIRECTORY -P embed_rules.cmake
# it writes that source.

if(NOT CMAKE_SCRIPT_MODE_FILE)
  function(embed_rules target)
    set(script ${PROJECT_SOURCE_DIR}/cmake/embed_rules.cmake)
    set(generated ${PROJECT_BINARY_DIR}/generated/built_in_rules.cc)
    file(GLOB rules CONFIGURE_DEPENDS
      ${PROJECT_SOURCE_DIR}/rules/*.json ${PROJECT_SOURCE_DIR}/rules/procedures/*.json
      ${PROJECT_SOURCE_DIR}/rules/profiles/*.json)
    add_custom_command(OUTPUT ${generated} DEPENDS ${rules} ${script}
      COMMAND ${CMAKE_COMMAND} -D OUTPUT=${generated} -D RULES=${PROJECT_SOURCE_DIR}/rules
        -P ${script}
      COMMENT "Embedding the rules" VERBATIM)
    target_sources(${target} PRIVATE ${generated})
  endfunction()
  return()
endif()

# A raw string literal of g++ and clang holds any text but its own end.
set(open "R\"cfwarden(")
set(close ")cfwarden\"")
function(literal_of path result)
  file(READ ${path} bytes)
  string(FIND "${bytes}" "${close}" at)
  if(NOT at EQUAL -1)
    message(FATAL_ERROR "${path} holds ${close}")
  endif()
  set(${result} "${open}${bytes}${close}" PARENT_SCOPE)
endfunction()

# The words of the rule's condition on `subject`, each with a space behind it; all rules have one.
# None of a rule that is off: only with a profile that asks it is it read at all.
function(subjects_of path result)
  file(READ ${path} bytes)
  string(JSON enabled ERROR_VARIABLE without GET "${bytes}" enabled)
  if(without STREQUAL "NOTFOUND" AND NOT enabled)
    set(${result} "" PARENT_SCOPE)
    return()
  endif()
  string(JSON count LENGTH "${bytes}" when subject any_of)
  math(EXPR last "${count} - 1")
  set(words "")
  foreach(index RANGE ${last})
    string(JSON word GET "${bytes}" when subject any_of ${index})
    string(APPEND words "${word} ")
  endforeach()
  set(${result} "${words}" PARENT_SCOPE)
endfunction()

file(GLOB files ${RULES}/*.json)
list(SORT files)
set(rows "")
foreach(path IN LISTS files)
  get_filename_component(name ${path} NAME)
  literal_of(${path} literal)
  subjects_of(${path} subjects)
  string(APPEND rows "      {\"built in: rules/${name}\", \"${subjects}\", ${literal}},\n")
endforeach()
literal_of(${RULES}/procedures/procedures.json procedures)

file(GLOB files ${RULES}/profiles/*.json)
list(SORT files)
set(profiles "")
foreach(path IN LISTS files)
  get_filename_component(name ${path} NAME_WE)
  literal_of(${path} literal)
  string(APPEND profiles
    "      {\"${name}\", \"built in: rules/profiles/${name}.json\", ${literal}},\n")
endforeach()

file(WRITE ${OUTPUT} "// Written by cmake/embed_rules.cmake from rules/*.json.
#include \"cfwarden/rules/procedures.h\"
#include \"cfwarden/rules/profile.h\"

namespace cfwarden {

std::span<const BuiltInRule> built_in_rules() {
  static constexpr BuiltInRule rules[] = {
${rows}  };
  return rules;
}

std::span<const BuiltInProfile> built_in_profiles() {
  static constexpr BuiltInProfile profiles[] = {
${profiles}  };
  return profiles;
}

BuiltInRule built_in_procedures() {
  return {\"built in: rules/procedures/procedures.json\", \"\", ${procedures}};
}

}  // namespace cfwarden
")
