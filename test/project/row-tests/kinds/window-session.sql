CREATE STREAM readings (device STRING, at TIMESTAMP, n INT)
WITH (key = 'device', timestamp = 'at');

INSERT INTO elastic.counts
SELECT device, window_start, window_end, SUM(n) AS n
FROM readings
WINDOW SESSION (10 SECONDS, GRACE PERIOD 20 SECONDS)
GROUP BY device
EMIT CHANGES
AUTOCREATE;
