-- About as many readings as W7-enrich writes, in as many columns, without a join.
INSERT INTO bench_w7_plain
SELECT deviceId, ts, temperature, humidity, battery
FROM temperatures
WHERE temperature > 26.8
AUTOCREATE;
