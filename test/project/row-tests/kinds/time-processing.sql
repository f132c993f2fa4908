CREATE STREAM readings (device STRING, at TIMESTAMP, n INT)
WITH (key = 'device', timestamp = 'at');

SET 'time' = 'processing';

INSERT INTO elastic.processed
SELECT device, window_start, COUNT(*) AS n
FROM readings
WINDOW TUMBLING (SIZE 1 MINUTE)
GROUP BY device
EMIT FINAL
AUTOCREATE;

SET 'time' = 'ingestion';

INSERT INTO elastic.ingested
SELECT device, window_start, COUNT(*) AS n
FROM readings
WINDOW TUMBLING (SIZE 1 MINUTE)
GROUP BY device
EMIT FINAL
AUTOCREATE;
