{
  accountId = "@ACCOUNT@";
  tunnelId = "@TUNNEL@";
  tunnelSecret = "@SECRET@";
}
