-- How many different values there are in a minute.
INSERT INTO bench_w6_distinct
SELECT deviceId, window_start, window_end, COUNT(*) AS readings, COUNT(DISTINCT humidity) AS humidities
FROM temperatures
WINDOW TUMBLING (SIZE 1 MINUTE, GRACE PERIOD 5 SECONDS)
GROUP BY deviceId
EMIT FINAL
AUTOCREATE;
