# The completion for zsh, to lie as _cfwarden in a directory of $fpath.
function quoted(text) {
  gsub(/'/, "'\\''", text)
  return "'" text "'"
}
# Of what stands in brackets or between colons.
function escaped(text) {
  gsub(/[\[\]:\\]/, "\\\\&", text)
  return text
}

function action(sort, of_words) {
  if (sort == "format") return "_cfwarden_format"
  if (sort == "rule" || sort == "topic") return "_cfwarden_" sort
  if (words_of(sort, of_words) != "") return "(" words_of(sort, of_words) ")"
  if (sort == "directory") return "_directories"
  if (sort == "file") return "_files"
  if (sort == "account") return "_users"
  if (sort == "unit") return "_cfwarden_unit"
  return "()"
}

function option_spec(c, i,    count, names, n, spec, head, tail, said) {
  count = names_of(option[c, i], names)
  said = "[" escaped(help[c, i]) "]"
  tail = said
  if (value[c, i] != "") {
    tail = tail ":" escaped(value[c, i]) ":" action(sort_of(value[c, i], words[c, i]), words[c, i])
  }
  if (help[c, i] ~ /may be repeated/) {
    head = "*"
  } else if (count > 1) {
    head = "(" names[1] " " names[2] ")"
  }
  for (n = 1; n <= count; ++n) {
    spec = names[n]
    if (value[c, i] != "") spec = spec (names[n] ~ /^--/ ? "=" : "+")
    printf "        %s \\\n", quoted(head spec tail)
  }
}

function below_of(c,    i, text) {
  for (i = 1; i <= commands; ++i) {
    if (!is_below(name[i], c)) continue
    text = text "\n        " quoted(last_word(name[i]) ":" escaped(description[i]))
  }
  return text
}

END {
  print "#compdef cfwarden"
  print "# Completion of cfwarden for zsh, made from what the program tells of itself.\n"
  print "_cfwarden_format() {"
  print "  if compset -P '*='; then\n    _files\n  else"
  printf "    compadd -S '' -- %s\n  fi\n}\n\n", list["format"]
  print "_cfwarden_rule() {"
  printf "  compadd -- %s\n}\n\n", list["rule"]
  print "_cfwarden_topic() {"
  printf "  compadd -- %s\n}\n\n", words_of("topic", "")
  print "_cfwarden_unit() {"
  print "  compadd -- /etc/systemd/system/*.service(N:t)\n}\n"
  print "_cfwarden() {"
  print "  local command=audit"
  print "  local -a below"
  print "  if (( CURRENT > 2 )) && [[ $words[2] != -* ]]; then"
  print "    command=$words[2]\n    shift words\n    (( --CURRENT ))"
  print "  elif [[ $words[2] != -* ]]; then\n    command=''\n  fi"
  for (c = 2; c <= commands; ++c) {
    if (!group[c]) continue
    printf "  if [[ $command == %s ]] && (( CURRENT > 2 )); then\n", name[c]
    print "    command+=\" $words[2]\"\n    shift words\n    (( --CURRENT ))\n  fi"
  }
  print "  case $command in"
  for (c = 1; c <= commands; ++c) {
    printf "    (%s)\n", quoted(name[c])
    if (group[c]) {
      printf "      below=(%s)\n", below_of(name[c])
      print "      _describe -t commands command below"
    } else {
      print "      _arguments -s : \\"
      for (i = 1; i <= options[name[c]]; ++i) option_spec(name[c], i)
      if (name[c] == "audit") printf "        %s \\\n", quoted("--version[Prints the version]")
      for (i = 1; i <= arguments[name[c]]; ++i) {
        spec = (argument[name[c], i] ~ /^(PATH|FILE)$/ ? "*" : i) ":" escaped(argument[name[c], i])
        printf "        %s \\\n", quoted(spec ":" action(sort_of(argument[name[c], i], ""), ""))
      }
      print "        && return"
    }
    print "      ;;"
  }
  print "  esac\n}\n"
  print "_cfwarden \"$@\""
}
