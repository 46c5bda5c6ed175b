INSERT INTO settings VALUES (1,'@CREDENTIALS|json@','x');
