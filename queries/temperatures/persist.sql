-- Results to where people look at them. The three statements share one poll of the topic; each goes at the pace of its own target.

-- Every day its own index, so that old days can be closed and dropped.
INSERT INTO elastic.temperatures_1m
SELECT *
FROM temperatures.aggregated
AUTOCREATE
PK deviceId, minute
WITHINDEXSUFFIX = _{yyyy-MM-dd};

-- History by device, kept for 30 days.
INSERT INTO cassandra.iot.temperatures_1m
SELECT deviceId, minute, readings, avg_temperature, min_temperature, max_temperature
FROM temperatures.aggregated
AUTOCREATE
PK deviceId, minute
TTL = 2592000;

-- Homes that somebody should look at.
INSERT INTO elastic.hot_homes
SELECT homeId, deviceId, minute, max_temperature
FROM temperatures.aggregated
WHERE max_temperature > 28
AUTOCREATE
PK deviceId, minute;
