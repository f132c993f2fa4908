SELECT *
FROM t;

SELECT a
FROM t;

SELECT a, b, c
FROM t;

SELECT a.b.*
FROM t;

SELECT *, a AS b
FROM t;

SELECT a.*, b.c.d.e.f AS x
FROM t;

SELECT a AS b, b AS a
FROM t;

SELECT _key, _key.a, _value, _value.a.b, _header.x, _topic, _partition, _offset, _timestamp
FROM t;

SELECT `_key`, `_header`.x, `window_start`
FROM t;

SELECT window_start, window_end
FROM t;

SELECT value, key, timestamp, offset, partition, topic, size, batch, window, emit, limit, pk, ttl, stream, with, set
FROM t;

SELECT changes, final, grace, period, tumbling, explain, insert, upsert, create, by, escape, autocreate
FROM t;

SELECT left, right, order, interval, filter, table, start, values, session, properties, on, update
FROM t;

SELECT a.select, a.from, a.where.group.by, x.end
FROM t;

SELECT a AS select, b AS from, c AS group, d AS end
FROM t;

SELECT `select`, `from`.a, `case`, `end`, `not`, `null`
FROM t;

SELECT `odd name`, `it's`, `a.b`.c, `1st`, `a-b`, `x``y`
FROM t;

SELECT Größe, naïve, 日本, @timestamp, $x, _x1
FROM t;

SELECT deviceId, Device_ID2 AS DeviceID
FROM t;

SELECT NULL, TRUE, FALSE
FROM t;

SELECT 1, 0, 42, 9223372036854775807, 123456789.123456789123, .5, 1., 1e10, 1.5E-3, 007
FROM t;

