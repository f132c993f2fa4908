CREATE TABLE q1 (auction BIGINT, bidder BIGINT, price DOUBLE, dateTime BIGINT, extra STRING) WITH (
  'connector' = 'kafka', 'topic' = 'peer-q1', 'properties.bootstrap.servers' = '${bootstrap}',
  'properties.interceptor.classes' = 'peers.Measure$Out', 'properties.linger.ms' = '100', 'properties.batch.size' = '65536',
  'key.format' = 'raw', 'key.fields' = 'auction', 'value.format' = 'json', 'value.fields-include' = 'ALL'
);

INSERT INTO q1 SELECT auction, bidder, 0.908e0 * price, dateTime, extra FROM bids;
