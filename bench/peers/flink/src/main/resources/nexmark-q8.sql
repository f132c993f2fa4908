CREATE TABLE q8 (id BIGINT, name STRING, since TIMESTAMP(3)) WITH (
  'connector' = 'kafka', 'topic' = 'peer-q8', 'properties.bootstrap.servers' = '${bootstrap}',
  'properties.interceptor.classes' = 'peers.Measure$Out', 'properties.linger.ms' = '100', 'properties.batch.size' = '65536',
  'key.format' = 'raw', 'key.fields' = 'id', 'value.format' = 'json', 'value.fields-include' = 'ALL'
);

INSERT INTO q8
SELECT p.id, p.name, p.window_start
FROM (
  SELECT id, name, window_start, window_end
  FROM TABLE(TUMBLE(TABLE persons, DESCRIPTOR(rowtime), INTERVAL '10' SECOND))
  GROUP BY id, name, window_start, window_end
) AS p
JOIN (
  SELECT seller, window_start, window_end
  FROM TABLE(TUMBLE(TABLE auctions, DESCRIPTOR(rowtime), INTERVAL '10' SECOND))
  GROUP BY seller, window_start, window_end
) AS a ON p.id = a.seller AND p.window_start = a.window_start AND p.window_end = a.window_end;
