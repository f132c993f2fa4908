CREATE TABLE q5 (auction BIGINT, window_start TIMESTAMP(3), window_end TIMESTAMP(3), bids BIGINT) WITH (
  'connector' = 'kafka', 'topic' = 'peer-q5', 'properties.bootstrap.servers' = '${bootstrap}',
  'properties.interceptor.classes' = 'peers.Measure$Out', 'properties.linger.ms' = '100', 'properties.batch.size' = '65536',
  'key.format' = 'raw', 'key.fields' = 'auction', 'value.format' = 'json', 'value.fields-include' = 'ALL'
);

INSERT INTO q5
SELECT c.auction, c.window_start, c.window_end, c.bids
FROM (
  SELECT auction, window_start, window_end, COUNT(*) AS bids
  FROM TABLE(HOP(TABLE bids, DESCRIPTOR(rowtime), INTERVAL '2' SECOND, INTERVAL '10' SECOND))
  GROUP BY auction, window_start, window_end
) AS c
JOIN (
  SELECT window_start, window_end, MAX(bids) AS bids
  FROM (
    SELECT auction, window_start, window_end, COUNT(*) AS bids
    FROM TABLE(HOP(TABLE bids, DESCRIPTOR(rowtime), INTERVAL '2' SECOND, INTERVAL '10' SECOND))
    GROUP BY auction, window_start, window_end
  )
  GROUP BY window_start, window_end
) AS m ON c.window_start = m.window_start AND c.window_end = m.window_end AND c.bids = m.bids;
