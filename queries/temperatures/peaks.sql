-- The highest temperature of each device in every ten seconds, once, five seconds after their end.
INSERT INTO temperatures.peaks
SELECT deviceId, window_start AS since, MAX(temperature) AS max_temperature
FROM temperatures
WINDOW TUMBLING (SIZE 10 SECONDS, GRACE PERIOD 5 SECONDS)
GROUP BY deviceId
EMIT FINAL
AUTOCREATE
PK deviceId;
