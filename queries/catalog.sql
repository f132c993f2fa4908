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
