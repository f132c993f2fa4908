CREATE STREAM readings (room STRING, device STRING, at TIMESTAMP, n INT)
WITH (key = 'room', timestamp = 'at');

INSERT INTO elastic.highest
SELECT room, place, device, n
FROM (
  SELECT room, device, n, ROW_NUMBER() OVER (PARTITION BY room ORDER BY n DESC) AS place
  FROM readings
)
WHERE place <= 2
AUTOCREATE;

INSERT INTO elastic.latest
SELECT room, device, n
FROM (
  SELECT room, device, n, ROW_NUMBER() OVER (PARTITION BY room, device ORDER BY at DESC) AS place
  FROM readings
)
WHERE place = 1
AUTOCREATE
PK room, device;
