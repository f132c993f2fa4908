CREATE STREAM readings (device STRING, at TIMESTAMP, n INT)
WITH (key = 'device', timestamp = 'at');

INSERT INTO elastic.counts
SELECT device, window_start, window_end, SUM(n) AS n
FROM readings
WINDOW TUMBLING (SIZE 1 HOUR, GRACE PERIOD 1 MINUTE, OFFSET 30 MINUTES)
GROUP BY device
EMIT FINAL
AUTOCREATE;
