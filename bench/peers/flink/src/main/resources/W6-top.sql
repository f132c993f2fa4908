CREATE TABLE highest (
  deviceId STRING, place BIGINT, ts BIGINT, temperature DOUBLE,
  PRIMARY KEY (deviceId, place) NOT ENFORCED
) WITH (
  'connector' = 'upsert-kafka', 'topic' = 'peer-W6-top', 'properties.bootstrap.servers' = '${bootstrap}',
  'properties.interceptor.classes' = 'peers.Measure$Out', 'properties.linger.ms' = '100', 'properties.batch.size' = '65536',
  'key.format' = 'json', 'value.format' = 'json'
);

INSERT INTO highest
SELECT deviceId, place, ts, temperature
FROM (SELECT deviceId, ts, temperature, ROW_NUMBER() OVER (PARTITION BY deviceId ORDER BY temperature DESC, ts) AS place FROM temperatures)
WHERE place <= 10;
