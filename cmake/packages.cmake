# cpack: a .deb and an .rpm of a build of the preset `release`. packaging/package calls it;
# cmake/package_layout.cmake says what each of them holds, and cmake/package_finish.cmake makes them
# the same on every machine.

set(CFWARDEN_MAINTAINER "cfwarden developers <cfwarden@example.org>" CACHE STRING
  "Who answers for packages that are built here: name and address")

set(CPACK_PACKAGE_NAME cfwarden)
set(CPACK_PACKAGE_VENDOR "cfwarden developers")
set(CPACK_PACKAGE_CONTACT "${CFWARDEN_MAINTAINER}")
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "auditor and hardener of Cloudflare Tunnel credentials")
string(CONCAT CPACK_PACKAGE_DESCRIPTION
  "cfwarden finds the credentials of cloudflared on a host and says of each one\n"
  "what it can do, who can read it, which services need it and what is wrong.\n"
  "It closes what is too open without stopping a tunnel, and takes that back.\n"
  "It never shows a secret and never uses the network.")
set(CPACK_GENERATOR "DEB;RPM")
set(CPACK_PACKAGE_DIRECTORY ${PROJECT_BINARY_DIR}/packages)
set(CPACK_PACKAGE_CHECKSUM SHA256)
set(CPACK_STRIP_FILES ON)
set(CPACK_VERBATIM_VARIABLES ON)
set(CPACK_PROJECT_CONFIG_FILE ${PROJECT_SOURCE_DIR}/cmake/package_layout.cmake)
set(CPACK_PRE_BUILD_SCRIPTS ${PROJECT_SOURCE_DIR}/cmake/package_finish.cmake)
set(CPACK_CFWARDEN_SOURCE ${PROJECT_SOURCE_DIR})

set(scripts ${PROJECT_SOURCE_DIR}/packaging)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
# A package of the distribution's own would be -1, and go before this one.
set(CPACK_DEBIAN_PACKAGE_RELEASE 0upstream1)
set(CPACK_DEBIAN_PACKAGE_MAINTAINER "${CFWARDEN_MAINTAINER}")
set(CPACK_DEBIAN_PACKAGE_SECTION admin)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
# Packed relocations are no symbol, and so none that shlibdeps sees.
set(CPACK_DEBIAN_PACKAGE_DEPENDS "libc6 (>= 2.36)")
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA
  "${scripts}/deb/postinst;${scripts}/deb/prerm;${scripts}/deb/postrm;${scripts}/deb/conffiles")
set(CPACK_DEBIAN_COMPRESSION_TYPE xz)

set(CPACK_RPM_FILE_NAME RPM-DEFAULT)
set(CPACK_RPM_PACKAGE_LICENSE Apache-2.0)
set(CPACK_RPM_PACKAGE_SUMMARY "Auditor and hardener of Cloudflare Tunnel credentials")
set(CPACK_RPM_PACKAGE_DESCRIPTION "${CPACK_PACKAGE_DESCRIPTION}")
set(CPACK_RPM_PACKAGE_RELOCATABLE OFF)
set(CPACK_RPM_PACKAGE_GROUP "Applications/System")
set(CPACK_RPM_PACKAGE_RELEASE 1)
set(CPACK_RPM_POST_INSTALL_SCRIPT_FILE ${scripts}/rpm/post)
set(CPACK_RPM_PRE_UNINSTALL_SCRIPT_FILE ${scripts}/rpm/preun)
set(CPACK_RPM_POST_UNINSTALL_SCRIPT_FILE ${scripts}/rpm/postun)
set(CPACK_RPM_USER_FILELIST "%config(noreplace) /etc/cfwarden/cfwarden.toml"
  "%doc %{_docdir}/cfwarden/README.md" "%license %{_datadir}/licenses/cfwarden/LICENSE")
set(CPACK_RPM_EXCLUDE_FROM_AUTO_FILELIST_ADDITION
  /etc /usr/lib/systemd /usr/lib/systemd/system /usr/lib/sysusers.d /usr/share/licenses
  /usr/share/bash-completion /usr/share/bash-completion/completions
  /usr/share/fish /usr/share/fish/vendor_completions.d
  /usr/share/zsh /usr/share/zsh/site-functions
  /usr/share/man /usr/share/man/man5 /usr/share/man/man8)
string(CONCAT CPACK_RPM_SPEC_MORE_DEFINE
  "%define packager ${CFWARDEN_MAINTAINER}\n"
  "%define _build_id_links none\n"
  "%define _buildhost reproducible\n"
  "%define use_source_date_epoch_as_buildtime 1\n"
  "%define clamp_mtime_to_source_date_epoch 1\n"
  "%define __os_install_post %{nil}")

include(CPack)
