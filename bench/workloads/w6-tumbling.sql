-- As W6-hopping, but each minute by itself.
INSERT INTO bench_w6_tumbling
SELECT deviceId, window_start, window_end, COUNT(*) AS readings, AVG(humidity) AS average, MAX(temperature) AS highest
FROM temperatures
WINDOW TUMBLING (SIZE 1 MINUTE, GRACE PERIOD 5 SECONDS)
GROUP BY deviceId
EMIT FINAL
AUTOCREATE;
