{
  token = "@TOKEN[:64]@" +
    "@TOKEN[64:128]@" + "@TOKEN[128:]@";
}
