-- A pause of exactly the gap ends no session in Flink, so that a millisecond less is the same as elsewhere.
CREATE TABLE windows (
  deviceId STRING, window_start TIMESTAMP(3), window_end TIMESTAMP(3), readings BIGINT, average DOUBLE, highest DOUBLE
) WITH (
  'connector' = 'kafka', 'topic' = 'peer-W6-session', 'properties.bootstrap.servers' = '${bootstrap}',
  'properties.interceptor.classes' = 'peers.Measure$Out', 'properties.linger.ms' = '100', 'properties.batch.size' = '65536',
  'key.format' = 'raw', 'key.fields' = 'deviceId', 'value.format' = 'json', 'value.fields-include' = 'ALL'
);

INSERT INTO windows
SELECT deviceId, window_start, window_end + INTERVAL '0.001' SECOND, COUNT(*), AVG(CAST(humidity AS DOUBLE)), MAX(temperature)
FROM TABLE(SESSION(TABLE temperatures PARTITION BY deviceId, DESCRIPTOR(rowtime), INTERVAL '29.999' SECOND))
GROUP BY deviceId, window_start, window_end;
