-- A filter and a window, each for a hundredth of the devices. W4 has this pair 25 times, for other devices and targets each time.
INSERT INTO bench_w4_filter_00
SELECT deviceId, ts, temperature FROM temperatures WHERE deviceId LIKE 'dev-0000%'
AUTOCREATE;

INSERT INTO bench_w4_window_00
SELECT deviceId, window_start, window_end,
       COUNT(*) AS readings, AVG(temperature) AS average, MIN(temperature) AS lowest, MAX(temperature) AS highest
FROM temperatures
WHERE deviceId LIKE 'dev-0025%'
WINDOW TUMBLING (SIZE 1 MINUTE, GRACE PERIOD 5 SECONDS)
GROUP BY deviceId
EMIT FINAL
AUTOCREATE;
