-- MariaDB dump
INSERT INTO `settings` VALUES (1,'tunnel','@TOKEN@','2024-01-01'),(2,'x','','');
INSERT INTO `files` VALUES (1,'@CREDENTIALS2@');
