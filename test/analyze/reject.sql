-- Statements that are refused, or warned of, each with what is said: line:column, severity, code, message, and the hint behind →.
-- `temperatures` is a declared stream (deviceId STRING, homeId STRING, time TIMESTAMP, temperature DOUBLE, humidity DOUBLE,
-- battery DOUBLE, room STRUCT<name STRING, floor INT>, tags ARRAY<STRING>, labels MAP<STRING, STRING>, price DECIMAL(10, 2), ok BOOLEAN,
-- readings BIGINT) with key deviceId and 4 partitions; `keyless` has no key and no columns; `raw` is an undeclared topic of Kafka.
-- Targets without a connection are indexes; tables are in `cassandra`.

-- # Fields

INSERT INTO a SELECT temprature FROM temperatures;
--! 1:22 error UNKNOWN_FIELD the stream 'temperatures' has no column 'temprature' → did you mean temperature?

INSERT INTO a SELECT deviceid FROM temperatures;
--! 1:22 error UNKNOWN_FIELD the stream 'temperatures' has no column 'deviceid' → did you mean deviceId?

INSERT INTO a SELECT zone FROM temperatures;
--! 1:22 error UNKNOWN_FIELD the stream 'temperatures' has no column 'zone' → its columns are deviceId, homeId, time, temperature, humidity, battery, room, tags, labels, price, ok, readings

INSERT INTO a SELECT room.flor FROM temperatures;
--! 1:27 error UNKNOWN_FIELD 'room' has no field 'flor' → did you mean floor?

INSERT INTO a SELECT room.zzz FROM temperatures;
--! 1:27 error UNKNOWN_FIELD 'room' has no field 'zzz' → its fields are name, floor

INSERT INTO a SELECT deviceId.id FROM temperatures;
--! 1:31 error UNKNOWN_FIELD 'deviceId' is STRING and has no fields

INSERT INTO a SELECT t.temp FROM temperatures t;
--! 1:24 error UNKNOWN_FIELD the stream 'temperatures' has no column 'temp' → did you mean temperature?

INSERT INTO a SELECT _ofset FROM temperatures;
--! 1:22 error UNKNOWN_FIELD the stream 'temperatures' has no column '_ofset' → did you mean _offset?

INSERT INTO a SELECT _offset.x FROM raw;
--! 1:22 error UNKNOWN_FIELD _offset has no fields → write _offset

INSERT INTO a SELECT _header FROM raw;
--! 1:22 error UNKNOWN_FIELD _header is followed by the name of one header → for example _header.origin

INSERT INTO a SELECT _header.a.b FROM raw;
--! 1:22 error UNKNOWN_FIELD _header is followed by the name of one header → for example _header.origin

INSERT INTO a SELECT _key.id FROM temperatures;
--! 1:22 error UNKNOWN_FIELD the key of 'temperatures' has the format string and no fields → a key that is a JSON object is declared WITH (key_format = 'json')

INSERT INTO a SELECT _key FROM nokeys;
--! 1:22 error UNKNOWN_FIELD the stream 'nokeys' is declared without keys → see its option key_format

INSERT INTO a SELECT _key FROM raw; INSERT INTO b SELECT _key.id FROM raw;
--! 1:22 error TYPE_MISMATCH the keys of 'raw' are read as a whole here and by their fields elsewhere in the pipeline → CREATE STREAM … WITH (key_format = 'json') says what they are

INSERT INTO a SELECT _value.zone FROM temperatures;
--! 1:29 error UNKNOWN_FIELD the stream 'temperatures' has no column 'zone' → its columns are deviceId, homeId, time, temperature, humidity, battery, room, tags, labels, price, ok, readings

INSERT INTO a SELECT window_start FROM temperatures;
--! 1:22 error UNKNOWN_FIELD the stream 'temperatures' has no column 'window_start' → the statement has no WINDOW

INSERT INTO a SELECT _header.* FROM raw;
--! 1:22 error NOT_SUPPORTED_YET _header.* of undeclared columns are not supported yet → headers are selected by name, for example _header.origin

INSERT INTO a SELECT *, * FROM raw;
--! 1:25 error DUPLICATE_NAME * stands twice in SELECT → keep one of them

INSERT INTO a SELECT deviceId, homeId AS deviceId FROM raw;
--! 1:42 error DUPLICATE_NAME two columns are named 'deviceId' → give it another name

INSERT INTO a SELECT room.name, labels.name FROM temperatures;
--! 1:33 error DUPLICATE_NAME two columns are named 'name' → AS gives it another name

INSERT INTO a SELECT *, temperature AS deviceId, humidity AS deviceId FROM temperatures;
--! 1:62 error DUPLICATE_NAME two columns are named 'deviceId' → give it another name

-- # Types

INSERT INTO a SELECT * FROM raw WHERE 'abc' > 5;
--! 1:39 error TYPE_MISMATCH STRING cannot be compared with INT → write a number

INSERT INTO a SELECT * FROM temperatures WHERE temperature > '28';
--! 1:62 error TYPE_MISMATCH STRING cannot be compared with DOUBLE → write 28 without quotes

INSERT INTO a SELECT * FROM temperatures WHERE deviceId = 17;
--! 1:59 error TYPE_MISMATCH INT cannot be compared with STRING → write '17' in quotes

INSERT INTO a SELECT * FROM temperatures WHERE temperature LIKE 5;
--! 1:48 error TYPE_MISMATCH LIKE needs a STRING, but this is DOUBLE → CAST(… AS STRING)
--! 1:65 error TYPE_MISMATCH LIKE needs a STRING, but this is INT → write '5' in quotes

INSERT INTO a SELECT * FROM temperatures WHERE temperature;
--! 1:48 error TYPE_MISMATCH WHERE needs true or false, but this is DOUBLE → compare it: … <> 0

INSERT INTO a SELECT * FROM temperatures WHERE NOT deviceId;
--! 1:52 error TYPE_MISMATCH NOT needs true or false, but this is STRING → compare it: … = 'text'

INSERT INTO a SELECT * FROM temperatures WHERE temperature > 1 AND deviceId OR ok;
--! 1:68 error TYPE_MISMATCH AND needs true or false, but this is STRING → compare it: … = 'text'

INSERT INTO a SELECT * FROM temperatures WHERE temperature IN (1, 'two', 3);
--! 1:67 error TYPE_MISMATCH STRING cannot be compared with DOUBLE → write a number

INSERT INTO a SELECT * FROM temperatures WHERE temperature BETWEEN 'a' AND 5;
--! 1:68 error TYPE_MISMATCH STRING cannot be compared with DOUBLE → write a number

