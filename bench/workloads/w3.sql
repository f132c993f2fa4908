-- One poll of the topic, three filters, three topics.
INSERT INTO bench_w3_hot
SELECT deviceId, ts, temperature FROM temperatures WHERE temperature > 28
AUTOCREATE;

INSERT INTO bench_w3_low_battery
SELECT deviceId, ts, battery FROM temperatures WHERE battery < 0.2
AUTOCREATE;

INSERT INTO bench_w3_humid
SELECT deviceId, ts, humidity FROM temperatures WHERE humidity > 70
AUTOCREATE;
