CREATE TABLE pairs (deviceId STRING, ts BIGINT, temperature DOUBLE, visited BIGINT, technician STRING) WITH (
  'connector' = 'kafka', 'topic' = 'peer-W7-pairs', 'properties.bootstrap.servers' = '${bootstrap}',
  'properties.interceptor.classes' = 'peers.Measure$Out', 'properties.linger.ms' = '100', 'properties.batch.size' = '65536',
  'key.format' = 'raw', 'key.fields' = 'deviceId', 'value.format' = 'json', 'value.fields-include' = 'ALL'
);

INSERT INTO pairs
SELECT r.deviceId, r.ts, r.temperature, v.ts, v.technician
FROM temperatures AS r
JOIN visits AS v ON r.deviceId = v.deviceId AND r.rowtime BETWEEN v.rowtime - INTERVAL '1' MINUTE AND v.rowtime + INTERVAL '1' MINUTE
WHERE r.temperature > 28;
