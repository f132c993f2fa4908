CREATE STREAM readings (device STRING KEY, n INT);

CREATE TABLE devices (id STRING PRIMARY KEY, room STRING);

INSERT INTO inner_joined
SELECT r.device, d.room, r.n
FROM readings AS r
JOIN devices AS d ON r.device = d.id
AUTOCREATE;

INSERT INTO left_joined
SELECT r.device, d.room, r.n
FROM readings AS r
LEFT JOIN devices AS d ON r.device = d.id
AUTOCREATE;
