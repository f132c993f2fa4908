-- Cold path: which cars got furthest on a litre, by day, over all that the topic holds; then on, as days end.

-- What each car drove and burnt on a day, an hour after it. Cars that hardly moved, and those that burn nothing, are not compared.
INSERT INTO cars.days
SELECT carId,
  window_start AS day,
  SUM(km) AS km,
  SUM(litres) AS litres,
  SUM(km) / SUM(litres) AS km_per_litre
FROM cars.readings
WINDOW TUMBLING (SIZE 1 DAY, GRACE PERIOD 1 HOUR, TIME ZONE 'Europe/Berlin')
GROUP BY carId
HAVING SUM(km) >= 10 AND SUM(litres) > 0
START AT EARLIEST
EMIT FINAL
AUTOCREATE
PK carId;

-- The ten best of each day.
INSERT INTO elastic.efficient_cars
SELECT day, place, carId, km_per_litre, km
FROM (
  SELECT carId,
    day,
    km,
    km_per_litre,
    ROW_NUMBER() OVER (PARTITION BY day ORDER BY km_per_litre DESC) AS place
  FROM cars.days
)
WHERE place <= 10
AUTOCREATE
PK day, place;
