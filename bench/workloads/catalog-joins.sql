
-- What W7 joins with the readings. A run puts the topics of its data set in the place of these.
CREATE TABLE devices (deviceId STRING, owner STRING, ceiling DOUBLE) WITH (topic = 'devices', key = 'deviceId', partitions = 4);

CREATE STREAM visits (deviceId STRING, ts BIGINT, technician STRING)
WITH (topic = 'visits', key = 'deviceId', timestamp = 'ts', partitions = 4);
