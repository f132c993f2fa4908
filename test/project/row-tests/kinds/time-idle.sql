CREATE STREAM readings (device STRING, at TIMESTAMP, n INT)
WITH (key = 'device', timestamp = 'at');

SET 'idle.timeout' = '30s';

INSERT INTO elastic.minutes
SELECT device, window_start, COUNT(*) AS n
FROM readings
WINDOW TUMBLING (SIZE 1 MINUTE)
GROUP BY device
EMIT FINAL
AUTOCREATE;

SET 'idle.timeout' = 0;

INSERT INTO elastic.never
SELECT device, window_start, COUNT(*) AS n
FROM readings
WINDOW TUMBLING (SIZE 1 MINUTE)
GROUP BY device
EMIT FINAL
AUTOCREATE;
