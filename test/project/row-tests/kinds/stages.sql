CREATE STREAM readings (device STRING, at TIMESTAMP, n INT)
WITH (key = 'device', timestamp = 'at');

INSERT INTO elastic.busiest
WITH minutes AS (
  SELECT device, window_end, COUNT(*) AS n
  FROM readings
  WINDOW TUMBLING (SIZE 1 MINUTE)
  GROUP BY device
  EMIT FINAL
)
SELECT device, window_start AS hour, MAX(n) AS most, COUNT(*) AS minutes
FROM minutes
WINDOW TUMBLING (SIZE 1 HOUR)
GROUP BY device
EMIT FINAL
AUTOCREATE
PK device, hour;

INSERT INTO per_device
SELECT device, COUNT(*) AS n
FROM readings
WINDOW TUMBLING (SIZE 1 MINUTE)
GROUP BY device
EMIT FINAL
AUTOCREATE;

INSERT INTO elastic.seen
SELECT device, n
FROM per_device
WHERE n > 1
AUTOCREATE
PK device;
