-- Days of each home by its own clocks, from the results of minutes: as they are now, at most once a minute.
INSERT INTO elastic.temperatures_1d
SELECT homeId,
  window_start AS day,
  SUM(readings) AS readings,
  SUM(avg_temperature * readings) / SUM(readings) AS avg_temperature,
  MIN(min_temperature) AS min_temperature,
  MAX(max_temperature) AS max_temperature
FROM temperatures.aggregated
WINDOW TUMBLING (SIZE 1 DAY, GRACE PERIOD 1 HOUR, TIME ZONE 'Europe/Berlin')
GROUP BY homeId
EMIT EVERY 1 MINUTE
AUTOCREATE
PK homeId, day;
