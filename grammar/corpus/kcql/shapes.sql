--# The shapes of statements, keywords in any case, comments, several statements.

--= {"mode":"INSERT","target":"readings","targetType":{"kind":"static","path":null},"source":"sensors","fields":[{"from":"value","path":["*"],"as":"*"}]}
INSERT INTO readings SELECT * FROM sensors

--! 1:13 KEY_REQUIRED UPSERT needs PK: it says which row to change | for example PK deviceId, or INSERT INTO
UPSERT INTO readings SELECT * FROM sensors

--= {"mode":"UPDATE","target":"readings","targetType":{"kind":"static","path":null},"source":"sensors","fields":[{"from":"value","path":["*"],"as":"*"}],"pk":[{"from":"value","path":["id"]}]}
UPDATE INTO readings SELECT * FROM sensors PK id

--= {"mode":"UPSERT","target":"readings","targetType":{"kind":"static","path":null},"source":"sensors","fields":[{"from":"value","path":["id"],"as":"id"},{"from":"value","path":["temp"],"as":"temp"}],"pk":[{"from":"value","path":["id"]}]}
UPSERT PK id INTO readings SELECT id, temp FROM sensors

--! 1:18 SYNTAX expected INTO, but found ',' | for example PK deviceId, _key.site
UPSERT PK site.id, _key INTO readings SELECT * FROM sensors

--= {"mode":"SELECT","target":null,"source":"sensors","fields":[{"from":"value","path":["*"],"as":"*"}]}
SELECT * FROM sensors

--= {"mode":"SELECT","target":null,"source":"people","fields":[{"from":"value","path":["firstName"],"as":"firstName"},{"from":"value","path":["lastName"],"as":"surname"}]}
SELECT firstName, lastName AS surname FROM people

--= {"mode":"INSERT","target":"readings","targetType":{"kind":"static","path":null},"source":"sensors","fields":[{"from":"value","path":["*"],"as":"*"}]}
insert into readings select * from sensors

--= {"mode":"INSERT","target":"readings","targetType":{"kind":"static","path":null},"source":"sensors","fields":[{"from":"value","path":["temp"],"as":"t"}],"pk":[{"from":"value","path":["id"]}],"batch":10}
Insert Into readings Select temp As t From sensors Pk id Batch = 10

--= {"mode":"INSERT","target":"readings","targetType":{"kind":"static","path":null},"source":"sensors","fields":[{"from":"value","path":["*"],"as":"*"}],"autocreate":true}
iNsErT iNtO readings SeLeCt * fRoM sensors AutoCreate

--= {"mode":"INSERT","target":"readings","targetType":{"kind":"static","path":null},"source":"sensors","fields":[{"from":"value","path":["*"],"as":"*"}]}
INSERT INTO readings SELECT * FROM sensors;

--= {"mode":"INSERT","target":"readings","targetType":{"kind":"static","path":null},"source":"sensors","fields":[{"from":"value","path":["*"],"as":"*"}]}
INSERT INTO readings SELECT * FROM sensors;;

--= {"mode":"INSERT","target":"readings","targetType":{"kind":"static","path":null},"source":"sensors","fields":[{"from":"value","path":["*"],"as":"*"}]}
;INSERT INTO readings SELECT * FROM sensors; ;

--= {"mode":"INSERT","target":"a","targetType":{"kind":"static","path":null},"source":"s","fields":[{"from":"value","path":["x"],"as":"x"}]}
--= {"mode":"UPSERT","target":"b","targetType":{"kind":"static","path":null},"source":"s","fields":[{"from":"value","path":["y"],"as":"y"}],"pk":[{"from":"value","path":["y"]}]}
--= {"mode":"SELECT","target":null,"source":"s","fields":[{"from":"value","path":["z"],"as":"z"}]}
INSERT INTO a SELECT x FROM s; UPSERT INTO b SELECT y FROM s PK y; SELECT z FROM s

--= {"mode":"INSERT","target":"a","targetType":{"kind":"static","path":null},"source":"s","fields":[{"from":"value","path":["x"],"as":"x"},{"from":"value","path":["y"],"as":"why"}],"pk":[{"from":"value","path":["x"]}],"batch":5}
INSERT INTO a
SELECT
  x,
  y AS why
FROM s
PK x
BATCH = 5

--= {"mode":"INSERT","target":"a","targetType":{"kind":"static","path":null},"source":"s","fields":[{"from":"value","path":["x"],"as":"x"},{"from":"value","path":["y"],"as":"y"}],"pk":[{"from":"value","path":["x"]}]}
-- the readings of today
INSERT INTO a SELECT x /* a column */, y FROM s -- and a topic
PK x

--= {"mode":"INSERT","target":"a","targetType":{"kind":"static","path":null},"source":"s","fields":[{"from":"value","path":["x"],"as":"x"}],"pk":[{"from":"value","path":["x"]}]}
INSERT/**/INTO/**/a/**/SELECT/**/x/**/FROM/**/s/**/PK/**/x

