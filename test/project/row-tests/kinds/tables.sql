CREATE TABLE devices (id STRING PRIMARY KEY, home STRING, price INT);

INSERT INTO elastic.cheap
SELECT id, price
FROM devices
WHERE price < 100
AUTOCREATE;

INSERT INTO elastic.homes
SELECT home, COUNT(*) AS devices, MAX(price) AS dearest
FROM devices
GROUP BY home
AUTOCREATE;
