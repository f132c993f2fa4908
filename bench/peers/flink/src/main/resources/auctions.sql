CREATE TABLE auctions (
  id BIGINT, itemName STRING, description STRING, initialBid BIGINT, reserve BIGINT, dateTime BIGINT, expires BIGINT,
  seller BIGINT, category BIGINT, extra STRING,
  rowtime AS TO_TIMESTAMP_LTZ(dateTime, 3),
  WATERMARK FOR rowtime AS rowtime - INTERVAL '4' SECOND
) WITH (
  'connector' = 'kafka', 'topic' = '${topic}', 'properties.bootstrap.servers' = '${bootstrap}',
  'properties.interceptor.classes' = 'peers.Measure$In',
  'properties.group.id' = 'flink-auctions', 'scan.startup.mode' = 'earliest-offset', 'scan.bounded.mode' = 'latest-offset', 'format' = 'json'
);
