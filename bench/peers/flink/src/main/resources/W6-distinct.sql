CREATE TABLE windows (
  deviceId STRING, window_start TIMESTAMP(3), window_end TIMESTAMP(3), readings BIGINT, humidities BIGINT
) WITH (
  'connector' = 'kafka', 'topic' = 'peer-W6-distinct', 'properties.bootstrap.servers' = '${bootstrap}',
  'properties.interceptor.classes' = 'peers.Measure$Out', 'properties.linger.ms' = '100', 'properties.batch.size' = '65536',
  'key.format' = 'raw', 'key.fields' = 'deviceId', 'value.format' = 'json', 'value.fields-include' = 'ALL'
);

INSERT INTO windows
SELECT deviceId, window_start, window_end, COUNT(*), COUNT(DISTINCT humidity)
FROM TABLE(TUMBLE(TABLE temperatures, DESCRIPTOR(rowtime), INTERVAL '1' MINUTE))
GROUP BY deviceId, window_start, window_end;
