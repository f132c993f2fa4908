-- Texts that must be refused. In the lines with --! is what must be said: line:column CODE message | hint, counted from the line below them.
-- An empty line ends a case.

--! 1:10 SYNTAX unexpected 'FORM' | did you mean FROM?
SELECT a FORM t

--! 1:10 SYNTAX unexpected 'FORM' | did you mean FROM?
SELECT a FORM my.topic-1 WHERE b = 1

--! 1:1 SYNTAX unexpected 'SELEC' | did you mean SELECT?
SELEC a FROM t

--! 1:1 SYNTAX unexpected 'INSRT' | did you mean INSERT?
INSRT INTO x SELECT a FROM t

--! 1:8 SYNTAX unexpected 'INOT' | did you mean INTO?
INSERT INOT x SELECT a FROM t

--! 1:17 SYNTAX unexpected 'GRUOP' | did you mean GROUP?
SELECT a FROM t GRUOP BY a

--! 1:29 SYNTAX unexpected 'GRUOP' | did you mean GROUP?
SELECT a FROM t WHERE b = 1 GRUOP BY a

--! 1:17 SYNTAX unexpected 'WEHRE' | did you mean WHERE?
SELECT a FROM t WEHRE b = 1

--! 1:31 SYNTAX unexpected 'AUTOCRATE' | did you mean AUTOCREATE? An alias of that name takes AS
INSERT INTO x SELECT * FROM t AUTOCRATE

--! 1:36 SYNTAX unexpected 'AUTOCRATE' | did you mean AUTOCREATE?
INSERT INTO x SELECT * FROM t PK a AUTOCRATE

--! 1:31 SYNTAX unexpected 'WITHINDEXSUFIX' | did you mean WITHINDEXSUFFIX?
INSERT INTO x SELECT * FROM t WITHINDEXSUFIX=_{yyyy}

--! 1:22 SYNTAX unexpected 'CHANGE' | did you mean CHANGES?
SELECT a FROM t EMIT CHANGE

--! 1:22 SYNTAX expected CHANGES, FINAL or EVERY, but found 'LATER' | for example EMIT FINAL
SELECT a FROM t EMIT LATER

--! 1:24 SYNTAX unexpected 'TUMBLNG' | did you mean TUMBLING?
SELECT a FROM t WINDOW TUMBLNG (SIZE 1 MINUTE)

--! 1:41 SYNTAX expected a time unit, but found 'MINUT' | did you mean MINUTE?
SELECT a FROM t WINDOW TUMBLING (SIZE 1 MINUT)

--! 1:41 SYNTAX expected a time unit, but found 'fortnights' | units are MILLISECONDS, SECONDS, MINUTES, HOURS, DAYS and WEEKS
SELECT a FROM t WINDOW TUMBLING (SIZE 5 fortnights)

--! 1:40 SYNTAX expected a time unit, but found ')' | for example SIZE 1 MINUTE
SELECT a FROM t WINDOW TUMBLING (SIZE 1)

--! 1:33 SYNTAX expected '(', but found 'SIZE' | for example WINDOW TUMBLING (SIZE 1 MINUTE)
SELECT a FROM t WINDOW TUMBLING SIZE 1 MINUTE

--! 1:39 VALUE_OUT_OF_RANGE the size of a window must be greater than 0 | for example SIZE 1 MINUTE
SELECT a FROM t WINDOW TUMBLING (SIZE 0 MINUTES)

--! 1:39 VALUE_OUT_OF_RANGE a duration takes a whole number | a smaller unit has one: 90 SECONDS
--! 1:66 SYNTAX expected a time unit, but found 'x' | units are MILLISECONDS, SECONDS, MINUTES, HOURS, DAYS and WEEKS
SELECT a FROM t WINDOW TUMBLING (SIZE 1.5 MINUTES, GRACE PERIOD 2x)

--! 1:42 SYNTAX expected ',' or ')', but found 'GRACE' | is ',' missing before GRACE?
SELECT a FROM t WINDOW TUMBLING (SIZE 1m GRACE PERIOD 1s)

--! 1:8 UNCLOSED_STRING this string is never closed | it ends at the next '; a quote inside a string is written twice: 'it''s'
SELECT 'abc FROM t

