# The completion for bash. It needs nothing but bash: not the package bash-completion, which loads it.
function row(pattern, text) { printf "    %s) %s ;;\n", pattern, text }

# All the shell needs to know of one sort of value.
function reply(sort, of_words,    known) {
  known = words_of(sort, of_words)
  if (sort == "format") return "_cfwarden_format"
  if (known != "") return "_cfwarden_words '" known "'"
  if (sort == "directory") return "compopt -o dirnames"
  if (sort == "file") return "compopt -o default"
  if (sort == "account") return "mapfile -t COMPREPLY < <(compgen -u -- \"$current\")"
  if (sort == "unit") return "_cfwarden_unit"
  return ":"
}

END {
  print "# Completion of cfwarden for bash, made from what the program tells of itself.\n"
  print "_cfwarden_words() {"
  print "  mapfile -t COMPREPLY < <(compgen -W \"$1\" -- \"$current\")\n}\n"
  print "_cfwarden_format() {"
  print "  compopt -o nospace  # =FILE may follow."
  printf "  _cfwarden_words '%s'\n}\n\n", list["format"]
  print "_cfwarden_unit() {"
  print "  local file"
  print "  for file in /etc/systemd/system/*.service; do"
  print "    file=${file##*/}"
  print "    [[ $file == \"$current\"* && $file != '*'* ]] && COMPREPLY+=(\"$file\")"
  print "  done\n}\n"

  print "_cfwarden_options() {"
  print "  case $1 in"
  for (c = 1; c <= commands; ++c) {
    all = ""
    for (i = 1; i <= options[name[c]]; ++i) {
      count = names_of(option[name[c], i], names)
      for (n = 1; n <= count; ++n) all = all (all == "" ? "" : " ") names[n]
    }
    row("'" name[c] "'", "_cfwarden_words '" all "'")
  }
  print "  esac\n}\n"

  print "# Whether an option of a command has a value; with a third word the value is completed."
  print "_cfwarden_value() {"
  print "  case \"$1 $2\" in"
  for (c = 1; c <= commands; ++c) {
    for (i = 1; i <= options[name[c]]; ++i) {
      if (value[name[c], i] == "") continue
      count = names_of(option[name[c], i], names)
      pattern = ""
      for (n = 1; n <= count; ++n) {
        pattern = pattern (n == 1 ? "" : " | ") "'" name[c] " " names[n] "'"
      }
      row(pattern, "[[ -z $3 ]] || " \
          reply(sort_of(value[name[c], i], words[name[c], i]), words[name[c], i]))
    }
  }
  print "    *) return 1 ;;\n  esac\n}\n"

  print "_cfwarden_argument() {"
  print "  case $1 in"
  for (c = 1; c <= commands; ++c) {
    below = ""
    for (i = 1; i <= commands; ++i) {
      if (is_below(name[i], name[c])) below = below (below == "" ? "" : " ") last_word(name[i])
    }
    if (below != "") {
      row("'" name[c] "'", "_cfwarden_words '" below "'")
    } else if (arguments[name[c]] > 0) {
      row("'" name[c] "'", reply(sort_of(argument[name[c], 1], ""), ""))
    }
  }
  print "  esac\n}\n"

  print "_cfwarden_is_command() {"
  print "  case $1 in"
  all = ""
  for (c = 2; c <= commands; ++c) all = all (all == "" ? "" : " | ") "'" name[c] "'"
  row(all, "return 0")
  print "  esac\n  return 1\n}\n"

  print "# bash takes --root=DIR for three words."
  print "_cfwarden() {"
  print "  local current=${COMP_WORDS[COMP_CWORD]} command='' option='' word at"
  print "  COMPREPLY=()"
  print "  for ((at = 1; at < COMP_CWORD; ++at)); do"
  print "    word=${COMP_WORDS[at]}"
  print "    if [[ $option == ?* ]]; then"
  print "      [[ $word == '=' ]] || option=''"
  print "      [[ ${COMP_WORDS[at + 1]} != '=' || $word == '=' ]] || option='='"
  print "    elif [[ $word == -* ]]; then"
  print "      [[ $command == ?* ]] || command=audit"
  print "      ! _cfwarden_value \"$command\" \"$word\" '' || option=$word"
  print "    elif _cfwarden_is_command \"$command${command:+ }$word\"; then"
  print "      command+=${command:+ }$word"
  print "    fi"
  print "  done"
  print "  [[ $current != '=' ]] || current=''"
  print "  if [[ $option == '=' ]]; then"
  print "    compopt -o default  # FORMAT=FILE"
  print "  elif [[ $option == ?* ]]; then"
  print "    _cfwarden_value \"$command\" \"$option\" completed"
  print "  elif [[ $current == -* ]]; then"
  print "    _cfwarden_options \"${command:-audit}\""
  print "    [[ $command == ?* || $current != --v* ]] || COMPREPLY+=(--version)"
  print "  else"
  print "    _cfwarden_argument \"$command\""
  print "  fi"
  print "}\n"
  print "complete -F _cfwarden cfwarden"
}
