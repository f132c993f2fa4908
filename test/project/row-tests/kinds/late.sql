CREATE STREAM readings (device STRING, at TIMESTAMP, n INT)
WITH (key = 'device', timestamp = 'at');

INSERT INTO elastic.counted
SELECT device, window_start, COUNT(*) AS n
FROM readings
WINDOW TUMBLING (SIZE 1 MINUTE, GRACE PERIOD 10 SECONDS)
GROUP BY device
AUTOCREATE;

INSERT INTO elastic.kept
SELECT device, window_start, COUNT(*) AS n
FROM readings
WINDOW TUMBLING (SIZE 1 MINUTE)
GROUP BY device
LATE INTO belated
AUTOCREATE;
