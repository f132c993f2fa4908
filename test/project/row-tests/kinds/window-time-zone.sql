CREATE STREAM readings (device STRING, at TIMESTAMP, n INT)
WITH (key = 'device', timestamp = 'at');

INSERT INTO elastic.days
SELECT device, window_start, window_end, COUNT(*) AS n
FROM readings
WINDOW TUMBLING (SIZE 1 DAY, TIME ZONE 'Europe/Berlin')
GROUP BY device
EMIT FINAL
AUTOCREATE;

INSERT INTO elastic.hours
SELECT device, window_start, COUNT(*) AS n
FROM readings
WINDOW TUMBLING (SIZE 1 HOUR, TIME ZONE 'Europe/Berlin')
GROUP BY device
EMIT FINAL
AUTOCREATE;