INSERT INTO a SELECT * FROM temperatures WHERE time > 'yesterday';
--! 1:55 error INVALID_VALUE 'yesterday' is no TIMESTAMP → for example '2026-03-04T12:00:00Z', in UTC unless a zone is given

INSERT INTO a SELECT * FROM temperatures WHERE time > 1700000000000;
--! 1:55 error TYPE_MISMATCH BIGINT cannot be compared with TIMESTAMP → CAST(… AS TIMESTAMP)

INSERT INTO a SELECT * FROM temperatures WHERE deviceId IS TRUE;
--! 1:48 error TYPE_MISMATCH IS TRUE needs true or false, but this is STRING → compare it: … = 'text'

INSERT INTO a SELECT * FROM temperatures WHERE room < tags;
--! 1:55 error TYPE_MISMATCH ARRAY<STRING> cannot be compared with STRUCT<name STRING, floor INT> → an element of it is …[1]

INSERT INTO a SELECT * FROM temperatures WHERE tags = 'a';
--! 1:55 error TYPE_MISMATCH STRING cannot be compared with ARRAY<STRING> → an element of it is …[1]

INSERT INTO a SELECT deviceId + homeId AS x FROM temperatures;
--! 1:22 error TYPE_MISMATCH + adds numbers, but this is STRING → || joins texts

INSERT INTO a SELECT deviceId * 2 AS x FROM temperatures;
--! 1:22 error TYPE_MISMATCH * needs a number, but this is STRING → CAST(… AS DOUBLE)

INSERT INTO a SELECT -deviceId AS x FROM temperatures;
--! 1:23 error TYPE_MISMATCH - needs a number, but this is STRING → CAST(… AS DOUBLE)

INSERT INTO a SELECT time - 60000 AS x FROM temperatures;
--! 1:22 error TYPE_MISMATCH TIMESTAMP - INT has no meaning → INTERVAL '1' DAY is a length of time; epoch_ms(a) makes a number of a time

INSERT INTO a SELECT price * tags AS x FROM temperatures;
--! 1:30 error TYPE_MISMATCH * needs a number, but this is ARRAY<STRING> → an element of it is …[1]

INSERT INTO a SELECT tags || 'x' AS x FROM temperatures;
--! 1:22 error TYPE_MISMATCH || cannot take ARRAY<STRING> → an element of it is …[1]

INSERT INTO a SELECT x + 9007199254740993 AS x FROM raw;
--! 1:26 error INVALID_VALUE this integer is beyond 2^53 and cannot be computed with here: no double holds it → CAST(… AS DOUBLE) takes the nearest double; comparisons are exact

INSERT INTO a SELECT CASE WHEN temperature > 5 THEN 'warm' ELSE 0 END AS x FROM temperatures;
--! 1:65 error TYPE_MISMATCH one result of CASE is INT, those before it are STRING → CAST makes them one type

INSERT INTO a SELECT CASE temperature WHEN 'a' THEN 1 END AS x FROM temperatures;
--! 1:44 error TYPE_MISMATCH STRING cannot be compared with DOUBLE → write a number

INSERT INTO a SELECT CASE WHEN temperature THEN 1 END AS x FROM temperatures;
--! 1:32 error TYPE_MISMATCH WHEN needs true or false, but this is DOUBLE → compare it: … <> 0

INSERT INTO a SELECT CAST(ok AS TIMESTAMP) AS x FROM temperatures;
--! 1:22 error TYPE_MISMATCH BOOLEAN cannot be cast to TIMESTAMP

INSERT INTO a SELECT CAST(time AS INT) AS x FROM temperatures;
--! 1:22 error TYPE_MISMATCH TIMESTAMP cannot be cast to INT → CAST to BIGINT gives epoch milliseconds

INSERT INTO a SELECT CAST(temperature AS TIMESTAMP) AS x FROM temperatures;
--! 1:22 error TYPE_MISMATCH DOUBLE cannot be cast to TIMESTAMP → CAST to BIGINT first: epoch milliseconds

INSERT INTO a SELECT CAST(tags AS DECIMAL(10, 2)) AS x FROM temperatures;
--! 1:22 error TYPE_MISMATCH ARRAY<STRING> cannot be cast to DECIMAL(10, 2) → an element of it is …[1]

INSERT INTO a SELECT CAST(temperature AS STRNG) AS x FROM temperatures;
--! 1:42 error UNKNOWN_TYPE there is no type STRNG → did you mean STRING?

INSERT INTO a SELECT CAST(temperature AS VARCHAR(20)) AS x FROM temperatures;
--! 1:42 error UNKNOWN_TYPE VARCHAR takes no parameters → write VARCHAR

-- # Functions

INSERT INTO a SELECT uper(deviceId) AS x FROM raw;
--! 1:22 error UNKNOWN_FUNCTION there is no function uper → did you mean upper?

INSERT INTO a SELECT NOW() AS x FROM raw;
--! 1:22 error UNKNOWN_FUNCTION there is no function NOW → the time of a record is _timestamp; results do not depend on the wall clock

INSERT INTO a SELECT deviceId FROM temperatures WHERE homeId = NULL;
--! 1:55 warning NEVER_TRUE a comparison with NULL is never true → write IS NULL or IS NOT NULL

INSERT INTO a SELECT deviceId FROM temperatures WHERE homeId NOT IN ('a', NULL);
--! 1:75 warning NEVER_TRUE a comparison with NULL is never true → write IS NULL or IS NOT NULL

INSERT INTO a SELECT upper() AS x FROM raw;
--! 1:22 error WRONG_ARGUMENTS upper takes 1 argument, not 0 → write upper(text)

INSERT INTO a SELECT round(temperature, 1, 2) AS x FROM raw;
--! 1:22 error WRONG_ARGUMENTS round takes 1 to 2 arguments, not 3 → write round(number[, digits])

INSERT INTO a SELECT upper(temperature) AS x FROM temperatures;
--! 1:28 error TYPE_MISMATCH upper needs a STRING, but this is DOUBLE → CAST(… AS STRING)

INSERT INTO a SELECT sqrt(deviceId) AS x FROM temperatures;
--! 1:27 error TYPE_MISMATCH sqrt needs a number, but this is STRING → CAST(… AS DOUBLE)

INSERT INTO a SELECT round(temperature, 1.5) AS x FROM temperatures;
--! 1:41 error TYPE_MISMATCH round needs a whole number, but this is DOUBLE → CAST(… AS BIGINT)

