CREATE TABLE tunnels (id uuid, account_id varchar(32), tunnel_secret varchar(255) NOT NULL, tunnel_id uuid);
INSERT INTO tunnels (id, account_id, tunnel_secret, tunnel_id) VALUES (?, ?, ?, ?);
