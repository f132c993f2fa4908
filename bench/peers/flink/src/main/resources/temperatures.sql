CREATE TABLE temperatures (
  deviceId STRING, homeId STRING, `type` STRING, ts BIGINT, temperature DOUBLE, humidity INT, battery DOUBLE, firmware STRING,
  location ROW<city STRING, zone STRING>,
  rowtime AS TO_TIMESTAMP_LTZ(ts, 3),
  WATERMARK FOR rowtime AS rowtime - INTERVAL '5' SECOND
) WITH (
  'connector' = 'kafka', 'topic' = '${topic}', 'properties.bootstrap.servers' = '${bootstrap}',
  'properties.group.id' = 'flink-peer', 'properties.interceptor.classes' = 'peers.Measure$In',
  'scan.startup.mode' = 'earliest-offset', 'scan.bounded.mode' = 'latest-offset', 'format' = 'json'
);