INSERT INTO a SELECT upper(*) AS x FROM raw;
--! 1:22 error WRONG_ARGUMENTS upper takes no * → write upper(text)

INSERT INTO a SELECT coalesce(temperature, 'none') AS x FROM temperatures;
--! 1:44 error TYPE_MISMATCH one argument of coalesce is STRING, those before it are DOUBLE → CAST makes them one type

INSERT INTO a SELECT if(temperature, 1, 2) AS x FROM temperatures;
--! 1:25 error TYPE_MISMATCH if needs true or false, but this is DOUBLE → compare it: … <> 0

INSERT INTO a SELECT concat(tags, 'x') AS x FROM temperatures;
--! 1:29 error TYPE_MISMATCH concat cannot take ARRAY<STRING> → an element of it is …[1]

INSERT INTO a SELECT date_trunc('huor', time) AS x FROM temperatures;
--! 1:33 error INVALID_VALUE date_trunc does not know 'huor' → did you mean hour?

INSERT INTO a SELECT date_trunc('hour', temperature) AS x FROM temperatures;
--! 1:41 error TYPE_MISMATCH date_trunc needs a TIMESTAMP, but this is DOUBLE → CAST(… AS TIMESTAMP)

INSERT INTO a SELECT epoch_ms('12 March') AS x FROM raw;
--! 1:31 error INVALID_VALUE '12 March' is no TIMESTAMP → for example '2026-03-04T12:00:00Z', in UTC unless a zone is given

-- # Aggregates and grouping

INSERT INTO a SELECT deviceId, homeId, COUNT(*) AS n FROM temperatures GROUP BY deviceId;
--! 1:32 error NOT_GROUPED 'homeId' has many values in a group → add homeId to GROUP BY, or aggregate it, for example COUNT(homeId)

INSERT INTO a SELECT deviceId, temperature + 1 AS x FROM temperatures GROUP BY deviceId;
--! 1:32 error NOT_GROUPED 'temperature' has many values in a group → add temperature to GROUP BY, or aggregate it, for example MAX(temperature)

INSERT INTO a SELECT deviceId, _offset FROM temperatures GROUP BY deviceId;
--! 1:32 error NOT_GROUPED '_offset' has many values in a group → add _offset to GROUP BY, or aggregate it, for example MAX(_offset)

INSERT INTO a SELECT *, COUNT(*) AS n FROM temperatures GROUP BY deviceId;
--! 1:22 error NOT_GROUPED * has many values in a group → select grouping fields, aggregates, window_start and window_end by name

INSERT INTO a SELECT deviceId, COUNT(*) AS n FROM temperatures GROUP BY deviceId HAVING temperature > 5;
--! 1:89 error NOT_GROUPED 'temperature' has many values in a group → add temperature to GROUP BY, or aggregate it, for example MAX(temperature)

INSERT INTO a SELECT deviceId, SUM(homeId) AS n FROM temperatures GROUP BY deviceId;
--! 1:36 error TYPE_MISMATCH sum needs a number, but this is STRING → CAST(… AS DOUBLE)

INSERT INTO a SELECT deviceId, AVG(ok) AS n FROM temperatures GROUP BY deviceId;
--! 1:36 error TYPE_MISMATCH avg needs a number, but this is BOOLEAN → CASE WHEN … THEN 1 ELSE 0 END makes a number of it

INSERT INTO a SELECT deviceId, COUNT() AS n FROM temperatures GROUP BY deviceId;
--! 1:32 error WRONG_ARGUMENTS COUNT takes one argument → write COUNT(*) or COUNT(field)

INSERT INTO a SELECT deviceId, SUM(*) AS n FROM temperatures GROUP BY deviceId;
--! 1:32 error WRONG_ARGUMENTS SUM takes one argument → write SUM(field)

INSERT INTO a SELECT deviceId, MAX(temperature, humidity) AS n FROM temperatures GROUP BY deviceId;
--! 1:32 error WRONG_ARGUMENTS MAX takes one argument → greatest(temperature, humidity) compares the fields of one row

INSERT INTO a SELECT deviceId, SUM(AVG(temperature)) AS n FROM temperatures GROUP BY deviceId;
--! 1:36 error AGGREGATE_NOT_ALLOWED AVG cannot stand in an aggregate → aggregates do not nest

INSERT INTO a SELECT deviceId FROM temperatures WHERE AVG(temperature) > 5 GROUP BY deviceId;
--! 1:55 error AGGREGATE_NOT_ALLOWED AVG cannot stand in WHERE → HAVING filters groups

INSERT INTO a SELECT deviceId, COUNT(*) AS n FROM temperatures GROUP BY deviceId, MAX(temperature);
--! 1:83 error AGGREGATE_NOT_ALLOWED MAX cannot stand in GROUP BY → group by fields of the rows

INSERT INTO a SELECT deviceId, COUNT(*) AS n FROM temperatures GROUP BY deviceId, n;
--! 1:83 error AGGREGATE_NOT_ALLOWED an aggregate cannot stand in GROUP BY → group by fields of the rows

INSERT INTO a SELECT deviceId, COUNT(*) AS n FROM temperatures GROUP BY deviceId, tags;
--! 1:83 error TYPE_MISMATCH groups cannot be made by ARRAY<STRING> → group by a field of it

INSERT INTO a SELECT deviceId, COUNT(*) AS n FROM temperatures GROUP BY 3;
--! 1:73 error INVALID_VALUE SELECT has no column 3 that could be grouped by

INSERT INTO a SELECT homeId, MAX(_offset) AS n FROM temperatures WINDOW SESSION (GAP 1 MINUTE) GROUP BY homeId;
--! 1:105 error GROUPING_NEEDS_KEY rows that belong together lie in 4 partitions, and these cannot be read as one log: it reads _offset or _partition → declare WITH (key = …) where a field equals the record key, or write a topic anew: INSERT INTO … PARTITION BY

INSERT INTO a SELECT homeId, AVG(temp) AS avg_temp FROM raw WHERE avg_temp > 5 GROUP BY homeId;
--! 1:67 warning ALIAS_NOT_VISIBLE 'avg_temp' is a field of the record here, not the alias of SELECT → HAVING filters groups

INSERT INTO a SELECT upper(homeId) AS home FROM raw WHERE home = 'X';
--! 1:59 warning ALIAS_NOT_VISIBLE 'home' is a field of the record here, not the alias of SELECT → write the expression itself

INSERT INTO a SELECT homeId FROM temperatures WHERE humidity > 5 HAVING homeId = 'x';
--! 1:73 error CLAUSE_NOT_ALLOWED HAVING filters groups, and rows are not grouped → WHERE filters rows