--= {"mode":"INSERT","target":"a","targetType":{"kind":"static","path":null},"source":"s","fields":[{"from":"value","path":["x"],"as":"x"}],"properties":{"sep":";"}}
--= {"mode":"SELECT","target":null,"source":"s","fields":[{"from":"value","path":["y"],"as":"y"}]}
INSERT INTO a SELECT x FROM s PROPERTIES ('sep' = ';'); SELECT y FROM s

--= {"mode":"INSERT","target":"a","targetType":{"kind":"static","path":null},"source":"odd;name","fields":[{"from":"value","path":["x"],"as":"x"}]}
--= {"mode":"SELECT","target":null,"source":"s","fields":[{"from":"value","path":["y"],"as":"y"}]}
INSERT INTO a SELECT x FROM `odd;name`; SELECT y FROM s

--= {"mode":"INSERT","target":"a","targetType":{"kind":"static","path":null},"source":"s","fields":[{"from":"value","path":["x"],"as":"x"}]}
-- @name hourly
INSERT INTO a SELECT x FROM s

--= {"mode":"INSERT","target":"a","targetType":{"kind":"static","path":null},"source":"s","fields":[{"from":"value","path":["x"],"as":"x"}],"settings":{"autocreate":true}}
SET autocreate = true; INSERT INTO a SELECT x FROM s

--= {"mode":"INSERT","target":"a","targetType":{"kind":"static","path":null},"source":"s","fields":[{"from":"value","path":["x"],"as":"x"}],"settings":{"error.policy":"noop","batch":10}}
--= {"mode":"INSERT","target":"b","targetType":{"kind":"static","path":null},"source":"s","fields":[{"from":"value","path":["x"],"as":"x"}],"settings":{"error.policy":"noop","batch":20}}
SET 'error.policy' = 'noop'; SET batch = 10; INSERT INTO a SELECT x FROM s; SET batch = 20; INSERT INTO b SELECT x FROM s

--= {"explain":true,"mode":"INSERT","target":"a","targetType":{"kind":"static","path":null},"source":"s","fields":[{"from":"value","path":["x"],"as":"x"}]}
EXPLAIN INSERT INTO a SELECT x FROM s

--# What is none.

--! 1:8 SYNTAX expected INTO, but found 'readings' | for example INSERT INTO target SELECT * FROM topic
INSERT readings SELECT * FROM sensors

--! 1:13 SYNTAX expected the name of a topic, index or table, but found 'SELECT' | for example INTO elastic.readings; one called SELECT is written `SELECT`
INSERT INTO SELECT * FROM sensors

--! 1:22 SYNTAX expected STORE, WITH, SELECT or VALUES, but found '*' | is SELECT missing before '*'?
INSERT INTO readings * FROM sensors

--! 1:29 SYNTAX expected an expression or '*', but found 'FROM' | for example SELECT a, b FROM t
INSERT INTO readings SELECT FROM sensors

--! 1:30 SYNTAX expected ',' or FROM, but the statement ends | for example SELECT a, b FROM t
INSERT INTO readings SELECT *

--! 1:35 SYNTAX expected the name of a topic, index or table, but the statement ends | for example FROM readings
INSERT INTO readings SELECT * FROM

--! 1:39 SYNTAX unexpected 'id' | no clause begins with it; an alias that nothing uses takes AS
INSERT INTO readings SELECT * FROM PK id

--! 1:44 SYNTAX unexpected 'INSERT' | is a ';' missing before INSERT?
INSERT INTO readings SELECT * FROM sensors INSERT INTO b SELECT * FROM c

--! 1:1 NOT_SUPPORTED_YET DELETE statements are not supported yet | a record without a value deletes, and so does the target's own tool
DELETE FROM sensors

--! 1:11 SYNTAX expected a field, but found 'INTO' | for example PK deviceId, _key.site
UPSERT PK INTO readings SELECT * FROM sensors

--! 1:8 SYNTAX expected INTO, but found 'PK' | for example INSERT INTO target SELECT * FROM topic
INSERT PK id INTO readings SELECT * FROM sensors

--! 1:50 DUPLICATE_CLAUSE PK is given twice | keep one of them
UPSERT PK id INTO readings SELECT * FROM sensors PK site

--! 1:29 NOT_SUPPORTED_YET column lists of INSERT … SELECT are not supported yet | name the columns with AS in the SELECT
INSERT INTO readings (a, b) SELECT a, b FROM sensors

--! 1:1 SYNTAX unexpected 'INSRT' | did you mean INSERT?
INSRT INTO readings SELECT * FROM sensors

--! 1:31 SYNTAX unexpected 'FORM' | did you mean FROM?
INSERT INTO readings SELECT * FORM sensors

--! 1:44 SYNTAX expected UNNEST, but the statement ends | leave the comma before it out
INSERT INTO readings SELECT * FROM sensors,

--! 1:44 UNCLOSED_COMMENT this comment is never closed | close it with */
INSERT INTO readings SELECT * FROM sensors /* never closed

--! 1:29 UNCLOSED_STRING this string is never closed | it ends at the next '; a quote inside a string is written twice: 'it''s'
INSERT INTO readings SELECT 'never closed FROM sensors
