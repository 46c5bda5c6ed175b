# Read by cpack once for each sort of package: which components it holds, and where.

list(GET CPACK_INSTALL_CMAKE_PROJECTS 0 build)
set(components Unspecified service site_functions)
if(CPACK_GENERATOR STREQUAL "DEB")
  set(components Unspecified service vendor_completions)
endif()

set(CPACK_INSTALL_CMAKE_PROJECTS "")
foreach(component IN LISTS components)
  list(APPEND CPACK_INSTALL_CMAKE_PROJECTS ${build} cfwarden ${component} /)
endforeach()

set(CPACK_SET_DESTDIR ON)
set(CPACK_INSTALL_PREFIX /usr)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
