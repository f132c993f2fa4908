-- The ten highest readings of each device, kept up to date; the earlier of two equal ones comes first.
INSERT INTO bench_w6_top
SELECT deviceId, place, ts, temperature
FROM (
  SELECT deviceId, ts, temperature, ROW_NUMBER() OVER (PARTITION BY deviceId ORDER BY temperature DESC, ts) AS place FROM temperatures
) AS ranked
WHERE place <= 10
PK deviceId, place
AUTOCREATE;
