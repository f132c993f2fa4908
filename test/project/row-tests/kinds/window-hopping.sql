CREATE STREAM readings (device STRING, at TIMESTAMP, n INT)
WITH (key = 'device', timestamp = 'at');

INSERT INTO elastic.counts
SELECT device, window_start, SUM(n) AS n
FROM readings
WINDOW HOPPING (SIZE 30 MINUTES, ADVANCE BY 10 MINUTES)
GROUP BY device
EMIT FINAL
AUTOCREATE;
