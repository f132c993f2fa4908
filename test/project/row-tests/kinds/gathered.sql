CREATE STREAM readings (device STRING, room STRING, at TIMESTAMP, n INT)
WITH (key = 'device', timestamp = 'at', partitions = 2);

INSERT INTO elastic.stays
SELECT room, window_start, SUM(n) AS n
FROM readings
WINDOW SESSION (GAP 1 MINUTE)
GROUP BY room
EMIT FINAL
AUTOCREATE;
