# Run by cpack between laying out a package's files and packing them: what only packages have, and the
# same times everywhere.

set(staged ${CPACK_TEMPORARY_INSTALL_DIRECTORY})
if(NOT DEFINED ENV{SOURCE_DATE_EPOCH})
  message(FATAL_ERROR "SOURCE_DATE_EPOCH is not set: packaging/package sets it")
endif()

function(run)
  execute_process(COMMAND ${ARGN} COMMAND_ERROR_IS_FATAL ANY)
endfunction()

file(GLOB pages ${staged}/usr/share/man/*/*.[58])
run(gzip -9n ${pages})

if(CPACK_GENERATOR STREQUAL "DEB")
  set(documents ${staged}/usr/share/doc/cfwarden)
  execute_process(COMMAND date -u -R -d @$ENV{SOURCE_DATE_EPOCH}
    OUTPUT_VARIABLE date OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
  file(WRITE ${documents}/changelog.Debian
    "cfwarden (${CPACK_PACKAGE_VERSION}-${CPACK_DEBIAN_PACKAGE_RELEASE}) unstable; urgency=medium\n\n"
    "  * What changed is told by changelog.gz.\n\n"
    " -- ${CPACK_DEBIAN_PACKAGE_MAINTAINER}  ${date}\n")
  configure_file(${CPACK_CFWARDEN_SOURCE}/CHANGELOG.md ${documents}/changelog COPYONLY)
  run(gzip -9n ${documents}/changelog ${documents}/changelog.Debian)
  configure_file(${CPACK_CFWARDEN_SOURCE}/packaging/copyright ${documents}/copyright COPYONLY)
  configure_file(${CPACK_CFWARDEN_SOURCE}/packaging/deb/lintian-overrides
    ${staged}/usr/share/lintian/overrides/cfwarden COPYONLY)
elseif(CPACK_GENERATOR STREQUAL "RPM")
  configure_file(${CPACK_CFWARDEN_SOURCE}/README.md
    ${staged}/usr/share/doc/cfwarden/README.md COPYONLY)
  configure_file(${CPACK_CFWARDEN_SOURCE}/LICENSE
    ${staged}/usr/share/licenses/cfwarden/LICENSE COPYONLY)
endif()

run(find ${staged} -type d -exec chmod 0755 {} +)
run(find ${staged} -type f -perm /0111 -exec chmod 0755 {} +)
run(find ${staged} -type f ! -perm /0111 -exec chmod 0644 {} +)
run(find ${staged} -exec touch -h -d @$ENV{SOURCE_DATE_EPOCH} {} +)
