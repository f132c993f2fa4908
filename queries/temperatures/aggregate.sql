-- Readings to one result per device and minute. Results are final: 10 seconds after the minute nothing is added any more.
INSERT INTO temperatures.aggregated
SELECT deviceId,
  homeId,
  window_start AS minute,
  COUNT(*) AS readings,
  AVG(temperature) AS avg_temperature,
  MIN(temperature) AS min_temperature,
  MAX(temperature) AS max_temperature
FROM temperatures
WINDOW TUMBLING (SIZE 1 MINUTE, GRACE PERIOD 10 SECONDS)
GROUP BY deviceId, homeId
EMIT FINAL
AUTOCREATE
PK deviceId;
