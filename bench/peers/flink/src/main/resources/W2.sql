CREATE TABLE windows (
  deviceId STRING, windowStart TIMESTAMP(3), windowEnd TIMESTAMP(3), cnt BIGINT, `avg` DOUBLE, `min` DOUBLE, `max` DOUBLE
) WITH (
  'connector' = 'kafka', 'topic' = 'peer-W2', 'properties.bootstrap.servers' = '${bootstrap}',
  'properties.interceptor.classes' = 'peers.Measure$Out', 'properties.linger.ms' = '100', 'properties.batch.size' = '65536',
  'key.format' = 'raw', 'key.fields' = 'deviceId', 'value.format' = 'json', 'value.fields-include' = 'ALL'
);

INSERT INTO windows
SELECT deviceId, window_start, window_end, COUNT(*), AVG(temperature), MIN(temperature), MAX(temperature)
FROM TABLE(TUMBLE(TABLE temperatures, DESCRIPTOR(rowtime), INTERVAL '1' MINUTE))
GROUP BY deviceId, window_start, window_end;
