# Reads what `cfwarden describe` tells, for the other scripts here, each of which has an END of its own.
# After it:
#   commands       their number; name[i], description[i], group[i] (1: others stand below it)
#   options[c]     the number of command c's options; option[c, i], value[c, i], words[c, i], help[c, i]
#   arguments[c]   the same of its arguments; argument[c, i], argument_help[c, i]
#   list[what]     all rules, kinds, severities, formats or built-in profiles, with blanks between them
# where c is a command's name, "" that of the program alone, and "rules list" one below another.
BEGIN { FS = "\t"; commands = 0 }

$1 == "command" {
  name[++commands] = $2
  group[commands] = $3 == "group"
  description[commands] = $4
  options[$2] = arguments[$2] = 0
}
$1 == "option" {
  option[$2, ++options[$2]] = $3
  value[$2, options[$2]] = $4
  words[$2, options[$2]] = $5
  help[$2, options[$2]] = $6
}
$1 == "argument" {
  argument[$2, ++arguments[$2]] = $3
  argument_help[$2, arguments[$2]] = $6
}
$1 == "rule" || $1 == "kind" || $1 == "severity" || $1 == "format" || $1 == "profile" {
  list[$1] = list[$1] (list[$1] == "" ? "" : " ") $2
}

# What stands for a value or an argument, by the word that --help has for it: `words` (of `of_words`),
# `severity`, `profile`, `format`, `rule`, `topic` (a rule or a kind), `directory`, `file`, `account`,
# `unit`; `nothing` where only the user knows it.
function sort_of(word, of_words) {
  if (of_words != "") return "words"
  if (word == "SEVERITY") return "severity"
  if (word == "PROFILE") return "profile"
  if (word ~ /^FORMAT/) return "format"
  if (word == "RULE") return "rule"
  if (word == "RULE|KIND") return "topic"
  if (word == "DIR") return "directory"
  if (word == "NAME") return "account"
  if (word == "UNIT") return "unit"
  if (word ~ /FILE|PATH|json/ || word == "GLOB") return "file"
  return "nothing"
}

# The words of such a sort; "" where they are not known before a shell asks.
function words_of(sort, of_words) {
  if (sort == "words") return of_words
  if (sort == "topic") return list["rule"] " " list["kind"]
  return list[sort]
}

# "-o,--output": each name in `names`, from 1. Answers how many.
function names_of(text, names) { return split(text, names, ",") }

# The word behind a command's name that is completed: "list" of "rules list".
function last_word(command) {
  sub(/.* /, "", command)
  return command
}

# Stands `one` directly below `above`?
function is_below(one, above) {
  if (one == "") return 0
  if (above == "") return one !~ / /
  return index(one, above " ") == 1 && last_word(one) == substr(one, length(above) + 2)
}
