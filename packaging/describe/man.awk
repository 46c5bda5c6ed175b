# Parts of the man pages, for scdoc: -v part=options, facts or rules.
function plain(text) {
  gsub(/[\\*_]/, "\\\\&", text)
  return text
}
function sentence(text) {
  text = toupper(substr(text, 1, 1)) substr(text, 2)
  return text ~ /[.?!]$/ ? text : text "."
}
function entry(head, text) { printf "%s\n\t%s\n\n", head, plain(sentence(text)) }

function options_of(c,    i, n, count, names, head) {
  for (i = 1; i <= arguments[c]; ++i) {
    entry("_" plain(argument[c, i]) "_", argument_help[c, i])
  }
  for (i = 1; i <= options[c]; ++i) {
    if (c != "" && option[c, i] ~ /--help/) continue
    count = names_of(option[c, i], names)
    head = ""
    for (n = 1; n <= count; ++n) head = head (n == 1 ? "" : ", ") "*" names[n] "*"
    if (value[c, i] != "") head = head " _" plain(value[c, i]) "_"
    entry(head, help[c, i])
  }
}

$1 == "fact" { fact[++facts] = $0 }
$1 == "rule" { rule[++rules] = $0 }

END {
  if (part == "options") {
    for (c = 1; c <= commands; ++c) {
      print name[c] == "" ? "## cfwarden\n" : "## cfwarden " name[c] "\n"
      if (name[c] != "") print plain(sentence(description[c])) "\n"
      options_of(name[c])
    }
  }
  if (part == "facts") {
    for (i = 1; i <= facts; ++i) {
      split(fact[i], cell, "\t")
      printf "*%s* (%s)\n\t%s\n", plain(cell[2]), cell[3], plain(sentence(cell[4]))
      if (cell[5] != "") {
        gsub(/ /, "_, _", cell[5])
        printf "\tOne of _%s_.\n", cell[5]
      }
      print ""
    }
  }
  if (part == "rules") {
    for (i = 1; i <= rules; ++i) {
      split(rule[i], cell, "\t")
      printf "*%s* (%s)\n\t%s %s\n\n", plain(cell[2]), cell[3], plain(sentence(cell[4])), plain(cell[5])
    }
  }
}
