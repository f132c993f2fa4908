CREATE STREAM readings (device STRING, at TIMESTAMP, n INT)
WITH (key = 'device', timestamp = 'at');

CREATE STREAM seen (device STRING, at TIMESTAMP, was INT, known INT, mean DOUBLE)
WITH (key = 'device', timestamp = 'at');

INSERT INTO seen
SELECT device, at, was, known, mean
FROM (
  SELECT device,
    at,
    LAG(n) OVER (PARTITION BY device ORDER BY at) AS was,
    LAST_VALUE(n IGNORE NULLS) OVER (PARTITION BY device ORDER BY at ROWS UNBOUNDED PRECEDING) AS known,
    AVG(n) OVER (PARTITION BY device ORDER BY at RANGE BETWEEN INTERVAL '10' SECOND PRECEDING AND CURRENT ROW) AS mean
  FROM readings
)
AUTOCREATE;