-- # Windows and EMIT

INSERT INTO a SELECT deviceId FROM temperatures WINDOW TUMBLING (SIZE 1 MINUTE);
--! 1:56 error CLAUSE_NOT_ALLOWED WINDOW needs aggregates or GROUP BY → for example SELECT deviceId, COUNT(*) … GROUP BY deviceId

INSERT INTO a SELECT deviceId, COUNT(*) AS n FROM temperatures WHERE window_start > '2026-01-01' WINDOW TUMBLING (SIZE 1 MINUTE) GROUP BY deviceId;
--! 1:70 error WINDOW_BOUND_NOT_ALLOWED window_start is not known yet in WHERE → HAVING comes after the window

INSERT INTO a SELECT deviceId, MAX(window_end) AS n FROM temperatures WINDOW TUMBLING (SIZE 1 MINUTE) GROUP BY deviceId;
--! 1:36 error WINDOW_BOUND_NOT_ALLOWED window_end is not known yet in an aggregate → _value.window_end is the record's field of that name

INSERT INTO a SELECT deviceId, windw_start FROM temperatures WINDOW TUMBLING (SIZE 1 MINUTE) GROUP BY deviceId;
--! 1:32 error UNKNOWN_FIELD the stream 'temperatures' has no column 'windw_start' → did you mean window_start?

INSERT INTO a SELECT deviceId, COUNT(*) AS n FROM temperatures GROUP BY deviceId EMIT FINAL;
--! 1:82 error CLAUSE_NOT_ALLOWED EMIT FINAL needs a window: without one a group is never final → EMIT CHANGES, or add WINDOW TUMBLING (SIZE …)

INSERT INTO a SELECT deviceId FROM temperatures EMIT FINAL;
--! 1:49 error CLAUSE_NOT_ALLOWED EMIT FINAL needs a window: rows are not grouped → leave EMIT out

INSERT INTO a SELECT deviceId FROM raw LIMIT 10;
--! 1:40 error CLAUSE_NOT_ALLOWED LIMIT ends a SELECT; a pipeline does not end → leave LIMIT out

INSERT INTO kafka.a SELECT deviceId, COUNT(*) AS n FROM temperatures WINDOW TUMBLING (SIZE 1 MINUTE) GROUP BY deviceId EMIT CHANGES;
INSERT INTO b SELECT * FROM kafka.a;
--! 2:29 error SOURCE_NOT_ALLOWED 'a#1' writes the results of all windows of a group to a under one key: as rows of a table they would replace each other → EMIT FINAL writes each once; PK deviceId, window_start tells them apart

INSERT INTO kafka.a SELECT deviceId, COUNT(*) AS n FROM raw GROUP BY deviceId;
INSERT INTO b SELECT STREAM * FROM kafka.a;
--! 2:36 error SOURCE_NOT_ALLOWED 'a#1' writes changing results to a; as a stream every change would count → read it as a table: SELECT TABLE …, or CREATE TABLE

CREATE TABLE homes (id STRING PRIMARY KEY, city STRING, tags ARRAY<STRING>) WITH (topic = 'homes');
INSERT INTO b SELECT city, COUNT(*) AS n FROM homes WINDOW TUMBLING (SIZE 1 MINUTE) GROUP BY city;
--! 2:60 error CLAUSE_NOT_ALLOWED a window takes rows by their time, and those of a table replace each other at any time → SELECT STREAM … reads every change as a row of its own; GROUP BY without a window goes on with the table

CREATE TABLE homes (id STRING PRIMARY KEY, city STRING) WITH (topic = 'homes');
INSERT INTO b SELECT * FROM homes PK city;
--! 2:35 error KEY_REQUIRED rows of a table are told apart by its key: a record that deletes one has nothing else → PK id, or leave PK out

CREATE TABLE homes (id STRING PRIMARY KEY, city STRING) WITH (topic = 'homes');
INSERT INTO b SELECT * FROM homes WITHINDEXSUFFIX=_{YYYY-MM-dd};
--! 2:35 error CLAUSE_NOT_ALLOWED WITHINDEXSUFFIX goes by the time of a row, and a row of a table would be left behind with each change → SELECT STREAM … writes every change as a document of its own
--! 2:53 warning INVALID_DATE_PATTERN YYYY is the year of the week: in the days around New Year it is another than that of the date → write yyyy

CREATE TABLE homes (id STRING PRIMARY KEY, tags ARRAY<STRING>) WITH (topic = 'homes');
INSERT INTO b SELECT EXPLODE(tags) AS tag FROM homes;
--! 2:48 error NOT_SUPPORTED_YET elements of tables are not supported yet → SELECT STREAM … reads its records, each as it was written

CREATE TABLE homes (id STRING PRIMARY KEY, city STRING) WITH (topic = 'homes');
INSERT INTO b SELECT id FROM homes UNION ALL SELECT city FROM homes;
--! 2:30 error NOT_SUPPORTED_YET tables in a UNION are not supported yet → SELECT STREAM … reads its records, each as it was written

CREATE TABLE homes (id STRING PRIMARY KEY, city STRING) WITH (topic = 'homes');
CREATE TABLE owners (id STRING PRIMARY KEY, name STRING) WITH (topic = 'owners');
INSERT INTO b SELECT h.city, o.name FROM homes h FULL JOIN owners o ON h.id = o.id LEFT JOIN owners p ON o.id = p.id;
--! 3:84 error NOT_SUPPORTED_YET joins behind a FULL join of tables are not supported yet → write it before the FULL join, or INSERT what is joined INTO a topic and read that as a table

-- # Targets and clauses

INSERT INTO Temperatures SELECT * FROM raw;
--! 1:13 error ILLEGAL_NAME 'Temperatures' cannot be the name of an index: an index name must be lower case, but has 'T' → write temperatures

INSERT INTO _hot SELECT * FROM raw;
--! 1:13 error ILLEGAL_NAME '_hot' cannot be the name of an index: an index name must not begin with '_' → write hot

INSERT INTO `a,b` SELECT * FROM raw;
--! 1:13 error ILLEGAL_NAME 'a,b' cannot be the name of an index: an index name must not contain ',' → write a_b

INSERT INTO `..` SELECT * FROM raw;
--! 1:13 error ILLEGAL_NAME '..' cannot be the name of an index: an index name must not be empty, '.' or '..'

INSERT INTO kafka.`a b` SELECT * FROM raw;
--! 1:13 error ILLEGAL_NAME 'a b' cannot be the name of a topic: a topic name has letters, digits, '.', '_' and '-'; ' ' does not fit → write a_b

