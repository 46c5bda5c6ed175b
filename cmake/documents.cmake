# Man pages and completions. What they list, the built program tells of itself, so that it is what the
# program has: packaging/describe and packaging/man make the rest of it.

set(CFWARDEN_DESCRIPTION "" CACHE FILEPATH
  "What `cfwarden describe` told elsewhere, where the build cannot run what it builds")

find_program(SCDOC scdoc REQUIRED)
set(describe ${PROJECT_SOURCE_DIR}/packaging/describe)
set(man ${PROJECT_SOURCE_DIR}/packaging/man)
set(man_directory ${PROJECT_BINARY_DIR}/man)
set(completions_directory ${PROJECT_BINARY_DIR}/completions)
file(MAKE_DIRECTORY ${man_directory}/parts ${completions_directory})

if(CFWARDEN_DESCRIPTION)
  set(description ${CFWARDEN_DESCRIPTION})
else()
  set(description ${PROJECT_BINARY_DIR}/description.tsv)
  add_custom_command(OUTPUT ${description} DEPENDS cfwarden
    COMMAND ${describe}/write ${description} $<TARGET_FILE:cfwarden> describe
    COMMENT "Asking the program what it has" VERBATIM)
endif()

# Writes `output` by the script packaging/describe/<script>.awk; the rest is for awk.
function(describe_as script output)
  add_custom_command(OUTPUT ${output}
    DEPENDS ${description} ${describe}/common.awk ${describe}/${script}.awk
    COMMAND ${describe}/write ${output} awk ${ARGN} -f ${describe}/common.awk
      -f ${describe}/${script}.awk ${description} VERBATIM)
endfunction()

describe_as(bash ${completions_directory}/cfwarden)
describe_as(zsh ${completions_directory}/_cfwarden)
describe_as(fish ${completions_directory}/cfwarden.fish)
add_custom_target(completions ALL DEPENDS ${completions_directory}/cfwarden
  ${completions_directory}/_cfwarden ${completions_directory}/cfwarden.fish)

foreach(part options facts rules)
  describe_as(man ${man_directory}/parts/${part}.scd -v part=${part})
endforeach()
set(schema ${PROJECT_SOURCE_DIR}/packaging/schema/cfwarden.report-1.schema.json)
set(schema_page ${PROJECT_SOURCE_DIR}/cmake/schema_page.cmake)
add_custom_command(OUTPUT ${man_directory}/parts/schema.scd DEPENDS ${schema} ${schema_page}
  COMMAND ${CMAKE_COMMAND} -D SCHEMA=${schema} -D OUTPUT=${man_directory}/parts/schema.scd
    -P ${schema_page} VERBATIM)

# Adds a page; the rest are the parts that it has.
set(man_pages "")
function(add_man_page name)
  list(TRANSFORM ARGN REPLACE "(.+)" "${man_directory}/parts/\\1.scd" OUTPUT_VARIABLE parts)
  add_custom_command(OUTPUT ${man_directory}/${name}
    DEPENDS ${man}/${name}.scd ${man}/render ${man}/tidy.awk ${parts}
    COMMAND ${man}/render ${SCDOC} ${man}/${name}.scd ${man_directory}/${name}
      ${man_directory}/parts VERBATIM)
  set(man_pages ${man_pages} ${man_directory}/${name} PARENT_SCOPE)
endfunction()

add_man_page(cfwarden.8 options)
add_man_page(cfwarden-rules.5 facts rules)
add_man_page(cfwarden-report.5 schema)
add_man_page(cfwarden.toml.5)
add_custom_target(man_pages ALL DEPENDS ${man_pages})
