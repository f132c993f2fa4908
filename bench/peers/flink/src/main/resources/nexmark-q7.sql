CREATE TABLE q7 (auction BIGINT, bidder BIGINT, price BIGINT, dateTime BIGINT, extra STRING) WITH (
  'connector' = 'kafka', 'topic' = 'peer-q7', 'properties.bootstrap.servers' = '${bootstrap}',
  'properties.interceptor.classes' = 'peers.Measure$Out', 'properties.linger.ms' = '100', 'properties.batch.size' = '65536',
  'key.format' = 'raw', 'key.fields' = 'auction', 'value.format' = 'json', 'value.fields-include' = 'ALL'
);

INSERT INTO q7
SELECT b.auction, b.bidder, b.price, b.dateTime, b.extra
FROM bids AS b
JOIN (
  SELECT window_time, MAX(price) AS price
  FROM TABLE(TUMBLE(TABLE bids, DESCRIPTOR(rowtime), INTERVAL '10' SECOND))
  GROUP BY window_start, window_end, window_time
) AS h ON b.price = h.price AND b.rowtime BETWEEN h.window_time - INTERVAL '9.999' SECOND AND h.window_time;
