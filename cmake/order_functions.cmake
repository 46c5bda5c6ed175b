# Lays the functions that a start runs side by side, so that it maps few pages of the program: else
# they are strewn over all of it, and the kernel maps 64 KiB around each.
#
# Supplies order_functions(target): the functions of cmake/start_functions.txt first, in its order,
# where the program is built to be shipped.
# That file is written by tests/bench/start_functions; a name in it that is no more does no harm.
# With another linker than GNU's the order stays as it is.

function(order_functions target)
  execute_process(COMMAND ${CMAKE_LINKER} --verbose -pie -z relro -z now
    OUTPUT_VARIABLE script ERROR_QUIET)
  set(fence "==================================================\n")
  set(first "*(.text.unlikely ")
  string(FIND "${script}" "${fence}" begin)
  string(FIND "${script}" "${fence}" end REVERSE)
  string(FIND "${script}" "${first}" anchor)
  if(begin EQUAL end OR anchor EQUAL -1)
    message(STATUS "The order of functions is left to ${CMAKE_LINKER}")
    return()
  endif()
  string(LENGTH "${fence}" fence_length)
  math(EXPR begin "${begin} + ${fence_length}")
  math(EXPR length "${end} - ${begin}")
  string(SUBSTRING "${script}" ${begin} ${length} script)

  set(names ${PROJECT_SOURCE_DIR}/cmake/start_functions.txt)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${names})
  file(STRINGS ${names} functions REGEX "^[^#]")
  # What the compiler split off a function follows it under its name and a suffix.
  list(TRANSFORM functions REPLACE "(.+)" "*(.text.\\1 .text.\\1.*)")
  list(JOIN functions "\n    " functions)
  string(REPLACE "${first}" "*(.text.startup .text.startup.*)\n    ${functions}\n    ${first}"
    script "${script}")
  set(ordered ${PROJECT_BINARY_DIR}/generated/ordered.ld)
  file(CONFIGURE OUTPUT ${ordered} CONTENT "${script}" @ONLY)
  target_link_options(${target} PRIVATE $<${shipped}:LINKER:-T,${ordered}>)
  set_property(TARGET ${target} APPEND PROPERTY LINK_DEPENDS ${ordered})
endfunction()
