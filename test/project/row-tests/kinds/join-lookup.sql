CREATE STREAM readings (device STRING, at TIMESTAMP, n INT)
WITH (key = 'device', timestamp = 'at');

SET 'lookup.cache.ttl' = 0;

INSERT INTO elastic.known
SELECT r.device, r.n, d.room
FROM readings AS r
JOIN cassandra.iot.devices AS d ON r.device = d.device
AUTOCREATE;

INSERT INTO elastic.described
SELECT r.device, r.n, d.room, f.floor
FROM readings AS r
LEFT JOIN cassandra.iot.devices AS d ON r.device = d.device
LEFT JOIN elastic.rooms AS f ON d.room = f._key
AUTOCREATE;