--! 1:8 UNCLOSED_STRING this string is never closed | it ends at the next '; a quote inside a string is written twice: 'it''s'
SELECT 'abc FROM t; SELECT b FROM u

--! 1:8 UNCLOSED_NAME this quoted name is never closed | it ends at the next `; one inside is written twice
SELECT `abc FROM t

--! 1:8 UNCLOSED_NAME this quoted name is never closed | it ends at the next "; one inside is written twice
SELECT "abc FROM t

--! 1:8 UNCLOSED_NAME a quoted name cannot be empty | write a name between them
SELECT `` FROM t

--! 1:10 UNCLOSED_COMMENT this comment is never closed | close it with */
SELECT a /* never closed
FROM t

--! 1:15 SYNTAX expected ')', but found 'FROM' | is ')' missing before FROM?
SELECT (a + b FROM t

--! 1:16 SYNTAX expected ',' or ')', but found 'FROM' | is ')' missing before FROM?
SELECT UPPER(a FROM t WHERE b = 1

--! 1:9 SYNTAX expected ',' or FROM, but found ')' | leave ')' out
SELECT a) FROM t

--! 1:30 SYNTAX expected ')', but found 'GROUP' | is ')' missing before GROUP?
SELECT a FROM t WHERE (a = 1 GROUP BY b

--! 1:12 SYNTAX expected ',' or ')', but found 'b' | is ',' missing before b?
SELECT f(a b) FROM t

--! 1:12 SYNTAX expected an expression, but found ')' | leave the comma before it out
SELECT f(a,) FROM t

--! 1:11 SYNTAX expected an expression or '*', but found 'FROM' | leave the comma before it out
SELECT a, FROM t

--! 1:8 SYNTAX expected an expression or '*', but found ',' | leave ',' out
SELECT , a FROM t

--! 1:10 SYNTAX expected ',' or FROM, but found 'b' | an alias takes AS: AS b; another column takes a comma before it
SELECT a b c FROM t

--! 1:8 SYNTAX expected an expression or '*', but found 'FROM' | for example SELECT a, b FROM t
SELECT FROM t

--! 1:7 SYNTAX expected an expression or '*', but the statement ends | for example SELECT a, b FROM t
SELECT

--! 1:9 SYNTAX expected ',' or FROM, but the statement ends | for example SELECT a, b FROM t
SELECT a

--! 1:14 SYNTAX expected the name of a topic, index or table, but the statement ends | for example FROM readings
SELECT a FROM

--! 1:15 SYNTAX expected the name of a topic, index or table, but found 'WHERE' | for example FROM readings; one called WHERE is written `WHERE`
SELECT a FROM WHERE b = 1

--! 1:15 SYNTAX expected the name of a topic, index or table, but found 'AUTOCREATE' | for example FROM readings; one called AUTOCREATE is written `AUTOCREATE`
SELECT a FROM AUTOCREATE

--! 1:13 SYNTAX expected the name of a topic, index or table, but found 'SELECT' | for example INTO elastic.readings; one called SELECT is written `SELECT`
INSERT INTO SELECT a FROM t

--! 1:22 NOT_SUPPORTED_YET column lists of INSERT … SELECT are not supported yet | name the columns with AS in the SELECT
INSERT INTO t (a, b) SELECT a, b FROM u

--! 1:1 SYNTAX expected a statement such as INSERT or SELECT, but found 'FOO' | for example INSERT INTO target SELECT * FROM topic
FOO BAR

--! 1:1 NOT_SUPPORTED_YET DELETE statements are not supported yet | a record without a value deletes, and so does the target's own tool
DELETE FROM t

--! 1:22 SYNTAX expected an expression, but the statement ends | for example WHERE a > 1 AND b IS NOT NULL
SELECT a FROM t WHERE

--! 1:27 SYNTAX expected an expression, but found '=' | equality is written with one =
SELECT a FROM t WHERE a = = 2

--! 1:26 SYNTAX expected an expression, but found '=' | equality is written with one =
SELECT a FROM t WHERE a == 2

--! 1:29 SYNTAX unexpected '<' | comparisons do not chain: write a < b AND b < c
SELECT a FROM t WHERE 1 < a < 3

--! 1:25 UNKNOWN_CHARACTER unexpected '&&' | write AND
SELECT a FROM t WHERE a && b

--! 1:23 UNKNOWN_CHARACTER unexpected '!' | write NOT, or <>
SELECT a FROM t WHERE !a

--! 1:27 UNKNOWN_CHARACTER unexpected '“' | strings are written with '
--! 1:29 UNKNOWN_CHARACTER unexpected '”' | strings are written with '
SELECT a FROM t WHERE a = “x”

--! 1:35 SYNTAX expected AND, but found 'OR' | for example BETWEEN 1 AND 5
SELECT a FROM t WHERE a BETWEEN 1 OR 2

--! 1:28 SYNTAX expected '(', but found '1' | for example IN (1, 2)
SELECT a FROM t WHERE a IN 1, 2

--! 1:29 SYNTAX expected an expression, but found ')' | for example IN (1, 2)
SELECT a FROM t WHERE a IN ()

--! 1:29 NOT_SUPPORTED_YET sub-queries in expressions are not supported yet | a sub-query can stand in FROM
SELECT a FROM t WHERE a IN (SELECT b FROM u)

--! 1:28 SYNTAX expected NULL, TRUE, FALSE or DISTINCT, but found '5' | equality is written with =, and IS DISTINCT FROM knows NULLs
SELECT a FROM t WHERE a IS 5

--! 1:41 VALUE_OUT_OF_RANGE ESCAPE takes exactly one character | for example ESCAPE '!'
SELECT a FROM t WHERE a LIKE 'x' ESCAPE 'ab'

--! 1:41 SYNTAX expected a string, but found 'b' | a text is written in quotes: 'b'
SELECT a FROM t WHERE a LIKE 'x' ESCAPE b

--! 1:27 SYNTAX expected WHEN, ELSE or END, but found 'FROM' | is END missing before FROM?
SELECT CASE WHEN a THEN 1 FROM t

--! 1:15 SYNTAX expected WHEN, but found 'END' | for example CASE WHEN a > 1 THEN 'much' ELSE 'little' END
SELECT CASE a END FROM t

--! 1:15 SYNTAX expected AS, but found 'STRING' | is AS missing before STRING?
SELECT CAST(a STRING) FROM t

--! 1:17 SYNTAX expected a type, but found ')' | for example CAST(a AS INT)
SELECT CAST(a AS) FROM t

--! 1:12 SYNTAX expected a type, but found 'FROM' | for example a::INT
SELECT a:: FROM t

--! 1:18 SYNTAX every field of a STRUCT needs a name and a type | for example STRUCT<a INT, b STRING>
--! 1:42 SYNTAX the element types of ARRAY have no names | for example ARRAY<INT>
SELECT CAST(a AS STRUCT<INT>), CAST(b AS ARRAY<x INT>) FROM t

--! 1:18 VALUE_OUT_OF_RANGE DECIMAL takes whole numbers in parentheses | for example DECIMAL(10, 2)
SELECT CAST(a AS DECIMAL(1.5, 2)) FROM t

--! 1:9 SYNTAX expected ',' or FROM, but found '.12' | a name that starts with a digit needs back-ticks
SELECT a.12.b FROM t

--! 1:10 SYNTAX expected a field or a name, but found '.' | leave '.' out
SELECT a..b FROM t

--! 1:8 SYNTAX expected an expression or '*', but found 'group' | a field called group is written `group`
SELECT group, order FROM t

--! 1:8 SYNTAX only the path of a field can stand before .* | for example a.b.*
SELECT a + b.* FROM t

--! 1:19 SYNTAX a star has no alias | leave it out
SELECT _.key.* AS b FROM t

--! 1:29 SYNTAX unexpected 'adn' | conditions are joined with AND or OR
SELECT a FROM t WHERE a > 1 adn b < 2

--! 1:28 SYNTAX unexpected 'AS' | columns of SELECT and relations of FROM have an alias
SELECT a FROM t GROUP BY a AS x

--! 1:17 SYNTAX unexpected 'a' | for example CREATE STREAM readings (id STRING, t DOUBLE) WITH (key = 'id')
CREATE STREAM s a INT

--! 1:49 SYNTAX unexpected 'd' | is AND missing before d?
SELECT a FROM (SELECT b FROM u WHERE c) WHERE d d

--! 1:24 NOT_SUPPORTED_YET several sources in one FROM are not supported yet | JOIN … ON reads two
SELECT a FROM climate, power

--! 1:68 SYNTAX expected an expression, but the statement ends | '=' takes an operand behind it
SELECT a FROM t LEFT JOIN u WITHIN 5 MINUTES ON t.a = u.a WHERE b =

--! 1:23 NOT_SUPPORTED_YET UNIONs without ALL are not supported yet | UNION ALL keeps equal rows
SELECT a FROM t UNION SELECT b FROM u

--! 1:17 NOT_SUPPORTED_YET ORDER BY clauses are not supported yet | leave it out: a stream has no end that could be sorted
SELECT a FROM t ORDER BY a

--! 1:36 SYNTAX unexpected 'b' | is ',' missing before b?
INSERT INTO x SELECT * FROM t PK a b

--! 1:33 SYNTAX expected a field, but the statement ends | for example PK deviceId, _key.site
INSERT INTO x SELECT * FROM t PK

--! 1:37 SYNTAX expected '=', but found '10' | is '=' missing before 10?
INSERT INTO x SELECT * FROM t BATCH 10

--! 1:39 VALUE_OUT_OF_RANGE BATCH takes a whole number greater than 0 | for example BATCH = 500
--! 1:47 SYNTAX expected a number, but found '-' | leave '-' out
INSERT INTO x SELECT * FROM t BATCH = 0 TTL = -1

--! 1:37 VALUE_OUT_OF_RANGE LIMIT takes a whole number greater than 0 | for example LIMIT 10
INSERT INTO x SELECT * FROM t LIMIT 0

--! 1:37 VALUE_OUT_OF_RANGE TTL takes a whole number greater than 0 | for example TTL = 86400
INSERT INTO x SELECT * FROM t TTL = 1.5

--! 1:48 SYNTAX expected a value, but the statement ends | for example WITHINDEXSUFFIX = _{yyyy.MM.dd}
INSERT INTO x SELECT * FROM t WITHINDEXSUFFIX = 

--! 1:23 SYNTAX expected a number, but found 'x' | for example LIMIT 10
SELECT a FROM t LIMIT 'x'

--! 1:25 DUPLICATE_CLAUSE WHERE is given twice | join the conditions with AND
SELECT a FROM t WHERE a WHERE b

--! 1:22 DUPLICATE_CLAUSE PK is given twice | keep one of them
--! 1:44 DUPLICATE_CLAUSE HAVING is given twice | join the conditions with AND
--! 1:64 DUPLICATE_CLAUSE AUTOCREATE is given twice | keep one of them
SELECT a FROM t PK a PK b WHERE a HAVING b HAVING c AUTOCREATE AUTOCREATE

--! 1:26 SYNTAX expected a type, but found ')' | for example CREATE STREAM readings (id STRING, t DOUBLE) WITH (key = 'id')
CREATE STREAM t (a INT, b)

--! 1:18 SYNTAX expected the name of a column, but found ')' | for example CREATE STREAM readings (id STRING, t DOUBLE) WITH (key = 'id')
CREATE STREAM t ()

--! 1:37 SYNTAX expected a string, a number, TRUE or FALSE, but found 'deviceId' | a text is written in quotes: 'deviceId'
CREATE STREAM t (a INT) WITH (key = deviceId)

--! 1:15 SYNTAX expected the name of a topic, index or table, but found '(' | for example CREATE STREAM readings (id STRING, t DOUBLE) WITH (key = 'id')
CREATE STREAM (a INT)

--! 1:20 NOT_SUPPORTED_YET functions in FROM are not supported yet | a window is written WINDOW TUMBLING (SIZE 1 MINUTE)
SELECT a FROM TABLE(TUMBLE(TABLE bids, DESCRIPTOR(at), INTERVAL '10' MINUTES))

--! 1:25 SYNTAX expected a type, but found ')' | for example CREATE STREAM readings (id STRING, t DOUBLE) WITH (key = 'id')
CREATE STREAM t (a NOPE<)

--! 1:10 SYNTAX expected '=', but found 'elastic' | for example SET 'error.policy' = 'noop'
SET sink elastic

--! 1:14 SYNTAX expected a string, a number, TRUE or FALSE, but found 'elastic' | a text is written in quotes: 'elastic'
SET 'sink' = elastic

--! 1:5 SYNTAX expected the name of a setting, but found '=' | for example SET 'error.policy' = 'noop'
SET = 1

--! 1:11 VALUE_OUT_OF_RANGE the number is too large | the largest is 1.7e308
SET 'a' = 1e999

--! 1:8 SYNTAX expected INSERT, UPSERT or SELECT, but the statement ends | for example EXPLAIN SELECT a FROM t
EXPLAIN

--! 1:9 SYNTAX expected INSERT, UPSERT or SELECT, but found 'SET' | for example EXPLAIN SELECT a FROM t
EXPLAIN SET 'a' = 1

--! 1:17 SYNTAX unexpected 'INSERT' | is a ';' missing before INSERT?
SELECT a FROM t INSERT INTO x SELECT b FROM u

--! 1:10 SYNTAX unexpected 'FORM' | did you mean FROM?
--! 2:22 SYNTAX expected an expression, but the statement ends | for example WHERE a > 1 AND b IS NOT NULL
--! 4:11 SYNTAX expected an expression or '*', but found 'FROM' | leave the comma before it out
SELECT a FORM t;
SELECT b FROM u WHERE;
SELECT c FROM v;
SELECT d, FROM w

--! 1:12 SYNTAX expected an expression, but found 'FROM' | '+' takes an operand behind it
--! 1:29 SYNTAX expected an expression, but found '=' | equality is written with one =
SELECT a + FROM t WHERE b = = 2 GRUOP BY c

--! 2:1 SYNTAX expected an expression, but found 'GROUP' | AND takes an operand behind it
--! 2:24 SYNTAX unexpected 'LATER' | did you mean LATE?
--! 2:29 SYNTAX expected INTO, but the statement ends | for example EMIT FINAL
SELECT a FROM t WHERE a = 1 AND
GROUP BY b HAVING EMIT LATER

--! 1:1 INVALID_NAME 'bad name' cannot be the name of a statement | letters, digits, '_', '-' and '.' can
-- @name bad name
INSERT INTO x SELECT * FROM t

--! 1:1 INVALID_NAME @name has no effect here | it names the INSERT or UPSERT that follows it
-- @name lost
SELECT * FROM t

--! 2:1 INVALID_NAME the statement is named twice | keep one of them
-- @name one
-- @name two
INSERT INTO x SELECT * FROM t

--! 1:33 SYNTAX unexpected 'IS' | an IS is no operand of another IS without parentheses
SELECT a FROM t WHERE a IS NULL IS TRUE

--! 1:24 SYNTAX a hopping window needs ADVANCE BY 10 SECONDS | write WINDOW HOPPING (SIZE 1 MINUTE, ADVANCE BY 10 SECONDS)
SELECT a FROM t WINDOW HOPPING (SIZE 1 HOUR)

--! 1:47 SYNTAX a tumbling window has no ADVANCE BY | write WINDOW TUMBLING (SIZE 1 MINUTE)
SELECT a FROM t WINDOW TUMBLING (SIZE 1 HOUR, ADVANCE BY 1 MINUTE)

--! 1:47 DUPLICATE_CLAUSE SIZE is given twice | keep one of them
SELECT a FROM t WINDOW TUMBLING (SIZE 1 HOUR, SIZE 2 HOURS)

--! 1:24 SYNTAX a session window needs GAP 30 SECONDS | write WINDOW SESSION (GAP 30 SECONDS)
--! 1:33 SYNTAX a session window has no SIZE | write WINDOW SESSION (GAP 30 SECONDS)
SELECT a FROM t WINDOW SESSION (SIZE 1 HOUR)

--! 1:57 VALUE_OUT_OF_RANGE ADVANCE BY must be greater than 0 | for example ADVANCE BY 10 SECONDS
SELECT a FROM t WINDOW HOPPING (SIZE 1 HOUR, ADVANCE BY 0 MINUTES)

--! 1:31 VALUE_OUT_OF_RANGE SIZE takes a whole number greater than 0 | for example SIZE 10
SELECT a FROM t WINDOW COUNT (0)

--! 1:39 SYNTAX a hopping window has 2 durations | write WINDOW HOPPING (SIZE 1 MINUTE, ADVANCE BY 10 SECONDS)
SELECT a FROM t WINDOW BY HOP 5m, 1m, 2m

--! 1:58 DUPLICATE_CLAUSE WINDOW is given twice | one window groups the rows
SELECT a FROM t WINDOW TUMBLING (SIZE 1 MINUTE) GROUP BY tumble(1, m)

--! 1:36 SYNTAX expected a time unit, but found 'moon' | units are MILLISECONDS, SECONDS, MINUTES, HOURS, DAYS and WEEKS
SELECT a FROM t GROUP BY tumble(1, moon)

--! 1:59 SYNTAX expected a string, but found 'UTC' | a text is written in quotes: 'UTC'
SELECT a FROM t WINDOW TUMBLING (SIZE 1 MINUTE, TIME ZONE UTC)

--! 1:17 SYNTAX a JOIN needs ON or USING | for example JOIN b ON a.id = b.id
SELECT a FROM t JOIN u

--! 1:17 SYNTAX a CROSS JOIN has no condition | JOIN … ON has one
SELECT a FROM t CROSS JOIN u ON t.a = u.a

--! 1:23 SYNTAX a JOIN is INNER or OUTER | LEFT, RIGHT and FULL are OUTER
SELECT a FROM t INNER OUTER JOIN u ON t.a = u.a

--! 1:51 DUPLICATE_CLAUSE WITHIN is given twice | keep one of them
SELECT a FROM t JOIN u WITHIN 1 HOUR ON t.a = u.a WITHIN 1 HOUR

--! 1:38 SYNTAX expected ',', but found ')' | for example WITHIN 1 HOUR, or WITHIN (1 HOUR, 10 MINUTES)
SELECT a FROM t JOIN u WITHIN (1 HOUR) ON t.a = u.a

--! 1:22 SYNTAX expected OUTER or JOIN, but found 'u' | for example LEFT JOIN rooms AS r ON t.room = r.id
SELECT a FROM t LEFT u ON t.a = u.a

--! 1:17 SYNTAX EMIT belongs to the whole UNION | write it behind the last SELECT
SELECT a FROM t EMIT FINAL UNION ALL SELECT b FROM u LIMIT 5

--! 1:31 SYNTAX the statement ends too early | is ')' missing at the end?
SELECT a FROM (SELECT b FROM u

--! 1:11 SYNTAX expected '(', but found 'SELECT' | for example WITH hot AS (SELECT * FROM readings WHERE t > 28)
--! 1:27 SYNTAX unexpected 'SELECT' | is a ';' missing before SELECT?
WITH x AS SELECT a FROM t SELECT b FROM x

--! 1:1 SYNTAX WITH belongs to a SELECT, and VALUES are none | leave WITH out, or write INSERT INTO … SELECT
WITH x AS (SELECT a FROM t) INSERT INTO y VALUES (1)

--! 1:8 SYNTAX all members of MAP are given by := | for example MAP('a' := 1) or STRUCT(a := 1)
SELECT MAP('a' := 1, 'b') FROM t

--! 1:15 SYNTAX a field of STRUCT is given by its name | for example STRUCT(a := 1)
SELECT STRUCT(1 := 2) FROM t

--! 1:8 SYNTAX only MAP and STRUCT have members given by := | for example MAP('a' := 1) or STRUCT(a := 1)
SELECT f(a := 1) FROM t

--! 1:10 SYNTAX expected ',' or FROM, but found '=>' | a lambda is an argument of a function: TRANSFORM(a, x => x + 1)
SELECT x => x + 1 FROM t

--! 1:8 SYNTAX an interval needs a unit | for example INTERVAL 5 MINUTES
SELECT INTERVAL 5 FROM t

--! 1:8 SYNTAX an interval needs a unit | for example INTERVAL 5 MINUTES
--! 1:19 SYNTAX expected ',' or FROM, but found 'fortnights' | an alias takes AS: AS fortnights; another column takes a comma before it
SELECT INTERVAL 5 fortnights FROM t

--! 1:27 SYNTAX a regular expression has no ESCAPE | leave it out: \ makes the sign behind it mean itself
SELECT a RLIKE 'x' ESCAPE '!' FROM t

--! 1:12 SYNTAX expected ']', but found 'FROM' | is ']' missing before FROM?
SELECT a[1 FROM t

--! 1:17 SYNTAX expected an expression, but found 'FROM' | for example SELECT a, b FROM t
SELECT ARRAY[1, FROM t

--! 1:23 SYNTAX expected WHERE, but found 'a' | is WHERE missing before a?
SELECT SUM(a) FILTER (a > 1) FROM t

--! 1:31 SYNTAX expected BY, but found 'a' | is BY missing before a?
SELECT SUM(a) OVER (PARTITION a) FROM t

--! 1:26 SYNTAX expected the name of a topic, index or table, but the statement ends | for example LATE INTO too_late
SELECT a FROM t LATE INTO

--! 1:26 SYNTAX unexpected 'NOON' | a text is written in quotes: 'NOON'
SELECT a FROM t START AT NOON

--! 1:29 SYNTAX expected a time unit, but the statement ends | for example EMIT EVERY 10 SECONDS
SELECT a FROM t EMIT EVERY 5

--! 1:33 DUPLICATE_CLAUSE KEY AS is given twice | keep one of them
INSERT INTO t STORE KEY AS JSON KEY AS AVRO SELECT a FROM u

--! 1:19 SYNTAX expected SOURCE, STREAM or TABLE, but found 't' | for example CREATE STREAM readings (id STRING, t DOUBLE) WITH (key = 'id')
CREATE OR REPLACE t (a INT)

--! 1:31 SYNTAX expected KEY, but found ')' | is KEY missing before ')'?
CREATE STREAM t (a INT PRIMARY)

--! 1:20 SYNTAX expected WITH or SELECT, but found 'VALUES' | for example CREATE STREAM readings (id STRING, t DOUBLE) WITH (key = 'id')
CREATE STREAM t AS VALUES (1)

--! 1:6 SYNTAX expected PIPELINE, STREAM or TABLE, but found 't' | for example DROP STREAM readings
DROP t

--! 1:6 SYNTAX unexpected 'TOPIC' | did you mean TOPICS?
SHOW TOPIC

--! 1:6 SYNTAX expected ALL, PIPELINE, QUERY or the name of a topic, index or table, but the statement ends | for example PAUSE PIPELINE persist
PAUSE

--! 1:14 SYNTAX expected BEGINNING, but found 'START' | for example PRINT readings FROM BEGINNING LIMIT 5
PRINT t FROM START

--! 1:23 SYNTAX expected VALUES, but the statement ends | for example ASSERT VALUES hot (id, n) VALUES ('a', 1)
ASSERT VALUES t (a, b)

--! 1:8 SYNTAX unexpected 't' | for example ASSERT VALUES hot (id, n) VALUES ('a', 1)
ASSERT t

--! 1:9 SYNTAX INSERT … VALUES has no plan | EXPLAIN takes a SELECT or INSERT INTO … SELECT
EXPLAIN INSERT INTO t VALUES (1)

--! 1:12 SYNTAX expected a string, but found '5' | a text is written in quotes: '5'
DEFINE x = 5

--! 1:17 SYNTAX unexpected 'FOO' | no clause begins with it
SELECT a FROM s FOO = 5

--! 1:17 SYNTAX unexpected 'BATCHSIZE' | no clause begins with it
--! 1:34 SYNTAX expected an expression, but the statement ends | for example WHERE a > 1 AND b IS NOT NULL
SELECT a FROM s BATCHSIZE 5 WHERE

--! 1:11 SYNTAX expected a name, but found 'FROM' | leave the dot out; a field of that name is written .FROM
SELECT a. FROM s

--! 1:13 SYNTAX expected a name, but found 'FROM' | leave the AS out; a field of that name is written AS `FROM`
SELECT a AS FROM s WHERE b

--! 1:26 SYNTAX expected a name, but found 'GROUP' | leave the dot out; a field of that name is written .GROUP
SELECT a FROM s WHERE b. GROUP BY c

--! 1:19 SYNTAX unexpected ')' | for example TRIM(BOTH '-' FROM a)
SELECT TRIM(BOTH x) FROM t

--! 1:21 SYNTAX expected an expression, but found ')' | for example POSITION('x' IN a)
SELECT POSITION(a IN) FROM t

--! 1:12 SYNTAX expected the name of a setting or a number, but found '=' | for example SET 'error.policy' = 'noop'
SET topic. = 1

--! 2:7 SYNTAX expected an expression, but the statement ends | for example WHERE a > 1 AND b IS NOT NULL
SELECT a FROM t -- x WHERE
 WHERE
