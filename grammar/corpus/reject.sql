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

--! 1:22 SYNTAX expected CHANGES or FINAL, but found 'LATER'
SELECT a FROM t EMIT LATER

--! 1:24 SYNTAX unexpected 'TUMBLNG' | did you mean TUMBLING?
SELECT a FROM t WINDOW TUMBLNG (SIZE 1 MINUTE)

--! 1:41 SYNTAX expected a time unit, but found 'MINUT' | did you mean MINUTE?
SELECT a FROM t WINDOW TUMBLING (SIZE 1 MINUT)

--! 1:41 SYNTAX expected a time unit, but found 'fortnights' | units are MILLISECONDS, SECONDS, MINUTES, HOURS and DAYS
SELECT a FROM t WINDOW TUMBLING (SIZE 5 fortnights)

--! 1:40 SYNTAX expected a time unit, but found ')'
SELECT a FROM t WINDOW TUMBLING (SIZE 1)

--! 1:34 SYNTAX expected SIZE, but found '1'
SELECT a FROM t WINDOW TUMBLING (1 MINUTE)

--! 1:33 SYNTAX expected '(', but found 'SIZE'
SELECT a FROM t WINDOW TUMBLING SIZE 1 MINUTE

--! 1:39 VALUE_OUT_OF_RANGE the size of a window must be greater than 0
SELECT a FROM t WINDOW TUMBLING (SIZE 0 MINUTES)

--! 1:39 VALUE_OUT_OF_RANGE a duration takes a whole number
--! 1:66 SYNTAX expected a time unit, but found 'x' | units are MILLISECONDS, SECONDS, MINUTES, HOURS and DAYS
SELECT a FROM t WINDOW TUMBLING (SIZE 1.5 MINUTES, GRACE PERIOD 2x)

--! 1:42 SYNTAX expected ',' or ')', but found 'GRACE'
SELECT a FROM t WINDOW TUMBLING (SIZE 1m GRACE PERIOD 1s)

--! 1:24 NOT_SUPPORTED_YET WINDOW BY spellings are not supported yet | write WINDOW TUMBLING (SIZE 1 MINUTE)
SELECT a FROM t WINDOW BY TUMBLE 1m

--! 1:24 NOT_SUPPORTED_YET hopping windows are not supported yet | a WINDOW TUMBLING (SIZE 1 MINUTE) is
SELECT a FROM t WINDOW HOPPING (SIZE 1 HOUR, ADVANCE BY 5 MINUTES)

--! 1:24 NOT_SUPPORTED_YET session windows are not supported yet | a WINDOW TUMBLING (SIZE 1 MINUTE) is
SELECT a FROM t WINDOW SESSION (5 MINUTES)

--! 1:8 UNCLOSED_STRING this string is never closed | a quote inside a string is written twice: 'it''s'
SELECT 'abc FROM t

--! 1:8 UNCLOSED_STRING this string is never closed | a quote inside a string is written twice: 'it''s'
SELECT 'abc FROM t; SELECT b FROM u

