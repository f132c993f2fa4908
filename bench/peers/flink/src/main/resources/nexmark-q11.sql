CREATE TABLE q11 (bidder BIGINT, bids BIGINT, window_start TIMESTAMP(3), window_end TIMESTAMP(3)) WITH (
  'connector' = 'kafka', 'topic' = 'peer-q11', 'properties.bootstrap.servers' = '${bootstrap}',
  'properties.interceptor.classes' = 'peers.Measure$Out', 'properties.linger.ms' = '100', 'properties.batch.size' = '65536',
  'key.format' = 'raw', 'key.fields' = 'bidder', 'value.format' = 'json', 'value.fields-include' = 'ALL'
);

-- A pause of exactly the gap ends no session in Flink, so that a millisecond less is the same as elsewhere.
INSERT INTO q11
SELECT bidder, COUNT(*), window_start, window_end + INTERVAL '0.001' SECOND
FROM TABLE(SESSION(TABLE bids PARTITION BY bidder, DESCRIPTOR(rowtime), INTERVAL '9.999' SECOND))
GROUP BY bidder, window_start, window_end;
