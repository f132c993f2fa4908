CREATE TABLE hot (deviceId STRING, ts BIGINT, temperature DOUBLE) WITH (
  'connector' = 'kafka', 'topic' = 'peer-hot', 'properties.bootstrap.servers' = '${bootstrap}',
  'properties.interceptor.classes' = 'peers.Measure$Out', 'properties.linger.ms' = '100', 'properties.batch.size' = '65536',
  'key.format' = 'raw', 'key.fields' = 'deviceId', 'value.format' = 'json', 'value.fields-include' = 'ALL'
);

CREATE TABLE lowBattery (deviceId STRING, ts BIGINT, battery DOUBLE) WITH (
  'connector' = 'kafka', 'topic' = 'peer-lowbattery', 'properties.bootstrap.servers' = '${bootstrap}',
  'properties.interceptor.classes' = 'peers.Measure$Out', 'properties.linger.ms' = '100', 'properties.batch.size' = '65536',
  'key.format' = 'raw', 'key.fields' = 'deviceId', 'value.format' = 'json', 'value.fields-include' = 'ALL'
);

CREATE TABLE humid (deviceId STRING, ts BIGINT, humidity INT) WITH (
  'connector' = 'kafka', 'topic' = 'peer-humid', 'properties.bootstrap.servers' = '${bootstrap}',
  'properties.interceptor.classes' = 'peers.Measure$Out', 'properties.linger.ms' = '100', 'properties.batch.size' = '65536',
  'key.format' = 'raw', 'key.fields' = 'deviceId', 'value.format' = 'json', 'value.fields-include' = 'ALL'
);

INSERT INTO hot SELECT deviceId, ts, temperature FROM temperatures WHERE temperature > 28;
INSERT INTO lowBattery SELECT deviceId, ts, battery FROM temperatures WHERE battery < 0.2;
INSERT INTO humid SELECT deviceId, ts, humidity FROM temperatures WHERE humidity > 70;
