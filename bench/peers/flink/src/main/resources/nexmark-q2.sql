CREATE TABLE q2 (auction BIGINT, price BIGINT) WITH (
  'connector' = 'kafka', 'topic' = 'peer-q2', 'properties.bootstrap.servers' = '${bootstrap}',
  'properties.interceptor.classes' = 'peers.Measure$Out', 'properties.linger.ms' = '100', 'properties.batch.size' = '65536',
  'key.format' = 'raw', 'key.fields' = 'auction', 'value.format' = 'json', 'value.fields-include' = 'ALL'
);

INSERT INTO q2 SELECT auction, price FROM bids WHERE MOD(auction, 123) = 0;
