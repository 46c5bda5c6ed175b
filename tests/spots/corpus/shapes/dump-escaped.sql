-- MySQL dump
INSERT INTO `files` VALUES (1,'{\n  \"AccountTag\": \"@ACCOUNT@\",\n  \"TunnelSecret\": \"@SECRET@\",\n  \"TunnelID\": \"@TUNNEL@\"\n}');
