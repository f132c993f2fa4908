CREATE STREAM readings (device STRING, at TIMESTAMP, n INT)
WITH (key = 'device', timestamp = 'at');

SET 'error.policy' = 'noop';

SET 'dead.letters' = 'kafka.dead';

INSERT INTO elastic.minutes
SELECT device, window_start, COUNT(*) AS n
FROM readings
WINDOW TUMBLING (SIZE 1 MINUTE)
GROUP BY device
EMIT FINAL
AUTOCREATE;
