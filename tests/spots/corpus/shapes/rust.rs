const ACCOUNT_ID: &str = "@ACCOUNT@";
const TUNNEL_SECRET: &'static str = "@SECRET@";
const TUNNEL_ID: &str = "@TUNNEL@";
