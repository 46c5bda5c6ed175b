COPY public.settings (id, value) FROM stdin;
1	TUNNEL_TOKEN=@TOKEN@
2	"@CREDENTIALS|csv@"
\.
