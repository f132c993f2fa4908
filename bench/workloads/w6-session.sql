-- What a device says until it is silent for half a minute.
INSERT INTO bench_w6_session
SELECT deviceId, window_start, window_end, COUNT(*) AS readings, AVG(humidity) AS average, MAX(temperature) AS highest
FROM temperatures
WINDOW SESSION (30 SECONDS, GRACE PERIOD 5 SECONDS)
GROUP BY deviceId
EMIT FINAL
AUTOCREATE;