SELECT 'x', '', 'it''s', '''', 'a;b', '-- no comment', '/* nor here */', '`', '"'
FROM t;

SELECT 'two
lines'
FROM t;

SELECT 'Größe 日本 😀'
FROM t;

SELECT -1, -a, -(-a), -(a + b), -a * b, -(a * b), a - -b
FROM t;

SELECT a + b, a - b, a * b, a / b, a % b, a || b
FROM t;

SELECT a + b + c, a - b - c, a - (b - c), a / b / c, a / (b / c)
FROM t;

SELECT a + b * c, (a + b) * c, a * b + c * d, a * (b + c) * d
FROM t;

SELECT a || b + c, (a || b) + c, a || b || c, a || (b || c)
FROM t;

SELECT a % b * c, a * (b % c), a - b + c, a - (b + c)
FROM t;

SELECT a = b, a <> b, a < b, a <= b, a > b, a >= b
FROM t;

SELECT (a = b) = c, a = (b = c), (a < b) < c
FROM t;

SELECT a + 1 = b * 2, (a = b) + 1
FROM t;

SELECT a
FROM t
WHERE a = 1;

SELECT a
FROM t
WHERE degC > 20;

SELECT a
FROM t
WHERE a = 1 AND b = 2;

SELECT a
FROM t
WHERE a = 1 OR b = 2 AND c = 3;

SELECT a
FROM t
WHERE (a = 1 OR b = 2) AND c = 3;

SELECT a
FROM t
WHERE a AND b AND c;

SELECT a
FROM t
WHERE a AND (b AND c);

SELECT a
FROM t
WHERE a OR b OR c AND d OR e;

SELECT a
FROM t
WHERE a OR (b OR c);

SELECT a
FROM t
WHERE NOT a;

SELECT a
FROM t
WHERE NOT NOT a;

SELECT a
FROM t
WHERE NOT a = 1 AND NOT b;

SELECT a
FROM t
WHERE NOT (a AND b);

SELECT a
FROM t
WHERE (NOT a) = b;

SELECT a
FROM t
WHERE a = (NOT b);

SELECT a
FROM t
WHERE NOT (a OR b) AND c;

SELECT a
FROM t
WHERE a IS NULL;

SELECT a
FROM t
WHERE a IS NOT NULL AND b IS TRUE AND c IS NOT TRUE AND d IS FALSE AND e IS NOT FALSE;

SELECT a
FROM t
WHERE (a IS NULL) IS FALSE;

SELECT a
FROM t
WHERE a = b IS NULL;

SELECT a
FROM t
WHERE a = (b IS NULL);

SELECT a
FROM t
WHERE (NOT a) IS NULL;

SELECT a
FROM t
WHERE NOT a IS NULL;

SELECT a
FROM t
WHERE a IS DISTINCT FROM b;

SELECT a
FROM t
WHERE a IS NOT DISTINCT FROM b + 1;

SELECT a
FROM t
WHERE (a IS DISTINCT FROM b) IS TRUE;

SELECT a
FROM t
WHERE a IS DISTINCT FROM (b IS TRUE);

SELECT a
FROM t
WHERE a IN (1);

SELECT a
FROM t
WHERE a NOT IN (1, 2, 'x', NULL);

SELECT a
FROM t
WHERE a + 1 IN (b, c * 2, d OR e);

SELECT a
FROM t
WHERE (a IN (1)) IN (TRUE, FALSE);

SELECT a
FROM t
WHERE a = b IN (1);

SELECT a
FROM t
WHERE (a = b) IN (TRUE);

SELECT a
FROM t
WHERE a BETWEEN 1 AND 10;

SELECT a
FROM t
WHERE a NOT BETWEEN 1 AND 10 AND b;

SELECT a
FROM t
WHERE a BETWEEN b - 1 AND b + 1 OR c;

SELECT a
FROM t
WHERE a BETWEEN (b AND c) AND (d OR e);

SELECT a
FROM t
WHERE (a BETWEEN 1 AND 2) BETWEEN FALSE AND TRUE;

SELECT a
FROM t
WHERE a LIKE 'x%';

SELECT a
FROM t
WHERE a NOT LIKE '%y';

SELECT a
FROM t
WHERE a LIKE '50!%' ESCAPE '!';

SELECT a
FROM t
WHERE a || b LIKE c || '%' AND d;

SELECT a
FROM t
WHERE (a LIKE b) LIKE c;

SELECT CASE WHEN a THEN 1 END
FROM t;

SELECT CASE WHEN a = 1 THEN 'x' WHEN b THEN 'y' ELSE 'z' END AS c
FROM t;

SELECT CASE a WHEN 1 THEN 'x' ELSE NULL END
FROM t;

SELECT CASE a OR b WHEN TRUE THEN CASE WHEN c THEN 1 END END + 1
FROM t;

SELECT CAST(a AS BIGINT), TRY_CAST(b AS DOUBLE)
FROM t;

SELECT CAST(a AS DECIMAL(10, 2)), CAST(b AS VARCHAR(20))
FROM t;

SELECT CAST(a + b AS STRING) || 'x'
FROM t;

SELECT CAST(CAST(a AS INT) AS STRING)
FROM t;

SELECT CAST(a AS ARRAY<STRING>), CAST(b AS MAP<STRING, ARRAY<INT>>)
FROM t;

SELECT CAST(a AS STRUCT<a INT, b STRUCT<c DECIMAL(3, 1), `end` TEXT>>)
FROM t;

SELECT UPPER(a), f(), g(a, b + 1, h(c))
FROM t;

SELECT COUNT(*), COUNT(a), COUNT(DISTINCT a), COUNT(DISTINCT a, b)
FROM t;

SELECT AVG(a.b.c) + SUM(d) / MAX(e)
FROM t;

SELECT left(a, 1), `case`(a), `my fn`(b), window(c)
FROM t;

SELECT COALESCE(a, 'x') = 'y'
FROM t;

SELECT a
FROM my.topic-1;

SELECT a
FROM ns:table;

SELECT a
FROM 2fa;

SELECT a
FROM 404;

SELECT a
FROM site.12.temps;

SELECT a
FROM a/b;

SELECT a
FROM bucket:prefix/x.{env}+y;

SELECT a
FROM kafka.temperatures;

SELECT a
FROM `my topic`;

SELECT a
FROM kafka.`my.topic`;

SELECT a
FROM `where`;

SELECT a
FROM `AUTOCREATE`;

SELECT a
FROM window;

SELECT a
FROM stream;

SELECT a
FROM a.where.b;

SELECT a
FROM `a--b`;

SELECT a
FROM t AS u;

SELECT u.a
FROM t AS u
WHERE u.b = 1;

SELECT a
FROM t AS window;

SELECT a
FROM t AS `odd alias`;

SELECT a
FROM t
WINDOW TUMBLING (SIZE 1 MINUTE);

SELECT a
FROM t
WINDOW TUMBLING (SIZE 500 MILLISECONDS);

SELECT a
FROM t
WINDOW TUMBLING (SIZE 1 HOUR, GRACE PERIOD 10 SECONDS);

SELECT a
FROM t
WINDOW TUMBLING (SIZE 1 DAY, GRACE PERIOD 0 SECONDS);

SELECT a, COUNT(*)
FROM t
GROUP BY a;

SELECT a, COUNT(*)
FROM t
GROUP BY a, b.c, UPPER(d), window;

SELECT a, COUNT(*) AS n
FROM t
GROUP BY a
HAVING COUNT(*) > 1;

SELECT a, COUNT(*)
FROM t
GROUP BY a
EMIT CHANGES;

SELECT a, COUNT(*)
FROM t
WINDOW TUMBLING (SIZE 7 DAYS)
GROUP BY a
EMIT FINAL;

SELECT a
FROM t
LIMIT 10;

SELECT a
FROM t
WHERE limit > window
LIMIT 1;

SELECT deviceId, AVG(temperature) AS avg
FROM temperatures
WHERE temperature IS NOT NULL
WINDOW TUMBLING (SIZE 5 MINUTES, GRACE PERIOD 1 MINUTE)
GROUP BY deviceId
HAVING AVG(temperature) > 30
EMIT FINAL
LIMIT 100;

INSERT INTO x
SELECT *
FROM t;

UPSERT INTO x
SELECT a, b
FROM t;

INSERT INTO elastic.temperatures_1m
SELECT deviceId, AVG(temperature) AS avg_temp, COUNT(*) AS readings
FROM temperatures
WINDOW TUMBLING (SIZE 1 MINUTE)
GROUP BY deviceId;

INSERT INTO my-index
SELECT *
FROM t
PK a;

INSERT INTO cassandra.iot.readings
SELECT *
FROM t
PK a, b.c, _key.id, _header.h;

INSERT INTO x
SELECT *
FROM t
WITHINDEXSUFFIX = _{yyyy-MM-dd};

INSERT INTO x
SELECT *
FROM t
WITHINDEXSUFFIX = -{yyyy.MM}.v1;

INSERT INTO x
SELECT *
FROM t
WITHINDEXSUFFIX = `_{yyyy MM;dd}`;

INSERT INTO x
SELECT *
FROM t
BATCH = 500;

INSERT INTO x
SELECT *
FROM t
TTL = 86400;

INSERT INTO x
SELECT *
FROM t
AUTOCREATE;

INSERT INTO elastic.x
SELECT a AS id, b
FROM kafka.t
WHERE b > 1
AUTOCREATE
PK id
BATCH = 10
WITHINDEXSUFFIX = _{yyyy}
TTL = 60
LIMIT 5;

UPSERT INTO `odd target`
SELECT `select` AS select
FROM `from`;

INSERT INTO a/b:c-d.{e}
SELECT *
FROM f+g;

-- @name hourly.by-device_1
INSERT INTO x
SELECT *
FROM t;

-- @name Größe
UPSERT INTO x
SELECT *
FROM t;

CREATE STREAM temperatures (deviceId STRING, temperature DOUBLE, ts TIMESTAMP)
WITH (topic = 'temps', format = 'json', key = 'deviceId', timestamp = 'ts', partitions = 4);

CREATE STREAM t (a INT);

CREATE STREAM t
WITH (partitions = 2);

CREATE STREAM kafka.my-topic.v1 (`end` DECIMAL(10, 2), `a b` ARRAY<STRUCT<x INT, y MAP<STRING, DOUBLE>>>, value BYTES);

CREATE STREAM t (a INT)
WITH (a = TRUE, b = FALSE, c = -1.5, `odd name` = 'it''s');

SET 'sink' = 'elastic';

SET 'error.policy' = 'retry';

SET 'max.retries' = 20;

SET 'a' = -0.5;

SET 'b' = TRUE;

SET 'it''s' = FALSE;

EXPLAIN
SELECT *
FROM t;

EXPLAIN
INSERT INTO x
SELECT a
FROM t
PK a;

EXPLAIN
-- @name named
INSERT INTO x
SELECT a
FROM t;