INSERT INTO cassandra.readings SELECT deviceId FROM raw PK deviceId;
--! 1:13 error ILLEGAL_NAME 'readings' cannot be the name of a table: a Cassandra table is named with its keyspace: keyspace.table → for example cassandra.iot.readings

INSERT INTO cassandra.iot.my-table SELECT deviceId FROM raw PK deviceId;
--! 1:13 error ILLEGAL_NAME 'iot.my-table' cannot be the name of a table: a Cassandra name has letters, digits and _, and begins with a letter; 'my-table' does not fit → write iot.my_table

INSERT INTO cassandra.iot.readings SELECT deviceId FROM raw;
--! 1:13 error KEY_REQUIRED the table iot.readings needs a key → PK names its key columns, for example PK deviceId

INSERT INTO cassandra.iot.readings SELECT temperature FROM temperatures PK deviceId;
--! 1:73 error KEY_REQUIRED the key column 'deviceId' of the table iot.readings is not selected → add deviceId to SELECT

INSERT INTO cassandra.iot.readings SELECT deviceId, COUNT(*) AS n FROM temperatures WINDOW TUMBLING (SIZE 1 MINUTE) GROUP BY deviceId;
--! 1:13 error KEY_REQUIRED the key column 'window_start' of the table iot.readings is not selected → add window_start to SELECT, or name other key columns with PK

UPSERT INTO a SELECT deviceId FROM temperatures;
--! 1:13 error KEY_REQUIRED UPSERT needs PK: it says which row to change → for example PK deviceId, or INSERT INTO

INSERT INTO a SELECT deviceId FROM temperatures PK zone;
--! 1:52 error UNKNOWN_FIELD the stream 'temperatures' has no column 'zone' → PK names columns of SELECT, then fields of the source

INSERT INTO a SELECT deviceId FROM temperatures PK deviceId, deviceId;
--! 1:62 error DUPLICATE_NAME PK names 'deviceId' twice → keep one of them

INSERT INTO a SELECT deviceId, room FROM temperatures PK deviceId, room;
--! 1:68 error TYPE_MISMATCH a key cannot be made of STRUCT<name STRING, floor INT>

INSERT INTO a SELECT deviceId, COUNT(*) AS n FROM temperatures GROUP BY deviceId PK homeId;
--! 1:85 error NOT_GROUPED 'homeId' has many values in a group → add homeId to GROUP BY, or aggregate it, for example COUNT(homeId)

INSERT INTO a SELECT homeId, temperature FROM temperatures PK homeId;
--! 1:60 warning KEY_NOT_COVERED the record key is not known to be part of PK: if rows of one key come from several partitions, the highest version wins → add deviceId to PK

INSERT INTO a SELECT homeId FROM raw PK homeId; INSERT INTO a SELECT roomId FROM raw PK roomId;
--! 1:61 warning SHARED_TARGET 'a#1' writes to elastic.a by PK too: of equal keys the highest version wins → leave PK out to keep the rows of both

INSERT INTO a SELECT * FROM raw TTL = 60;
--! 1:33 error CLAUSE_NOT_ALLOWED TTL has no meaning for an index (elastic.a, elasticsearch) → rows that expire are a matter of tables

INSERT INTO cassandra.iot.a SELECT deviceId FROM temperatures PK deviceId WITHINDEXSUFFIX = _{yyyy};
--! 1:75 error CLAUSE_NOT_ALLOWED WITHINDEXSUFFIX has no meaning for a table (cassandra.iot.a) → dated names are a matter of indexes

INSERT INTO a SELECT * FROM raw WITHINDEXSUFFIX = _{YYYY-MM-dd};
--! 1:53 warning INVALID_DATE_PATTERN YYYY is the year of the week: in the days around New Year it is another than that of the date → write yyyy

INSERT INTO a SELECT * FROM raw WITHINDEXSUFFIX = _{yyyy-MMM};
--! 1:58 error INVALID_DATE_PATTERN 'MMM' cannot be used in the name of an index, which is in lower case → write MM for the month

INSERT INTO a SELECT * FROM raw WITHINDEXSUFFIX = _Day_{dd};
--! 1:52 error INVALID_DATE_PATTERN an index name must be lower case, but has 'D' → write d

INSERT INTO a SELECT deviceId, COUNT(*) AS n FROM temperatures GROUP BY deviceId WITHINDEXSUFFIX = _{yyyy};
--! 1:82 error CLAUSE_NOT_ALLOWED WITHINDEXSUFFIX needs a time, and a group without a window has none → WINDOW TUMBLING (SIZE 1 DAY) gives each group one

INSERT INTO kafka.raw SELECT * FROM raw;
--! 1:13 error STATEMENT_NOT_ALLOWED the statement reads the topic 'raw' that it writes: it would never end → write to another topic

INSERT INTO elastc.a SELECT * FROM raw;
--! 1:13 warning UNKNOWN_CONNECTION there is no connection 'elastc': 'elastc.a' is taken as a name in 'elastic' → did you mean elastic.a?

INSERT INTO a SELECT * FROM elastic.b;
--! 1:29 error SOURCE_NOT_ALLOWED 'elastic' (elasticsearch) has no topics, and a pipeline reads topics → sluice query reads an index or table once

-- @name one
INSERT INTO a SELECT * FROM raw;
-- @name one
INSERT INTO b SELECT * FROM raw;
--! 4:13 error DUPLICATE_NAME two statements are named 'one' → -- @name before a statement gives it another name

SELECT * FROM raw;
--! 1:1 error STATEMENT_NOT_ALLOWED SELECT has no place in a pipeline → INSERT INTO … before it, or sluice query

EXPLAIN SELECT * FROM raw;
--! 1:1 error STATEMENT_NOT_ALLOWED EXPLAIN has no place in a pipeline → sluice explain shows the plans of a file

INSERT INTO a SELECT x FROM kafka.orders; INSERT INTO b SELECT x FROM embedded.orders;
--! 1:71 error NOT_SUPPORTED_YET topics of one name on two connections, kafka.orders and embedded.orders, are not supported in one pipeline yet → read them in two pipelines, or write one to a topic of another name first

INSERT INTO a SELECT o.x FROM kafka.orders o JOIN embedded.orders t WITHIN 1 HOUR ON o._key = t._key;
--! 1:31 error NOT_SUPPORTED_YET topics of one name on two connections, kafka.orders and embedded.orders, are not supported in one pipeline yet → read them in two pipelines, or write one to a topic of another name first

-- # SET

