CREATE TABLE q0 (auction BIGINT, bidder BIGINT, price BIGINT, dateTime BIGINT, extra STRING) WITH (
  'connector' = 'kafka', 'topic' = 'peer-q0', 'properties.bootstrap.servers' = '${bootstrap}',
  'properties.interceptor.classes' = 'peers.Measure$Out', 'properties.linger.ms' = '100', 'properties.batch.size' = '65536',
  'key.format' = 'raw', 'key.fields' = 'auction', 'value.format' = 'json', 'value.fields-include' = 'ALL'
);

INSERT INTO q0 SELECT auction, bidder, price, dateTime, extra FROM bids;
