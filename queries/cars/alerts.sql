-- Hot path: which car needs attention now. A car is told of once when one of its values crosses a limit, and once when it is well beyond it
-- again: in between, readings that go up and down around a limit say nothing.
INSERT INTO cars.alerts
WITH marks AS (
  SELECT carId,
    time,
    oil,
    engine,
    fuel,
    CASE WHEN oil < 10 THEN TRUE WHEN oil > 15 THEN FALSE END AS oilMark,
    CASE WHEN engine > 120 THEN TRUE WHEN engine < 110 THEN FALSE END AS engineMark,
    CASE WHEN fuel < 5 THEN TRUE WHEN fuel > 8 THEN FALSE END AS fuelMark
  FROM cars.readings
), marked AS (
  SELECT *,
    LAG(oilMark IGNORE NULLS) OVER (PARTITION BY carId ORDER BY time) AS oilWas,
    LAG(engineMark IGNORE NULLS) OVER (PARTITION BY carId ORDER BY time) AS engineWas,
    LAG(fuelMark IGNORE NULLS) OVER (PARTITION BY carId ORDER BY time) AS fuelWas
  FROM marks
)
SELECT carId,
  time,
  oil,
  COALESCE(oilMark, oilWas, FALSE) AS oilLow,
  engine,
  COALESCE(engineMark, engineWas, FALSE) AS engineHot,
  fuel,
  COALESCE(fuelMark, fuelWas, FALSE) AS fuelLow
FROM marked
WHERE oilMark <> COALESCE(oilWas, FALSE)
  OR engineMark <> COALESCE(engineWas, FALSE)
  OR fuelMark <> COALESCE(fuelWas, FALSE)
AUTOCREATE;