SET 'error.polcy' = 'noop';
--! 1:1 error UNKNOWN_SETTING there is no setting 'error.polcy' → did you mean error.policy?

SET 'auto.offset.reset' = 'earliest';
--! 1:1 error UNKNOWN_SETTING there is no setting 'auto.offset.reset' → did you mean start?

SET 'connect.elastic.error.policy' = 'NOOP';
--! 1:1 error UNKNOWN_SETTING there is no setting 'connect.elastic.error.policy' → did you mean error.policy?

SET 'colour' = 'blue';
--! 1:1 error UNKNOWN_SETTING there is no setting 'colour' → settings are source, sink, error.policy, max.retries, retry.interval, dead.letters, dead.letters.mask, dead.letters.retention, error.budget, commit.interval, idle.timeout, time, autocreate, start, parallelism, lookup.cache.rows, lookup.cache.ttl, lookup.timeout, delivery, pace

SET '' = 'blue';
--! 1:1 error UNKNOWN_SETTING there is no setting '' → settings are source, sink, error.policy, max.retries, retry.interval, dead.letters, dead.letters.mask, dead.letters.retention, error.budget, commit.interval, idle.timeout, time, autocreate, start, parallelism, lookup.cache.rows, lookup.cache.ttl, lookup.timeout, delivery, pace

SET 'error.policy' = 'ignore';
--! 1:1 error INVALID_VALUE 'error.policy' takes throw, noop or retry, not "ignore" → initially throw

SET 'max.retries' = -1;
--! 1:1 error INVALID_VALUE 'max.retries' takes a whole number from 0, not -1 → initially 20

SET 'retry.interval' = '10 parsecs';
--! 1:1 error INVALID_VALUE 'retry.interval' takes milliseconds, or a text such as '10s', not "10 parsecs" → initially 1s

SET 'sink' = 'elastik';
--! 1:1 error UNKNOWN_CONNECTION there is no connection 'elastik' → did you mean elastic?

SET 'parallelism' = 400;
--! 1:1 error INVALID_VALUE 'parallelism' takes a whole number from 1 to 64, not 400 → initially 1

SET 'dead.letters' = 'elastic.Dead'; INSERT INTO a SELECT * FROM raw;
--! 1:1 error ILLEGAL_NAME 'Dead' cannot be the name of an index: an index name must be lower case, but has 'D' → write dead

-- # CREATE STREAM

CREATE STREAM s (a STRNG);
--! 1:20 error UNKNOWN_TYPE there is no type STRNG → did you mean STRING?

CREATE STREAM s (a INT, a STRING);
--! 1:25 error DUPLICATE_NAME there are two columns 'a' → give one of them another name

CREATE STREAM s (a MAP<INT, STRING>);
--! 1:20 error UNKNOWN_TYPE the keys of a MAP are STRING → for example MAP<STRING, INT>

CREATE STREAM s (a DECIMAL(50, 2));
--! 1:20 error UNKNOWN_TYPE DECIMAL takes a precision from 1 to 38 and a scale up to it → for example DECIMAL(10, 2)

CREATE STREAM s (a STRUCT<b INT, b INT>);
--! 1:34 error DUPLICATE_NAME STRUCT has two fields 'b' → give one of them another name

CREATE STREAM s (a ARRAY);
--! 1:20 error UNKNOWN_TYPE ARRAY needs the type of its elements → for example ARRAY<STRING>

CREATE STREAM s (a INT) WITH (topik = 'x');
--! 1:31 error UNKNOWN_OPTION CREATE STREAM has no option 'topik' → did you mean topic?

CREATE STREAM s (a INT) WITH (colour = 'x');
--! 1:31 error UNKNOWN_OPTION CREATE STREAM has no option 'colour' → options are connection, topic, format, value_delimiter, key_format, key_delimiter, key, timestamp, partitions

CREATE STREAM s (a INT) WITH (topic = 'x', kafka_topic = 'y');
--! 1:44 error DUPLICATE_NAME the option 'topic' is given twice → keep one of them

CREATE STREAM s (a INT) WITH (format = 'avro');
--! 1:31 error NOT_SUPPORTED_YET the value format 'avro' is not supported yet → json, delimited, kafka, string, bytes, none are

CREATE STREAM s (a INT) WITH (format = 'jsn');
--! 1:31 error INVALID_VALUE there is no value format 'jsn' → did you mean json?

CREATE STREAM s (a INT) WITH (key_format = 'kafka');
--! 1:31 error INVALID_VALUE a key of format 'kafka' needs columns to be read by → Kafka's serializers write one INT, BIGINT, DOUBLE, STRING or BYTES

CREATE STREAM s (deviceId STRING) WITH (key = 'deviceID');
--! 1:41 error UNKNOWN_FIELD 'key' names no column of this stream: 'deviceID' → did you mean deviceId?

CREATE STREAM s (at STRING) WITH (timestamp = 'at');
--! 1:35 error TYPE_MISMATCH event time needs a TIMESTAMP or BIGINT column; 'at' is STRING → TIMESTAMP reads ISO 8601 text and epoch milliseconds

CREATE STREAM s (a INT) WITH (partitions = 0);
--! 1:31 error INVALID_VALUE 'partitions' takes a whole number from 1 to 100000 → for example partitions = 4

CREATE STREAM s (a INT) WITH (partitions = 'four');
--! 1:31 error INVALID_VALUE 'partitions' takes a whole number from 1 to 100000 → for example partitions = 4

CREATE STREAM s (a INT) WITH (connection = 'kafak');
--! 1:31 error UNKNOWN_CONNECTION there is no connection 'kafak' → did you mean kafka?

CREATE STREAM s (a INT) WITH (connection = 'elastic');
--! 1:31 error SOURCE_NOT_ALLOWED 'elastic' (elasticsearch) has no topics → WITH (connection = '…') names the one that has

CREATE STREAM s (a INT) WITH (topic = 'a b');
--! 1:31 error ILLEGAL_NAME 'a b' cannot be the name of a topic: a topic name has letters, digits, '.', '_' and '-'; ' ' does not fit → write a_b

CREATE STREAM Temperatures (a INT);
--! 1:15 error DUPLICATE_NAME the stream 'Temperatures' is declared already → CREATE OR REPLACE takes its place, IF NOT EXISTS leaves it

INSERT INTO elastic.x SELECT deviceId, window_end, COUNT(*) AS n FROM temperatures WINDOW SESSION (GAP 30 SECONDS) GROUP BY deviceId PK deviceId, window_end;
--! 1:134 error INVALID_WINDOW 'window_end' changes while a session goes on, and a row is written under its PK each time → window_start in PK, or EMIT FINAL, which writes each session once

