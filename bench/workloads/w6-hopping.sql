-- An hour, again every minute: each reading is in sixty windows.
INSERT INTO bench_w6_hopping
SELECT deviceId, window_start, window_end, COUNT(*) AS readings, AVG(humidity) AS average, MAX(temperature) AS highest
FROM temperatures
WINDOW HOPPING (SIZE 1 HOUR, ADVANCE BY 1 MINUTE, GRACE PERIOD 5 SECONDS)
GROUP BY deviceId
EMIT FINAL
AUTOCREATE;
