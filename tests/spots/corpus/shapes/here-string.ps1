$json = @@'
{"AccountTag":"@ACCOUNT@",
 "TunnelSecret":"@SECRET@",
 "TunnelID":"@TUNNEL@"}
'@@
$json | Out-File C:\cloudflared\@TUNNEL@.json
