-- The same windows, but a result for every change, as often as changes are committed.
INSERT INTO bench_w2_update
SELECT deviceId, window_start, window_end,
       COUNT(*) AS readings, AVG(temperature) AS average, MIN(temperature) AS lowest, MAX(temperature) AS highest
FROM temperatures
WINDOW TUMBLING (SIZE 1 MINUTE, GRACE PERIOD 5 SECONDS)
GROUP BY deviceId
EMIT CHANGES
AUTOCREATE;
