-- Versions by the timestamps of the records; each device has one.
CREATE TABLE devices (
  deviceId STRING, owner STRING, `ceiling` DOUBLE,
  known TIMESTAMP_LTZ(3) METADATA FROM 'timestamp' VIRTUAL,
  WATERMARK FOR known AS known,
  PRIMARY KEY (deviceId) NOT ENFORCED
) WITH (
  'connector' = 'upsert-kafka', 'topic' = '${topic}', 'properties.bootstrap.servers' = '${bootstrap}',
  'properties.interceptor.classes' = 'peers.Measure$In',
  'properties.group.id' = 'flink-devices', 'scan.bounded.mode' = 'latest-offset', 'key.format' = 'raw', 'value.format' = 'json'
);
