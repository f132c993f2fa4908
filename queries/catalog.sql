-- Streams that several pipelines share.

-- What the devices send: some 10 billion readings a day, up to 5 seconds out of order.
CREATE STREAM temperatures (
  deviceId STRING,
  homeId STRING,
  room STRING,
  time TIMESTAMP,
  temperature DOUBLE,
  humidity INT,
  battery INT
)
WITH (key = 'deviceId', timestamp = 'time', partitions = 4);

-- What temperatures.aggregate makes of them: one record per device and minute.
CREATE STREAM temperatures.aggregated (
  deviceId STRING,
  homeId STRING,
  minute TIMESTAMP,
  readings BIGINT,
  avg_temperature DOUBLE,
  min_temperature DOUBLE,
  max_temperature DOUBLE
)
WITH (key = 'deviceId', timestamp = 'minute', partitions = 4);

-- The highest temperature of each device in ten seconds.
CREATE STREAM temperatures.peaks (deviceId STRING, since TIMESTAMP, max_temperature DOUBLE)
WITH (key = 'deviceId', timestamp = 'since', partitions = 4);

-- What cars send every few seconds: levels in percent, what was driven and burnt since the reading before.
CREATE STREAM cars.readings (
  carId STRING,
  time TIMESTAMP,
  oil DOUBLE,
  engine DOUBLE,
  fuel DOUBLE,
  km DOUBLE,
  litres DOUBLE
)
WITH (key = 'carId', timestamp = 'time', partitions = 4);

-- What a car drove on a day. One partition, as all cars of a day are ranked together.
CREATE STREAM cars.days (carId STRING, day TIMESTAMP, km DOUBLE, litres DOUBLE, km_per_litre DOUBLE)
WITH (key = 'carId', timestamp = 'day', partitions = 1);

-- Homes by their id: a compacted topic, in which the latest record of each home counts.
CREATE TABLE homes (homeId STRING PRIMARY KEY, city STRING, residents INT, comfort DOUBLE)
WITH (topic = 'homes', partitions = 4);

-- What the sensors of a home measure.
CREATE STREAM home.readings (homeId STRING, room STRING, time TIMESTAMP, temperature DOUBLE)
WITH (key = 'homeId', timestamp = 'time', partitions = 4);

-- What the lights of a home report: how long they were on since the report before, and what they used.
CREATE STREAM home.lights (
  homeId STRING,
  room STRING,
  time TIMESTAMP,
  minutesOn DOUBLE,
  wattHours DOUBLE
)
WITH (key = 'homeId', timestamp = 'time', partitions = 4);

-- A car of which something crossed a limit, or came back from beyond it: what it measured, and what is wrong with it now.
CREATE STREAM cars.alerts (
  carId STRING,
  time TIMESTAMP,
  oil DOUBLE,
  oilLow BOOLEAN,
  engine DOUBLE,
  engineHot BOOLEAN,
  fuel DOUBLE,
  fuelLow BOOLEAN
)
WITH (key = 'carId', timestamp = 'time', partitions = 4);
