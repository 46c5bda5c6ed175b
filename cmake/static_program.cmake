# The target cfwarden_static: the same program with libc in it, for hosts of any distribution.
#
# It loads nothing, so it cannot ask name services: what stands in for them says so. It is not built
# unless it is asked for, and only where the other libraries are linked statically.

if(NOT CFWARDEN_STATIC_LIBRARIES)
  return()
endif()

add_executable(cfwarden_static EXCLUDE_FROM_ALL src/host/static/name_services.cc)
target_link_libraries(cfwarden_static PRIVATE cfwarden_cli)
# cmake's own -pie would ask for a program that loads libc.
set_property(TARGET cfwarden_static PROPERTY POSITION_INDEPENDENT_CODE)
target_compile_options(cfwarden_static PRIVATE -fPIE)
target_link_options(cfwarden_static PRIVATE -static-pie)
set_target_properties(cfwarden_static PROPERTIES OUTPUT_NAME cfwarden CFWARDEN_WITH_LIBC ON
  LINK_SEARCH_START_STATIC ON LINK_SEARCH_END_STATIC ON
  RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/static)
order_functions(cfwarden_static)
