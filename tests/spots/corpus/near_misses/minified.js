var e={a:"9f3c0d5e7a1b2c4d6e8f90a1b2c3e1b0",t:"6f1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d",s:"x"};function tunnelId(e){return e.tunnel_secret||e.secret}
