-- Readings that are too high for their device, with its owner: a stream and a table.
INSERT INTO bench_w7_enrich
SELECT r.deviceId, r.ts, r.temperature, d.owner, d.ceiling
FROM temperatures AS r
JOIN devices AS d ON r.deviceId = d.deviceId
WHERE r.temperature > d.ceiling
AUTOCREATE;