INSERT INTO elastic.x SELECT deviceId, DATE_TRUNC('day', window_start) AS day, COUNT(*) AS n FROM temperatures WINDOW SESSION (30 SECONDS) GROUP BY deviceId PK deviceId, day;
--! 1:158 error INVALID_WINDOW 'day' changes while a session goes on, and a row is written under its PK each time → window_start in PK, or EMIT FINAL, which writes each session once

-- # OVER

INSERT INTO a SELECT deviceId, ROW_NUMBER() OVER (PARTITION BY deviceId ORDER BY temperature) AS n FROM temperatures;
--! 1:32 error INVALID_VALUE places of rows that never end change without end: only the first ones can be known → FROM (SELECT …, ROW_NUMBER() OVER (…) AS place FROM …) WHERE place <= 10

INSERT INTO a SELECT deviceId FROM (SELECT deviceId, RANK() OVER (PARTITION BY deviceId ORDER BY temperature) AS n FROM temperatures) WHERE n <= 3;
--! 1:36 error KEY_REQUIRED rows that share a place cannot be told apart by it → PK names what tells the rows apart, or ROW_NUMBER gives each a place of its own

INSERT INTO a SELECT deviceId, AVG(temperature) OVER (PARTITION BY deviceId ORDER BY temperature ROWS 3 PRECEDING) AS mean FROM temperatures;
--! 1:86 error INVALID_VALUE rows are looked back on in the order in which they come: ORDER BY names their event time, _timestamp or _offset → CREATE STREAM … WITH (timestamp = …), or EVENTTIME BY, says what the event time is

INSERT INTO a SELECT deviceId, AVG(temperature) OVER (PARTITION BY deviceId ORDER BY time DESC) AS mean FROM temperatures;
--! 1:86 error INVALID_VALUE rows are looked back on in the order in which they come: ORDER BY names their event time, _timestamp or _offset → CREATE STREAM … WITH (timestamp = …), or EVENTTIME BY, says what the event time is

INSERT INTO a SELECT deviceId, AVG(temperature) OVER (PARTITION BY deviceId) AS mean FROM temperatures;
--! 1:32 error INVALID_VALUE without ORDER BY it is made of all rows, which never end → ORDER BY the event time: then it is made of those up to the row

INSERT INTO a SELECT deviceId, AVG(temperature) OVER (PARTITION BY deviceId ORDER BY time ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING) AS mean FROM temperatures;
--! 1:91 error INVALID_VALUE a row is answered when it comes: rows that follow it are not there → for example ROWS BETWEEN 9 PRECEDING AND CURRENT ROW

INSERT INTO a SELECT deviceId, AVG(temperature) OVER (PARTITION BY deviceId ORDER BY time ROWS BETWEEN 1 PRECEDING AND 2 PRECEDING) AS mean FROM temperatures;
--! 1:91 error INVALID_VALUE a frame begins before it ends → for example ROWS BETWEEN 9 PRECEDING AND CURRENT ROW

INSERT INTO a SELECT deviceId, AVG(temperature) OVER (PARTITION BY deviceId ORDER BY time ROWS 100001 PRECEDING) AS mean FROM temperatures;
--! 1:91 error INVALID_VALUE a frame of more than 100000 rows (frameRowsMax) → for example ROWS BETWEEN 9 PRECEDING AND CURRENT ROW

INSERT INTO a SELECT deviceId, AVG(temperature) OVER (PARTITION BY deviceId ORDER BY time RANGE 5 PRECEDING) AS mean FROM temperatures;
--! 1:91 error INVALID_VALUE a frame of RANGE ends so much time before → for example RANGE BETWEEN INTERVAL '10' MINUTE PRECEDING AND CURRENT ROW

INSERT INTO a SELECT deviceId, AVG(temperature) OVER (PARTITION BY deviceId ORDER BY time ROWS INTERVAL '5' MINUTE PRECEDING) AS mean FROM temperatures;
--! 1:91 error INVALID_VALUE a frame of ROWS ends so many rows before → for example ROWS BETWEEN 9 PRECEDING AND CURRENT ROW

INSERT INTO a SELECT deviceId, AVG(temperature) OVER (PARTITION BY deviceId ORDER BY time RANGE INTERVAL '5' MINUTE PRECEDING) AS mean FROM temperatures LATE INTO b;
--! 1:164 error NOT_SUPPORTED_YET LATE INTO clauses of OVER are not supported yet → rows that are behind in a frame of RANGE are counted late

INSERT INTO a SELECT deviceId, LEAD(temperature) OVER (PARTITION BY deviceId ORDER BY time) AS next FROM temperatures;
--! 1:32 error NOT_SUPPORTED_YET OVER clauses of LEAD are not supported yet → LAG looks back: in a stage the later row tells of the one before it

INSERT INTO a SELECT deviceId, NTILE(4) OVER (PARTITION BY deviceId ORDER BY time) AS part FROM temperatures;
--! 1:32 error NOT_SUPPORTED_YET OVER clauses of NTILE are not supported yet → aggregates, LAG, FIRST_VALUE, LAST_VALUE, ROW_NUMBER, RANK and DENSE_RANK are

INSERT INTO a SELECT deviceId, LAG(temperature, battery) OVER (PARTITION BY deviceId ORDER BY time) AS was FROM temperatures;
--! 1:49 error TYPE_MISMATCH lag needs a whole number, but this is DOUBLE → CAST(… AS BIGINT)

INSERT INTO a SELECT deviceId, LAG(temperature, -1) OVER (PARTITION BY deviceId ORDER BY time) AS was FROM temperatures;
--! 1:32 error INVALID_VALUE the offset of LAG is a number of rows, 100000 at most (frameRowsMax)

INSERT INTO a SELECT deviceId, LAG() OVER (PARTITION BY deviceId ORDER BY time) AS was FROM temperatures;
--! 1:32 error WRONG_ARGUMENTS lag takes 1 to 3 arguments, not 0 → write lag(value[, offset][, default])

INSERT INTO a SELECT deviceId, LAG(temperature) FILTER (WHERE ok) OVER (PARTITION BY deviceId ORDER BY time) AS was FROM temperatures;
--! 1:32 error WRONG_ARGUMENTS LAG takes no FILTER

INSERT INTO a SELECT deviceId, SUM(temperature IGNORE NULLS) OVER (PARTITION BY deviceId ORDER BY time) AS total FROM temperatures;
--! 1:32 error WRONG_ARGUMENTS SUM takes no IGNORE NULLS → LAG, FIRST_VALUE and LAST_VALUE take it; aggregates leave nulls out anyway

