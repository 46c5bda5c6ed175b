# scdoc writes paragraph macros where none belongs, and mandoc warns of each: one directly after a
# heading or before another macro goes, one at the end of an indented part moves behind it.
$0 == ".P" {
  if (last !~ /^\.S[HS] /) held = 1
  next
}
$0 == ".RE" {
  print
  last = $0
  next
}
{
  if (held && $0 !~ /^\.(SH|SS|TS)( |$)/) print ".P"
  held = 0
  print
  last = $0
}
