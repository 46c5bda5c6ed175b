#!/bin/bash
# Which file may include what. Prints file:line for each violation; exit 1 when there is one.
#
#   tests/layering.sh [TREE]        checks TREE (default: the tree this script lies in)
#   tests/layering.sh --self-check  breaks every rule in a tree of its own, and expects to be told
#
# To add an edge or a library, add it to a table below and say why in the commit.
set -euo pipefail

# Floor: the floors below it that it may include, besides itself.
declare -A floors=(
  [base]=''
  [model]=''
  [kinds]='model base'
  [carriers]='model base'
  [exposure]='model base'
  [needs]='model base'
  [search]='model base'
  [spots]='search kinds model base'
  [rules]='model base'
  [remedy]='exposure model base'
  [output]='model base'
  [host]='spots search kinds carriers exposure needs model base'
  [archives]=''
  [sweep]='host archives spots search kinds carriers model base'
  [mend]='host remedy exposure model base'
  [app]='mend sweep host spots search rules remedy output needs exposure kinds carriers model base'
  [cli]='app mend sweep host spots search rules remedy output needs exposure kinds carriers model base'
)

# Floor: the libraries whose headers its sources may include, as prefixes of the include.
# base: of OpenSSL the hash and the wiping only, since every start pays for the rest where it is
# linked statically; yaml.h for the event reader.
# cli: Boost.Filesystem to make PATH arguments absolute.
# search: no library, only what compilers bring for the vector instructions of their processor.
# sweep: its processes look for what search and spots know, and tell it in words of kinds.
# archives: libarchive for tar and zip, and what takes the compression off a stream, below our own
# limits. None of it may come near the process that reads everything.
# output: kainjow's mustache fills the template of the page.
# remedy: who loses and who keeps access is exposure's question, asked of a file as it will be.
# mend: its journal is JSON of our own, checked by Boost's CRC-32.
declare -A libraries=(
  [base]='openssl/crypto.h openssl/sha.h yaml.h'
  [model]=''
  [kinds]=''
  [carriers]=''
  [exposure]=''
  [needs]=''
  [search]='immintrin.h cpuid.h arm_neon.h'
  [spots]=''
  [rules]='nlohmann/'
  [remedy]=''
  [output]='nlohmann/ fmt/ kainjow/'
  [host]='boost/filesystem toml++/ fmt/'
  [archives]='archive.h archive_entry.h zlib.h zstd.h zstd_errors.h lzma.h bzlib.h'
  [sweep]=''
  [mend]='nlohmann/ boost/crc'
  [app]='fmt/'
  [cli]='CLI/ fmt/ boost/filesystem'
)

# Headers of libraries, in any floor; everything else in <> is the standard library or the system.
all_libraries='openssl/ yaml.h nlohmann/ fmt/ boost/ toml++/ CLI/ kainjow/ doctest/ immintrin.h cpuid.h arm_neon.h
  archive.h archive_entry.h zlib.h zstd.h zstd_errors.h lzma.h bzlib.h'
# What a header of ours may take from the system: the standard library only, which has no slash and
# no .h.
system_floors='base host archives sweep mend cli'

violations=0

report() {  # file:line, what is wrong
  echo "$1: $2"
  violations=$((violations + 1))
}

has_prefix_of() {  # text, list of prefixes
  local prefix
  for prefix in $2; do [[ $1 == "$prefix"* ]] && return 0; done
  return 1
}

is_one_of() {  # word, list
  [[ " $2 " == *" $1 "* ]]
}

check_our_include() {  # file, place, floor, included path after cfwarden/
  local file=$1 place=$2 floor=$3 wanted=$4 target=${4%%/*}
  if [[ $target != "$floor" ]] && ! is_one_of "$target" "${floors[$floor]}"; then
    report "$place" "$floor must not include $target (cfwarden/$wanted)"
  fi
  if [[ $target == mend ]] && ! may_change_the_host "$file"; then
    report "$place" "only what repairs may include cfwarden/$wanted: looking must not change anything"
  fi
}

may_change_the_host() {  # file
  case $1 in
    */mend/*) return 0 ;;
    */app/repair* | */app/undo* | */app/move_token*) return 0 ;;
    */app/records* | */app/restoration*) return 0 ;;
    */cli/fix_command.cc | */cli/undo_command.cc) return 0 ;;
    *) return 1 ;;
  esac
}

