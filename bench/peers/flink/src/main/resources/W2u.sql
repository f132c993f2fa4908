-- Without a window function Flink writes a result for every change.
CREATE TABLE windows (
  deviceId STRING, windowStart BIGINT, cnt BIGINT, `avg` DOUBLE, `min` DOUBLE, `max` DOUBLE,
  PRIMARY KEY (deviceId, windowStart) NOT ENFORCED
) WITH (
  'connector' = 'upsert-kafka', 'topic' = 'peer-W2', 'properties.bootstrap.servers' = '${bootstrap}',
  'properties.interceptor.classes' = 'peers.Measure$Out', 'properties.linger.ms' = '100', 'properties.batch.size' = '65536',
  'key.format' = 'json', 'value.format' = 'json'
);

INSERT INTO windows
SELECT deviceId, ts - MOD(ts, 60000), COUNT(*), AVG(temperature), MIN(temperature), MAX(temperature)
FROM temperatures
GROUP BY deviceId, ts - MOD(ts, 60000);
