-- High readings within a minute of a visit to their device: two streams.
INSERT INTO bench_w7_pairs
SELECT r.deviceId, r.ts, r.temperature, v.ts AS visited, v.technician
FROM temperatures AS r
JOIN visits AS v WITHIN 1 MINUTE GRACE PERIOD 5 SECONDS ON r.deviceId = v.deviceId
WHERE r.temperature > 28
AUTOCREATE;
