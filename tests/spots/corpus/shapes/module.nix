{ config, ... }:
{
  services.tunnel.token = "@TOKEN@";
}
