const tunnel = {
  AccountTag: '@ACCOUNT@',
  TunnelSecret: '@SECRET@',
  TunnelID: '@TUNNEL@',
};
