CREATE TABLE high (deviceId STRING, ts BIGINT, temperature DOUBLE, owner STRING, `ceiling` DOUBLE) WITH (
  'connector' = 'kafka', 'topic' = 'peer-W7-enrich', 'properties.bootstrap.servers' = '${bootstrap}',
  'properties.interceptor.classes' = 'peers.Measure$Out', 'properties.linger.ms' = '100', 'properties.batch.size' = '65536',
  'key.format' = 'raw', 'key.fields' = 'deviceId', 'value.format' = 'json', 'value.fields-include' = 'ALL'
);

INSERT INTO high
SELECT r.deviceId, r.ts, r.temperature, d.owner, d.`ceiling`
FROM temperatures AS r
JOIN devices FOR SYSTEM_TIME AS OF r.rowtime AS d ON r.deviceId = d.deviceId
WHERE r.temperature > d.`ceiling`;
