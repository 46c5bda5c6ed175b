package main
var token = "@TOKEN[:60]@" +
	"@TOKEN[60:]@"
