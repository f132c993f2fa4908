-- Windows of a minute for each device, each result once: when its window closes.
INSERT INTO bench_w2
SELECT deviceId, window_start, window_end,
       COUNT(*) AS readings, AVG(temperature) AS average, MIN(temperature) AS lowest, MAX(temperature) AS highest
FROM temperatures
WINDOW TUMBLING (SIZE 1 MINUTE, GRACE PERIOD 5 SECONDS)
GROUP BY deviceId
EMIT FINAL
AUTOCREATE;