check_system_include() {  # file, place, floor, included name
  local file=$1 place=$2 floor=$3 wanted=$4
  if has_prefix_of "$wanted" "$all_libraries"; then
    if [[ $file == *.h ]]; then
      report "$place" "headers do not include libraries (<$wanted>)"
    elif ! has_prefix_of "$wanted" "${libraries[$floor]}"; then
      report "$place" "$floor must not use <$wanted>"
    fi
  elif [[ $wanted == *.h || $wanted == */* ]]; then
    if [[ $file == *.h ]]; then
      report "$place" "headers include only the standard library and our own (<$wanted>)"
    elif ! is_one_of "$floor" "$system_floors"; then
      report "$place" "$floor does not talk to the system (<$wanted>)"
    fi
  fi
}

check_include() {  # file, line number, floor, the rest of the #include line
  local place=$1:$2
  if [[ $4 =~ ^\"cfwarden/([^\"]+)\" ]]; then
    check_our_include "$1" "$place" "$3" "${BASH_REMATCH[1]}"
  elif [[ $4 =~ ^\<([^\>]+)\> ]]; then
    check_system_include "$1" "$place" "$3" "${BASH_REMATCH[1]}"
  else
    report "$place" "write \"cfwarden/floor/header.h\" or <header>, not $4"
  fi
}

floor_of() {  # file below src/ or include/cfwarden/
  local below=${1#src/}
  below=${below#include/cfwarden/}
  echo "${below%%/*}"
}

check_tree() {  # directory
  cd "$1"
  local file floor number text
  while IFS= read -r file; do
    floor=$(floor_of "$file")
    if [[ ! -v floors[$floor] ]]; then
      report "$file:1" "there is no floor $floor"
      continue
    fi
    while IFS=: read -r number text; do
      check_include "$file" "$number" "$floor" "$text"
    done < <(sed -nE 's/^[[:space:]]*#[[:space:]]*include[[:space:]]*//;T;=;p' "$file" |
      paste -d: - -)
    if [[ $file == *.h ]] && ! grep -q '^#pragma once$' "$file"; then
      report "$file:1" 'a header begins with #pragma once'
    fi
  done < <(find src include/cfwarden -type f \( -name '*.cc' -o -name '*.h' \) | LC_ALL=C sort)
}

# Each line is a file, the include it must be told off for, and a word of the complaint.
self_check() {
  local file include word output failures=0 count=0
  tree=$(mktemp -d)  # Not local: the trap outlives this function.
  trap 'rm -rf "$tree"' EXIT
  while IFS='|' read -r file include word; do
    count=$((count + 1))
    rm -rf "${tree:?}"/*
    mkdir -p "$tree/src" "$tree/include/cfwarden" "$tree/$(dirname "$file")"
    printf '#pragma once\n#include %s\n' "$include" >"$tree/$file"
    output=$("$0" "$tree") && output="nothing"
    if [[ $word == allowed ]]; then
      [[ $output == nothing ]] && continue
    elif [[ $output == "$file:"*"$word"* ]]; then
      continue
    fi
    echo "self-check: $file with #include $include: expected '$word', got: $output"
    failures=$((failures + 1))
  done <<'CASES'
src/base/x.cc|"cfwarden/model/report.h"|must not include model
src/kinds/x.cc|"cfwarden/carriers/carrier.h"|must not include carriers
src/output/x.cc|"cfwarden/host/opener.h"|must not include host
include/cfwarden/output/x.h|"cfwarden/host/opener.h"|must not include host
src/host/x.cc|"cfwarden/app/audit.h"|must not include app
src/app/audit.cc|"cfwarden/mend/change.h"|looking must not change
include/cfwarden/app/audit.h|"cfwarden/mend/change.h"|looking must not change
src/cli/audit_command.cc|"cfwarden/mend/change.h"|looking must not change
src/app/repair.cc|"cfwarden/mend/change.h"|allowed
src/app/x.cc|<CLI/CLI.hpp>|must not use
src/host/x.cc|<nlohmann/json.hpp>|must not use
src/kinds/x.cc|<boost/filesystem.hpp>|must not use
src/kinds/x.cc|<openssl/x509.h>|must not use
src/base/x.cc|<openssl/evp.h>|must not use
src/base/x.cc|<openssl/sha.h>|allowed
src/cli/main.cc|<CLI/CLI.hpp>|allowed
include/cfwarden/rules/x.h|<nlohmann/json.hpp>|headers do not include libraries
include/cfwarden/host/x.h|<sys/stat.h>|only the standard library
src/kinds/x.cc|<unistd.h>|does not talk to the system
src/host/x.cc|<sys/stat.h>|allowed
src/search/x.cc|<immintrin.h>|allowed
src/archives/x.cc|<archive.h>|allowed
src/output/x.cc|<kainjow/mustache.hpp>|allowed
src/cli/x.cc|<kainjow/mustache.hpp>|must not use
src/sweep/x.cc|<archive.h>|must not use
src/host/x.cc|<archive.h>|must not use
src/spots/x.cc|<zlib.h>|must not use
src/kinds/x.cc|<immintrin.h>|must not use
src/search/x.cc|"cfwarden/kinds/kind.h"|must not include kinds
src/model/x.cc|"report.h"|not "report.h"
src/misc/x.cc|<vector>|no floor misc
src/model/x.cc|<vector>|allowed
CASES
  echo "self-check: $count cases, $failures wrong"
  [[ $failures == 0 ]]
}

if [[ ${1-} == --self-check ]]; then
  self_check
  exit
fi

check_tree "${1:-$(cd "$(dirname "$0")/.." && pwd)}"
if ((violations > 0)); then
  echo "layering: $violations violations"
  exit 1
fi
