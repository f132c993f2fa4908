CREATE TABLE hot (deviceId STRING, ts BIGINT, temperature DOUBLE) WITH (
  'connector' = 'kafka', 'topic' = 'peer-W1', 'properties.bootstrap.servers' = '${bootstrap}',
  'properties.interceptor.classes' = 'peers.Measure$Out', 'properties.linger.ms' = '100', 'properties.batch.size' = '65536',
  'key.format' = 'raw', 'key.fields' = 'deviceId', 'value.format' = 'json', 'value.fields-include' = 'ALL'
);

INSERT INTO hot SELECT deviceId, ts, temperature FROM temperatures WHERE temperature > 25;
