export CF_ACCOUNT_ID='@ACCOUNT@' # firm
export CF_TUNNEL_ID=@TUNNEL@;
export CF_TUNNEL_SECRET="@SECRET@"; export X=1