INSERT INTO a SELECT LAST_VALUE(temperature IGNORE NULLS) AS temperature FROM temperatures;
--! 1:22 error WRONG_ARGUMENTS IGNORE NULLS stands before OVER alone → LAST_VALUE(…) OVER (PARTITION BY a ORDER BY b)

INSERT INTO a SELECT deviceId, LAG(temperature) OVER (PARTITION BY deviceId ORDER BY time) AS was, RANK() OVER (PARTITION BY deviceId ORDER BY time) AS place FROM temperatures;
--! 1:100 error NOT_SUPPORTED_YET places beside what looks back on rows are not supported yet → take one after the other, in sub-queries

INSERT INTO a SELECT deviceId FROM (SELECT deviceId, ROW_NUMBER() OVER (PARTITION BY deviceId ORDER BY time) AS n, ROW_NUMBER() OVER (PARTITION BY deviceId ORDER BY temperature) AS m FROM temperatures) WHERE n = 1;
--! 1:116 error NOT_SUPPORTED_YET several OVER clauses that differ in one SELECT are not supported yet → take one after the other, in sub-queries

INSERT INTO a SELECT n, COUNT(*) AS c FROM (SELECT DENSE_RANK() OVER (PARTITION BY deviceId ORDER BY temperature) AS n FROM temperatures) WHERE n < 3 GROUP BY n;
--! 1:44 error NOT_SUPPORTED_YET aggregates over places that rows share are not supported yet → ROW_NUMBER gives each row a place of its own

INSERT INTO a SELECT deviceId FROM (SELECT deviceId, 1 + ROW_NUMBER() OVER (PARTITION BY deviceId ORDER BY time) AS n FROM temperatures) WHERE n = 1;
--! 1:58 error NOT_SUPPORTED_YET expressions of places are not supported yet → name it in a sub-query: FROM (SELECT …, f(x) OVER (…) AS y FROM …)

INSERT INTO a SELECT * FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY id ORDER BY time) AS n FROM keyless) WHERE n = 1;
--! 1:37 error NOT_SUPPORTED_YET OVER clauses beside * of undeclared columns are not supported yet → select fields by name

INSERT INTO a SELECT deviceId FROM temperatures WHERE ROW_NUMBER() OVER (PARTITION BY deviceId ORDER BY time) = 1;
--! 1:55 error CLAUSE_NOT_ALLOWED OVER cannot stand in WHERE → a sub-query can select it: FROM (SELECT … OVER (…) AS x FROM t) WHERE x = 1

INSERT INTO a SELECT deviceId, n FROM (SELECT deviceId, ROW_NUMBER() OVER (PARTITION BY deviceId ORDER BY time) AS n FROM temperatures) WHERE n <= 1000000;
--! 1:57 error TOO_LARGE the first 1000000 places are more than are kept: 10000 (rankedRowsMax) → a table of all rows can be sorted by who reads it

-- # Rows that are looked up

INSERT INTO a SELECT t.deviceId, d.room FROM temperatures t RIGHT JOIN cassandra.iot.devices d ON t.deviceId = d.id;
--! 1:61 error INVALID_JOIN rows of 'd' are looked up one by one: RIGHT joins, which need all of them, have no meaning → INNER and LEFT joins are

INSERT INTO a SELECT t.deviceId, d.room FROM temperatures t CROSS JOIN cassandra.iot.devices d;
--! 1:61 error INVALID_JOIN rows of 'd' are looked up one by one: CROSS joins, which need all of them, have no meaning → INNER and LEFT joins are

INSERT INTO a SELECT t.deviceId, d.room FROM temperatures t JOIN cassandra.iot.devices d ON d.id > t.deviceId;
--! 1:61 error INVALID_JOIN rows of 'd' are looked up by their key: ON compares no field of it for equality with one before it → for example ON t.id = d.id, or d._key

INSERT INTO a SELECT t.deviceId, d.room FROM temperatures t JOIN cassandra.iot.devices d WITHIN 1 HOUR ON d.id = t.deviceId;
--! 1:90 error INVALID_JOIN 'd' is a table: its latest row counts, and WITHIN has no meaning → leave WITHIN out, or read it as a stream

INSERT INTO a SELECT t.deviceId, d._offset, d._header.x, d._key.y FROM temperatures t JOIN cassandra.iot.devices d ON d.id = t.deviceId;
--! 1:34 error UNKNOWN_FIELD rows that are looked up are no records, and have no _offset → select fields of the row, or _key, which is its id
--! 1:45 error UNKNOWN_FIELD rows that are looked up are no records, and have no _header.x → select fields of the row, or _key, which is its id
--! 1:58 error UNKNOWN_FIELD rows that are looked up are no records, and have no _key.y → select fields of the row, or _key, which is its id

INSERT INTO a SELECT TABLE t.deviceId, d.room FROM temperatures t JOIN cassandra.iot.devices d ON d.id = t.deviceId;
--! 1:67 error NOT_SUPPORTED_YET look-ups for anything but the records of a stream are not supported yet → write what FROM reads to a topic, and read that as a stream

INSERT INTO a SELECT t.deviceId, d.room FROM temperatures t JOIN temperatures u WITHIN 1 HOUR ON t.deviceId = u.deviceId JOIN cassandra.iot.devices d ON d.id = u.homeId;
--! 1:122 error NOT_SUPPORTED_YET look-ups by fields of what is joined ('u') are not supported yet → write the joined rows to a topic, and look up behind that

INSERT INTO a SELECT t.deviceId, d.room FROM temperatures t JOIN cassandra.iot.devices d ON d.id = t.deviceId FULL JOIN temperatures u WITHIN 1 HOUR ON t.deviceId = u.deviceId;
--! 1:111 error NOT_SUPPORTED_YET FULL joins behind a look-up are not supported yet → write it before the table that is looked up

INSERT INTO a SELECT room FROM cassandra.iot.devices;
--! 1:32 error SOURCE_NOT_ALLOWED 'cassandra' (cassandra) has no topics, and a pipeline reads topics → sluice query reads an index or table once

SET 'lookup.cache.rows' = 100000000;
--! 1:1 error INVALID_VALUE 'lookup.cache.rows' takes a whole number from 0 to 1000000, not 100000000 → initially 10000

SET 'lookup.timeout' = 0;
--! 1:1 error INVALID_VALUE 'lookup.timeout' takes milliseconds, or a text such as '10s', not 0 → initially 5s
