CREATE STREAM readings (device STRING, at TIMESTAMP, n INT)
WITH (key = 'device', timestamp = 'at');

INSERT INTO elastic.counts
SELECT device, window_row, SUM(n) AS n
FROM readings
WINDOW COUNT (SIZE 3, ADVANCE BY 2)
GROUP BY device
EMIT FINAL
AUTOCREATE;
