-- The readings of all workloads. A run puts the topic of its data set in the place of this one.
CREATE STREAM temperatures (
  deviceId STRING, homeId STRING, type STRING, ts BIGINT, temperature DOUBLE, humidity INT, battery DOUBLE, firmware STRING,
  location STRUCT<city STRING, zone STRING>
) WITH (topic = 'temperatures', key = 'deviceId', timestamp = 'ts', partitions = 4);
