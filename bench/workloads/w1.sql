-- A filter and three columns, to a topic.
INSERT INTO bench_w1
SELECT deviceId, ts, temperature FROM temperatures WHERE temperature > 25
AUTOCREATE;
