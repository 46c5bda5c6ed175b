# Every library under a name of ours, so that one place decides how it is linked.
#
# CFWARDEN_STATIC_LIBRARIES takes the distribution's static archives of what is not libc, so that
# the program is one file to copy; otherwise everything is linked as the distribution prefers.

function(add_library_name name)
  add_library(${name} INTERFACE)
  target_link_libraries(${name} INTERFACE ${ARGN})
endfunction()

# Sets `result` to the file of a library: its static archive or what the linker would take.
function(find_library_file result name)
  if(CFWARDEN_STATIC_LIBRARIES)
    set(file_names lib${name}.a)
  else()
    set(file_names ${name})
  endif()
  find_library(${result} NAMES ${file_names} REQUIRED)
endfunction()

set(OPENSSL_USE_STATIC_LIBS ${CFWARDEN_STATIC_LIBRARIES})
find_package(OpenSSL 3.0 REQUIRED COMPONENTS Crypto)
add_library_name(crypto_library OpenSSL::Crypto)
# The archive asks the processor for its features whenever a program starts; see fingerprint.cc.
if(CFWARDEN_STATIC_LIBRARIES AND CMAKE_SYSTEM_PROCESSOR STREQUAL "x86_64")
  target_link_options(crypto_library INTERFACE LINKER:--wrap=OPENSSL_cpuid_setup
    LINKER:--undefined=__wrap_OPENSSL_cpuid_setup)
endif()

set(Boost_USE_STATIC_LIBS ${CFWARDEN_STATIC_LIBRARIES})
find_package(Boost 1.74 REQUIRED COMPONENTS filesystem)
add_library_name(filesystem_library Boost::filesystem)

find_package(nlohmann_json 3.11 REQUIRED)
add_library_name(json_library nlohmann_json::nlohmann_json)

find_package(CLI11 2.1 REQUIRED)
add_library_name(cli_library CLI11::CLI11)

# Header-only, for the page of the format html.
find_path(MUSTACHE_INCLUDE_DIRECTORY kainjow/mustache.hpp REQUIRED)
add_library_name(mustache_library)
target_include_directories(mustache_library SYSTEM INTERFACE ${MUSTACHE_INCLUDE_DIRECTORY})

# Header-only: Debian ships no libfmt.a.
find_package(fmt 9 REQUIRED)
add_library_name(fmt_library fmt::fmt-header-only)

# Header-only: the package's own target would link its shared library. Its number reader is not
# libstdc++'s, which needs libm.
find_path(TOML_INCLUDE_DIRECTORY toml++/toml.h REQUIRED)
add_library_name(toml_library)
target_compile_definitions(toml_library INTERFACE TOML_HEADER_ONLY=1 TOML_FLOAT_CHARCONV=0)
target_include_directories(toml_library SYSTEM INTERFACE ${TOML_INCLUDE_DIRECTORY})

find_path(YAML_INCLUDE_DIRECTORY yaml.h REQUIRED)
find_library_file(YAML_LIBRARY_FILE yaml)
add_library_name(yaml_library ${YAML_LIBRARY_FILE})
target_include_directories(yaml_library SYSTEM INTERFACE ${YAML_INCLUDE_DIRECTORY})

# Archives, and what compresses them. Of the static archives of nettle nothing is linked, see
# library_stand_ins.cc, which has to come before them.
find_path(ARCHIVE_INCLUDE_DIRECTORY archive.h REQUIRED)
foreach(library archive z zstd lzma bz2)
  string(TOUPPER ${library}_LIBRARY_FILE file)
  find_library_file(${file} ${library})
endforeach()
add_library_name(archive_library ${ARCHIVE_LIBRARY_FILE} ${Z_LIBRARY_FILE} ${ZSTD_LIBRARY_FILE}
  ${LZMA_LIBRARY_FILE} ${BZ2_LIBRARY_FILE})
target_include_directories(archive_library SYSTEM INTERFACE ${ARCHIVE_INCLUDE_DIRECTORY})
if(CFWARDEN_STATIC_LIBRARIES)
  target_compile_definitions(archive_library INTERFACE CFWARDEN_LIBRARY_STAND_INS)
  target_link_options(archive_library INTERFACE LINKER:--undefined=lzma_crc64)
endif()
