CREATE TABLE bids (
  auction BIGINT, bidder BIGINT, price BIGINT, channel STRING, url STRING, dateTime BIGINT, extra STRING,
  rowtime AS TO_TIMESTAMP_LTZ(dateTime, 3),
  WATERMARK FOR rowtime AS rowtime - INTERVAL '4' SECOND
) WITH (
  'connector' = 'kafka', 'topic' = '${topic}', 'properties.bootstrap.servers' = '${bootstrap}',
  'properties.interceptor.classes' = 'peers.Measure$In',
  'properties.group.id' = 'flink-bids', 'scan.startup.mode' = 'earliest-offset', 'scan.bounded.mode' = 'latest-offset', 'format' = 'json'
);
