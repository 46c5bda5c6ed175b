# The completion for fish.
function quoted(text) {
  gsub(/\\/, "\\\\", text)
  gsub(/'/, "\\'", text)
  return "'" text "'"
}

function values(sort, of_words,    known) {
  if (sort == "format") return " -x -a '(__cfwarden_format)'"
  known = words_of(sort, of_words)
  if (known != "") return " -x -a " quoted(known)
  if (sort == "directory") return " -x -a '(__fish_complete_directories)'"
  if (sort == "file") return " -r -F"
  if (sort == "account") return " -x -a '(__fish_complete_users)'"
  if (sort == "unit") return " -x -a '(__cfwarden_unit)'"
  return " -x"
}

# `command` stands where it is given, and audit where none is.
function when(c) { return "complete -c cfwarden -n " quoted("__cfwarden_in " (c == "" ? "none" : c)) }

END {
  print "# Completion of cfwarden for fish, made from what the program tells of itself.\n"
  print "function __cfwarden_in --description 'The command line is that of a command'"
  print "    set -l given (commandline -opc)"
  print "    set -e given[1]"
  print "    set -l current (commandline -ct)"
  print "    if test (count $given) -eq 0"
  print "        set given none"
  print "        string match -q -- '-?*' $current; and set given audit"
  print "    end"
  print "    string match -q -- '-*' $given[1]; and set given audit $given"
  for (c = 2; c <= commands; ++c) {
    if (!group[c]) continue
    printf "    test \"$given[1]\" = %s -a (count $given) -gt 1", name[c]
    print "; and set given \"$given[1] $given[2]\""
  }
  print "    test \"$given[1]\" = \"$argv\"\nend\n"
  print "function __cfwarden_format --description 'FORMAT or FORMAT=FILE'"
  print "    set -l parts (string split -m 1 = -- (commandline -ct))"
  print "    if test (count $parts) -eq 1"
  # With both no blank is put behind: =FILE may follow.
  both = list["format"] " "
  gsub(/ /, "= ", both)
  printf "        printf '%%s\\n' %s %s\n        return\n    end\n", list["format"], both
  print "    for file in $parts[2]*"
  print "        test -d $file; and set file $file/"
  print "        printf '%s\\n' $parts[1]=$file"
  print "    end\nend\n"
  print "function __cfwarden_unit --description 'Units of this host'"
  print "    for file in /etc/systemd/system/*.service"
  print "        string replace -r '.*/' '' -- $file"
  print "    end\nend\n"
  print "complete -c cfwarden -f"
  for (c = 1; c <= commands; ++c) {
    for (i = 1; i <= commands; ++i) {
      if (!is_below(name[i], name[c])) continue
      print when(name[c]) " -a " last_word(name[i]) " -d " quoted(description[i])
    }
    for (i = 1; i <= options[name[c]]; ++i) {
      count = names_of(option[name[c], i], names)
      line = when(name[c])
      for (n = 1; n <= count; ++n) {
        line = line (names[n] ~ /^--/ ? " -l " substr(names[n], 3) : " -s " substr(names[n], 2))
      }
      if (value[name[c], i] != "") {
        line = line values(sort_of(value[name[c], i], words[name[c], i]), words[name[c], i])
      }
      print line " -d " quoted(help[name[c], i])
    }
    for (i = 1; i <= arguments[name[c]]; ++i) {
      sort = sort_of(argument[name[c], i], "")
      known = words_of(sort, "")
      if (sort == "file") print when(name[c]) " -F"
      else if (sort == "directory") print when(name[c]) " -a '(__fish_complete_directories)'"
      else if (known != "") print when(name[c]) " -a " quoted(known)
    }
  }
}
