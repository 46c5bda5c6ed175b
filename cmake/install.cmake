# What is installed where. By default all of `Unspecified` and zsh's completion. `service` is for the
# prefix /usr alone, since the units name /usr/bin/cfwarden and the program looks below /etc;
# `tarball` is what hosts without packages get.

set(data ${CMAKE_INSTALL_DATADIR}/cfwarden)
set(documentation ${CMAKE_INSTALL_DATADIR}/doc/cfwarden)

install(TARGETS cfwarden RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})

# The same in a package and in a tarball.
function(install_files)
  cmake_parse_arguments(wanted "" "DESTINATION;TARBALL" "FILES;OPTIONS" ${ARGN})
  install(FILES ${wanted_FILES} DESTINATION ${wanted_DESTINATION})
  install(FILES ${wanted_FILES} DESTINATION ${wanted_TARBALL} COMPONENT tarball EXCLUDE_FROM_ALL)
endfunction()

file(GLOB rule_files CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/rules/*.json ${PROJECT_SOURCE_DIR}/rules/README.md)
file(GLOB procedure_files CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/rules/procedures/*.json)
file(GLOB schema_files CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/packaging/schema/*.json)
set(pages_5 ${man_pages})
list(FILTER pages_5 INCLUDE REGEX "\\.5$")
set(pages_8 ${man_pages})
list(FILTER pages_8 INCLUDE REGEX "\\.8$")

install_files(FILES ${rule_files} DESTINATION ${data}/rules TARBALL rules)
install_files(FILES ${procedure_files} DESTINATION ${data}/rules/procedures
  TARBALL rules/procedures)
install_files(FILES ${schema_files} DESTINATION ${data}/schema TARBALL schema)
install_files(FILES ${completions_directory}/cfwarden
  DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions TARBALL completions)
# Debian's zsh looks for those of packages elsewhere.
install(FILES ${completions_directory}/_cfwarden
  DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/site-functions COMPONENT site_functions)
install(FILES ${completions_directory}/_cfwarden
  DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions
  COMPONENT vendor_completions EXCLUDE_FROM_ALL)
install(FILES ${completions_directory}/_cfwarden DESTINATION completions
  COMPONENT tarball EXCLUDE_FROM_ALL)
install_files(FILES ${completions_directory}/cfwarden.fish
  DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d TARBALL completions)

install(FILES ${pages_8} DESTINATION ${CMAKE_INSTALL_MANDIR}/man8)
install(FILES ${pages_5} DESTINATION ${CMAKE_INSTALL_MANDIR}/man5)
install(FILES ${man_pages} DESTINATION man COMPONENT tarball EXCLUDE_FROM_ALL)

set(settings ${PROJECT_SOURCE_DIR}/packaging/cfwarden.toml)
set(systemd ${PROJECT_SOURCE_DIR}/packaging/systemd)
file(GLOB units CONFIGURE_DEPENDS ${systemd}/*.service ${systemd}/*.timer)
install(FILES ${settings} DESTINATION /etc/cfwarden COMPONENT service EXCLUDE_FROM_ALL)
install(DIRECTORY DESTINATION /etc/cfwarden/rules.d COMPONENT service EXCLUDE_FROM_ALL)
install(DIRECTORY DESTINATION /etc/cfwarden/exceptions.d COMPONENT service EXCLUDE_FROM_ALL)
install(FILES ${units} DESTINATION lib/systemd/system COMPONENT service EXCLUDE_FROM_ALL)
install(FILES ${systemd}/cfwarden.sysusers.conf DESTINATION lib/sysusers.d RENAME cfwarden.conf
  COMPONENT service EXCLUDE_FROM_ALL)
install(DIRECTORY ${systemd}/drop-in DESTINATION ${documentation}/examples
  COMPONENT service EXCLUDE_FROM_ALL)

if(TARGET cfwarden_static)
  install(TARGETS cfwarden_static RUNTIME DESTINATION . COMPONENT tarball EXCLUDE_FROM_ALL)
endif()
install(FILES ${settings} README.md CHANGELOG.md LICENSE SECURITY.md DESTINATION .
  COMPONENT tarball EXCLUDE_FROM_ALL)
install(DIRECTORY ${systemd} DESTINATION . COMPONENT tarball EXCLUDE_FROM_ALL)