--! 1:8 UNCLOSED_NAME this quoted name is never closed
SELECT `abc FROM t

--! 1:8 UNCLOSED_NAME this quoted name is never closed
SELECT "abc FROM t

--! 1:8 UNCLOSED_NAME a quoted name cannot be empty
SELECT `` FROM t

--! 1:10 UNCLOSED_COMMENT this comment is never closed
SELECT a /* never closed
FROM t

--! 1:15 SYNTAX expected ')', but found 'FROM'
SELECT (a + b FROM t

--! 1:16 SYNTAX expected ',' or ')', but found 'FROM'
SELECT UPPER(a FROM t WHERE b = 1

--! 1:9 SYNTAX expected ',' or FROM, but found ')'
SELECT a) FROM t

--! 1:30 SYNTAX expected ')', but found 'GROUP'
SELECT a FROM t WHERE (a = 1 GROUP BY b

--! 1:12 SYNTAX expected ',' or ')', but found 'b'
SELECT f(a b) FROM t

--! 1:12 SYNTAX expected an expression, but found ')'
SELECT f(a,) FROM t

--! 1:11 SYNTAX expected an expression or '*', but found 'FROM'
SELECT a, FROM t

--! 1:8 SYNTAX expected an expression or '*', but found ','
SELECT , a FROM t

--! 1:12 SYNTAX expected ',' or FROM, but found 'c'
SELECT a b c FROM t

--! 1:8 SYNTAX expected an expression or '*', but found 'FROM'
SELECT FROM t

--! 1:7 SYNTAX expected an expression or '*', but the statement ends
SELECT

--! 1:9 SYNTAX expected ',' or FROM, but the statement ends
SELECT a

--! 1:14 SYNTAX expected the name of a topic, index or table, but the statement ends
SELECT a FROM

--! 1:15 SYNTAX expected the name of a topic, index or table, but found 'WHERE'
SELECT a FROM WHERE b = 1

--! 1:15 SYNTAX expected the name of a topic, index or table, but found 'AUTOCREATE'
SELECT a FROM AUTOCREATE

--! 1:13 SYNTAX expected the name of a topic, index or table, but found 'SELECT'
INSERT INTO SELECT a FROM t

--! 1:15 NOT_SUPPORTED_YET column lists of INSERT are not supported yet | name the columns with AS in the SELECT
INSERT INTO t (a, b) SELECT a, b FROM u

--! 1:15 NOT_SUPPORTED_YET INSERT … VALUES statements are not supported yet | an INSERT takes its rows from a SELECT
INSERT INTO t VALUES (1, 2)

--! 1:1 SYNTAX expected a statement such as INSERT or SELECT, but found 'FOO'
FOO BAR

--! 1:1 NOT_SUPPORTED_YET DELETE statements are not supported yet
DELETE FROM t

--! 1:1 NOT_SUPPORTED_YET SHOW statements are not supported yet
SHOW TOPICS

--! 1:22 SYNTAX expected an expression, but the statement ends
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

--! 1:35 SYNTAX expected AND, but found 'OR'
SELECT a FROM t WHERE a BETWEEN 1 OR 2

--! 1:28 SYNTAX expected '(', but found '1'
SELECT a FROM t WHERE a IN 1, 2

--! 1:29 SYNTAX expected an expression, but found ')'
SELECT a FROM t WHERE a IN ()

--! 1:29 NOT_SUPPORTED_YET sub-queries are not supported yet | write the inner SELECT into a topic of its own
SELECT a FROM t WHERE a IN (SELECT b FROM u)

--! 1:28 SYNTAX expected NULL, TRUE, FALSE or DISTINCT, but found '5'
SELECT a FROM t WHERE a IS 5

--! 1:41 VALUE_OUT_OF_RANGE ESCAPE takes exactly one character
SELECT a FROM t WHERE a LIKE 'x' ESCAPE 'ab'

--! 1:41 SYNTAX expected a string, but found 'b' | a text is written in quotes: 'b'
SELECT a FROM t WHERE a LIKE 'x' ESCAPE b

--! 1:27 SYNTAX expected WHEN, ELSE or END, but found 'FROM'
SELECT CASE WHEN a THEN 1 FROM t

--! 1:15 SYNTAX expected WHEN, but found 'END'
SELECT CASE a END FROM t

--! 1:15 SYNTAX expected AS, but found 'STRING'
SELECT CAST(a STRING) FROM t

--! 1:17 SYNTAX expected a type, but found ')'
SELECT CAST(a AS) FROM t

--! 1:12 SYNTAX expected a type, but found 'FROM'
SELECT a:: FROM t

--! 1:18 SYNTAX every field of a STRUCT needs a name and a type | for example STRUCT<a INT, b STRING>
--! 1:42 SYNTAX the element types of ARRAY have no names
SELECT CAST(a AS STRUCT<INT>), CAST(b AS ARRAY<x INT>) FROM t

--! 1:18 VALUE_OUT_OF_RANGE DECIMAL takes whole numbers in parentheses
SELECT CAST(a AS DECIMAL(1.5, 2)) FROM t

--! 1:8 SYNTAX '2fa' is neither a number nor a name | a name that starts with a digit needs back-ticks
SELECT 2fa FROM t

--! 1:9 SYNTAX expected ',' or FROM, but found '.12' | a name that starts with a digit needs back-ticks
SELECT a.12.b FROM t

--! 1:10 SYNTAX expected a field, but found '.'
SELECT a..b FROM t

--! 1:9 NOT_SUPPORTED_YET arrays and element accesses are not supported yet
SELECT a[0] FROM t

--! 1:8 SYNTAX expected an expression or '*', but found 'group' | a field called group is written `group`
SELECT group, order FROM t

--! 1:8 SYNTAX only the path of a field can stand before .*
SELECT a + b.* FROM t

--! 1:15 SYNTAX a star has no alias
SELECT a.* AS b FROM t

--! 1:8 NOT_SUPPORTED_YET SELECT DISTINCT statements are not supported yet
SELECT DISTINCT a FROM t

--! 1:15 NOT_SUPPORTED_YET sub-queries are not supported yet | write the inner SELECT into a topic of its own
--! 1:49 SYNTAX unexpected 'd'
SELECT a FROM (SELECT b FROM u WHERE c) WHERE d d

--! 1:22 NOT_SUPPORTED_YET several sources in one FROM are not supported yet | a statement reads one topic
SELECT a FROM climate, power

--! 1:17 NOT_SUPPORTED_YET joins are not supported yet | a statement reads one topic
SELECT a FROM t JOIN u ON t.a = u.a

--! 1:17 NOT_SUPPORTED_YET joins are not supported yet | a statement reads one topic
--! 1:68 SYNTAX expected an expression, but the statement ends
SELECT a FROM t LEFT JOIN u WITHIN 5 MINUTES ON t.a = u.a WHERE b =

--! 1:17 NOT_SUPPORTED_YET UNION queries are not supported yet | write one INSERT for each SELECT
SELECT a FROM t UNION SELECT b FROM u

--! 1:1 NOT_SUPPORTED_YET WITH queries are not supported yet | write the inner SELECT into a topic of its own
WITH x AS (SELECT a FROM t) SELECT a FROM x

--! 1:17 NOT_SUPPORTED_YET ORDER BY clauses are not supported yet
SELECT a FROM t ORDER BY a

--! 1:8 NOT_SUPPORTED_YET INTERVAL literals are not supported yet | the size of a window is written WINDOW TUMBLING (SIZE 1 MINUTE)
SELECT INTERVAL '1' DAY FROM t

--! 1:15 NOT_SUPPORTED_YET OVER clauses are not supported yet | a WINDOW TUMBLING (SIZE 1 MINUTE) is
SELECT SUM(a) OVER (PARTITION BY b) FROM t

--! 1:25 NOT_SUPPORTED_YET RLIKE comparisons are not supported yet | LIKE is
SELECT a FROM t WHERE a RLIKE 'x'

--! 1:31 NOT_SUPPORTED_YET STOREAS clauses are not supported yet
INSERT INTO x SELECT * FROM t STOREAS `JSON`

--! 1:31 NOT_SUPPORTED_YET WITHTAG clauses are not supported yet
INSERT INTO x SELECT * FROM t WITHTAG (a)

--! 1:31 NOT_SUPPORTED_YET PARTITIONBY clauses are not supported yet
INSERT INTO x SELECT * FROM t PARTITIONBY a

--! 1:36 SYNTAX unexpected 'b'
INSERT INTO x SELECT * FROM t PK a b

--! 1:33 SYNTAX expected a field, but the statement ends
INSERT INTO x SELECT * FROM t PK

--! 1:37 SYNTAX expected '=', but found '10'
INSERT INTO x SELECT * FROM t BATCH 10

--! 1:39 VALUE_OUT_OF_RANGE BATCH takes a whole number greater than 0
--! 1:47 SYNTAX expected a number, but found '-'
INSERT INTO x SELECT * FROM t BATCH = 0 TTL = -1

--! 1:37 VALUE_OUT_OF_RANGE LIMIT takes a whole number greater than 0
INSERT INTO x SELECT * FROM t LIMIT 0

--! 1:37 VALUE_OUT_OF_RANGE TTL takes a whole number greater than 0
INSERT INTO x SELECT * FROM t TTL = 1.5

--! 1:48 SYNTAX expected a suffix such as _{yyyy-MM-dd}, but the statement ends
INSERT INTO x SELECT * FROM t WITHINDEXSUFFIX = 

--! 1:23 SYNTAX expected a number, but found 'x'
SELECT a FROM t LIMIT 'x'

--! 1:25 DUPLICATE_CLAUSE WHERE is given twice | join the conditions with AND
SELECT a FROM t WHERE a WHERE b

--! 1:22 DUPLICATE_CLAUSE PK is given twice | keep one of them
--! 1:44 DUPLICATE_CLAUSE HAVING is given twice | join the conditions with AND
--! 1:64 DUPLICATE_CLAUSE AUTOCREATE is given twice | keep one of them
SELECT a FROM t PK a PK b WHERE a HAVING b HAVING c AUTOCREATE AUTOCREATE

--! 1:26 SYNTAX expected a type, but found ')'
CREATE STREAM t (a INT, b)

--! 1:13 SYNTAX expected an alias, but found 'b' | a name is written without quotes, or in back-ticks
SELECT a AS 'b' FROM t

--! 1:18 SYNTAX expected the name of a column, but found ')'
CREATE STREAM t ()

--! 1:37 SYNTAX expected a string, a number, TRUE or FALSE, but found 'deviceId' | a text is written in quotes: 'deviceId'
CREATE STREAM t (a INT) WITH (key = deviceId)

--! 1:15 SYNTAX expected the name of a topic, index or table, but found '('
CREATE STREAM (a INT)

--! 1:24 SYNTAX expected ',' or ')', but found 'KEY' | WITH (key = 'field') says which field the key equals
CREATE STREAM t (a INT KEY) WITH (kafka_topic = 't')

--! 1:17 NOT_SUPPORTED_YET CREATE … AS SELECT statements are not supported yet | write INSERT INTO name SELECT …
CREATE STREAM t AS SELECT * FROM s EMIT CHANGES

--! 1:34 NOT_SUPPORTED_YET CREATE … AS SELECT statements are not supported yet | write INSERT INTO name SELECT …
CREATE STREAM t WITH (key = 'a') AS SELECT * FROM s

--! 1:21 NOT_SUPPORTED_YET TUMBLE spellings of a window are not supported yet | write WINDOW TUMBLING (SIZE 1 MINUTE)
SELECT a FROM TABLE(TUMBLE(TABLE bids, DESCRIPTOR(at), INTERVAL '10' MINUTES))

--! 1:8 NOT_SUPPORTED_YET tables are not supported yet | CREATE STREAM is
CREATE TABLE t (a INT)

--! 1:25 SYNTAX expected a type, but found ')'
CREATE STREAM t (a NOPE<)

--! 1:10 SYNTAX expected '=', but found 'elastic'
SET sink elastic

--! 1:14 SYNTAX expected a string, a number, TRUE or FALSE, but found 'elastic' | a text is written in quotes: 'elastic'
SET 'sink' = elastic

--! 1:5 SYNTAX expected a string or the name of a setting, but found '='
SET = 1

--! 1:11 VALUE_OUT_OF_RANGE the number is too large
SET 'a' = 1e999

--! 1:8 SYNTAX expected INSERT, UPSERT or SELECT, but the statement ends
EXPLAIN

--! 1:9 SYNTAX expected INSERT, UPSERT or SELECT, but found 'SET'
EXPLAIN SET 'a' = 1

--! 1:17 SYNTAX unexpected 'INSERT' | is a ';' missing before INSERT?
SELECT a FROM t INSERT INTO x SELECT b FROM u

--! 1:10 SYNTAX unexpected 'FORM' | did you mean FROM?
--! 2:22 SYNTAX expected an expression, but the statement ends
--! 4:11 SYNTAX expected an expression or '*', but found 'FROM'
SELECT a FORM t;
SELECT b FROM u WHERE;
SELECT c FROM v;
SELECT d, FROM w

--! 1:12 SYNTAX expected an expression, but found 'FROM'
--! 1:29 SYNTAX expected an expression, but found '=' | equality is written with one =
SELECT a + FROM t WHERE b = = 2 GRUOP BY c

--! 2:1 SYNTAX expected an expression, but found 'GROUP'
--! 2:24 SYNTAX unexpected 'LATER'
SELECT a FROM t WHERE a = 1 AND
GROUP BY b HAVING EMIT LATER

--! 1:1 INVALID_NAME 'bad name' cannot be the name of a statement | letters, digits, '_', '-' and '.' can
-- @name bad name
INSERT INTO x SELECT * FROM t

--! 1:1 INVALID_NAME @name has no effect here | it names the INSERT or UPSERT that follows it
-- @name lost
SELECT * FROM t

--! 2:1 INVALID_NAME the statement is named twice
-- @name one
-- @name two
INSERT INTO x SELECT * FROM t

--! 1:33 SYNTAX unexpected 'IS' | an IS is no operand of another IS without parentheses
SELECT a FROM t WHERE a IS NULL IS TRUE
