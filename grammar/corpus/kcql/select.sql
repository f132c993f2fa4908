--# Columns.

--= {"mode":"SELECT","target":null,"source":"t","fields":[{"from":"value","path":["a"],"as":"a"}]}
SELECT a FROM t

--= {"mode":"SELECT","target":null,"source":"t","fields":[{"from":"value","path":["a"],"as":"a"},{"from":"value","path":["b"],"as":"b"},{"from":"value","path":["c"],"as":"c"}]}
SELECT a, b, c FROM t

--= {"mode":"SELECT","target":null,"source":"t","fields":[{"from":"value","path":["*"],"as":"*"}]}
SELECT * FROM t

--= {"mode":"SELECT","target":null,"source":"t","fields":[{"from":"value","path":["*"],"as":"*"},{"from":"value","path":["a"],"as":"b"}]}
SELECT *, a AS b FROM t

--= {"mode":"SELECT","target":null,"source":"t","fields":[{"from":"value","path":["a"],"as":"b"},{"from":"value","path":["*"],"as":"*"}]}
SELECT a AS b, * FROM t

--= {"mode":"SELECT","target":null,"source":"t","fields":[{"from":"value","path":["a"],"as":"x"},{"from":"value","path":["*"],"as":"*"},{"from":"value","path":["b"],"as":"y"}]}
SELECT a AS x, *, b AS y FROM t

--= {"mode":"SELECT","target":null,"source":"t","fields":[{"from":"value","path":["a"],"as":"b"},{"from":"value","path":["b"],"as":"a"}]}
SELECT a AS b, b AS a FROM t

--= {"mode":"SELECT","target":null,"source":"t","fields":[{"from":"value","path":["a","b","c"],"as":"c"}]}
SELECT a.b.c FROM t

--= {"mode":"SELECT","target":null,"source":"t","fields":[{"from":"value","path":["a","b","c"],"as":"d"}]}
SELECT a.b.c AS d FROM t

--= {"mode":"SELECT","target":null,"source":"t","fields":[{"from":"value","path":["a"],"as":"x"},{"from":"value","path":["a","b"],"as":"y"}]}
SELECT a AS x, a.b AS y FROM t

--= {"mode":"SELECT","target":null,"source":"t","fields":[{"from":"value","path":["fieldA"],"as":"A"},{"from":"value","path":["field1","field2","fieldA"],"as":"fieldA"},{"from":"value","path":["fieldx","fieldA"],"as":"B"}]}
SELECT fieldA AS A, field1.field2.fieldA, fieldx.fieldA AS B FROM t

--= {"mode":"SELECT","target":null,"source":"t","fields":[{"from":"value","path":["a","*"],"as":"*"}]}
SELECT a.* FROM t

--= {"mode":"SELECT","target":null,"source":"t","fields":[{"from":"value","path":["a","b","c","*"],"as":"*"}]}
SELECT a.b.c.* FROM t

--= {"mode":"SELECT","target":null,"source":"t","fields":[{"from":"value","path":["a","*"],"as":"*"},{"from":"value","path":["b","*"],"as":"*"}]}
SELECT a.*, b.* FROM t

--= {"mode":"SELECT","target":null,"source":"t","fields":[{"from":"value","path":["a","*"],"as":"*"},{"from":"value","path":["a","b"],"as":"x"},{"from":"value","path":["*"],"as":"*"}]}
SELECT a.*, a.b AS x, * FROM t

--= {"mode":"SELECT","target":null,"source":"t","fields":[{"from":"value","path":["@timestamp"],"as":"@timestamp"},{"from":"value","path":["_id"],"as":"_id"},{"from":"value","path":["2fa"],"as":"2fa"},{"from":"value","path":["1col2"],"as":"one"}]}
SELECT @timestamp, _id, 2fa, 1col2 AS one FROM t

--= {"mode":"SELECT","target":null,"source":"t","fields":[{"from":"value","path":["a"],"as":"odd name"},{"from":"value","path":["b"],"as":"another one"},{"from":"value","path":["c"],"as":"third"}]}
SELECT a AS 'odd name', b AS `another one`, c AS "third" FROM t

--= {"mode":"SELECT","target":null,"source":"t","fields":[{"from":"value","path":["odd name"],"as":"odd name"},{"from":"value","path":["a.b"],"as":"a.b"},{"from":"value","path":["c d"],"as":"c d"}]}
SELECT `odd name`, `a.b`, "c d" FROM t

--= {"mode":"SELECT","target":null,"source":"t","fields":[{"from":"value","path":["a","odd name","b"],"as":"b"}]}
SELECT a.`odd name`.b FROM t

--= {"mode":"SELECT","target":null,"source":"t","fields":[{"from":"value","path":["batch"],"as":"batch"},{"from":"value","path":["ttl"],"as":"ttl"},{"from":"value","path":["pk"],"as":"pk"},{"from":"value","path":["limit"],"as":"limit"},{"from":"value","path":["ignore"],"as":"ignore"},{"from":"value","path":["sample"],"as":"sample"}]}
SELECT batch, ttl, pk, limit, ignore, sample FROM t

--= {"mode":"SELECT","target":null,"source":"t","fields":[{"from":"value","path":["a","select"],"as":"select"},{"from":"value","path":["b","from"],"as":"into"}]}
SELECT a.select, b.from AS into FROM t

--= {"mode":"SELECT","target":null,"source":"t","fields":[{"from":"value","path":["Größe"],"as":"Größe"},{"from":"value","path":["日本"],"as":"日本"}]}
SELECT Größe, 日本 FROM t

--= {"mode":"SELECT","target":null,"source":"t","fields":[{"from":"value","path":["now()"],"as":"loaded"}]}
SELECT `now()` AS loaded FROM t

--= {"mode":"SELECT","target":null,"source":"t","fields":[{"from":"key","path":["bigint field"],"as":"bigint col"},{"from":"value","path":["TEXT.FIELD"],"as":"TEXT.COL"}]}
SELECT `_key.'bigint field'` AS 'bigint col', `_value.'TEXT.FIELD'` AS 'TEXT.COL' FROM t

--# Names with dashes.

--? 1:8 DASH_IN_NAME read as the field 'device-id' | in back-ticks it is one for certain; a - b is a difference
--= {"mode":"SELECT","target":null,"source":"t","fields":[{"from":"value","path":["device-id"],"as":"device-id"}]}
SELECT device-id FROM t

--? 1:8 DASH_IN_NAME read as the field 'device-id' | in back-ticks it is one for certain; a - b is a difference
--? 1:25 DASH_IN_NAME read as the field 'a.b-c.d' | in back-ticks it is one for certain; a - b is a difference
--= {"mode":"SELECT","target":null,"source":"t","fields":[{"from":"value","path":["device-id"],"as":"id"},{"from":"value","path":["a","b-c","d"],"as":"d"}]}
SELECT device-id AS id, a.b-c.d FROM t

--? 1:8 DASH_IN_NAME read as the field 'a-b-c' | in back-ticks it is one for certain; a - b is a difference
--= {"mode":"SELECT","target":null,"source":"t","fields":[{"from":"value","path":["a-b-c"],"as":"a-b-c"}]}
SELECT a-b-c FROM t

--= {"mode":"SELECT","target":null,"source":"t","fields":[{"from":"value","path":["device-id"],"as":"device-id"}]}
SELECT `device-id` FROM t

--= {"mode":"SELECT","target":null,"source":"t","fields":[{"from":"expression","path":[],"as":"difference"}]}
SELECT device - id AS difference FROM t

--= {"mode":"SELECT","target":null,"source":"t","fields":[{"from":"expression","path":[],"as":"before"}]}
SELECT a-1 AS before FROM t

--# Facets and metadata.

--= {"mode":"SELECT","target":null,"source":"t","fields":[{"from":"key","path":[],"as":"_key"}]}
SELECT _key FROM t

--= {"mode":"SELECT","target":null,"source":"t","fields":[{"from":"key","path":["id"],"as":"id"},{"from":"key","path":["site","name"],"as":"site"}]}
SELECT _key.id, _key.site.name AS site FROM t

--= {"mode":"SELECT","target":null,"source":"t","fields":[{"from":"key","path":["*"],"as":"*"}]}
SELECT _key.* FROM t

--= {"mode":"SELECT","target":null,"source":"t","fields":[{"from":"key","path":["a","*"],"as":"*"}]}
SELECT _key.a.* FROM t

--= {"mode":"SELECT","target":null,"source":"t","fields":[{"from":"value","path":[],"as":"_value"}]}
SELECT _value FROM t

--= {"mode":"SELECT","target":null,"source":"t","fields":[{"from":"value","path":["a"],"as":"a"},{"from":"value","path":["b","c"],"as":"d"}]}
SELECT _value.a, _value.b.c AS d FROM t

--= {"mode":"SELECT","target":null,"source":"t","fields":[{"from":"value","path":["*"],"as":"*"}]}
SELECT _value.* FROM t

--= {"mode":"SELECT","target":null,"source":"t","fields":[{"from":"header","path":["trace"],"as":"trace"},{"from":"header","path":["tenant"],"as":"who"}]}
SELECT _header.trace, _header.tenant AS who FROM t

--= {"mode":"SELECT","target":null,"source":"t","fields":[{"from":"header","path":["*"],"as":"*"}]}
SELECT _header.* FROM t

--= {"mode":"SELECT","target":null,"source":"t","fields":[{"from":"header","path":["x.tenant"],"as":"tenant"}]}
SELECT _header.`x.tenant` AS tenant FROM t

--= {"mode":"SELECT","target":null,"source":"t","fields":[{"from":"topic","path":[],"as":"topic"},{"from":"partition","path":[],"as":"partition"},{"from":"offset","path":[],"as":"offset"},{"from":"timestamp","path":[],"as":"timestamp"}]}
SELECT _.topic, _.partition, _.offset, _.timestamp FROM t

--= {"mode":"SELECT","target":null,"source":"t","fields":[{"from":"topic","path":[],"as":"T"},{"from":"partition","path":[],"as":"P"},{"from":"offset","path":[],"as":"O"},{"from":"timestamp","path":[],"as":"TS"}]}
SELECT _.topic AS T, _.partition AS P, _.offset AS O, _.timestamp AS TS FROM t

--= {"mode":"SELECT","target":null,"source":"t","fields":[{"from":"topic","path":[],"as":"TOPIC"},{"from":"offset","path":[],"as":"Offset"}]}
SELECT _.TOPIC, _.Offset FROM t

--= {"mode":"SELECT","target":null,"source":"t","fields":[{"from":"key","path":["field1"],"as":"field1"},{"from":"key","path":["field2","field3","field4"],"as":"field4"},{"from":"key","path":["*"],"as":"*"}]}
SELECT _.key.field1, _.key.field2.field3.field4, _.key.* FROM t

--= {"mode":"SELECT","target":null,"source":"t","fields":[{"from":"key","path":["field1"],"as":"F1"},{"from":"key","path":["field2","field3"],"as":"F2"},{"from":"key","path":["*"],"as":"*"}]}
SELECT _.key.field1 AS F1, _.key.field2.field3 AS F2, _.key.* FROM t

--= {"mode":"SELECT","target":null,"source":"t","fields":[{"from":"topic","path":[],"as":"_topic"},{"from":"partition","path":[],"as":"_partition"},{"from":"offset","path":[],"as":"_offset"},{"from":"timestamp","path":[],"as":"_timestamp"}]}
SELECT _topic, _partition, _offset, _timestamp FROM t

--= {"mode":"SELECT","target":null,"source":"t","fields":[{"from":"timestamp","path":[],"as":"_ts"},{"from":"timestamp","path":[],"as":"stamp"},{"from":"partition","path":[],"as":"partition"}]}
SELECT _ts, _meta.timestamp AS stamp, _meta.partition FROM t

--= {"mode":"SELECT","target":null,"source":"t","fields":[{"from":"value","path":["_key"],"as":"_key"},{"from":"value","path":["_topic"],"as":"_topic"}]}
SELECT `_key`, `_topic` FROM t

--= {"mode":"SELECT","target":null,"source":"t","fields":[{"from":"value","path":["a"],"as":"a"},{"from":"key","path":["b"],"as":"c"}]}
SELECT r.a, r._key.b AS c FROM t AS r

--# Two columns of one name.

--! 1:11 DUPLICATE_NAME two columns are named 'a' | AS gives it another name
SELECT a, a FROM t

--! 1:16 DUPLICATE_NAME two columns are named 'a' | AS gives it another name
SELECT a, b AS a FROM t

--! 1:21 DUPLICATE_NAME two columns are named 'x' | AS gives it another name
SELECT a AS x, b AS x FROM t

--! 1:13 DUPLICATE_NAME two columns are named 'b' | AS gives it another name
SELECT a.b, a.b FROM t

--! 1:13 DUPLICATE_NAME two columns are named 'x' | AS gives it another name
SELECT a.x, b.x FROM t

--! 1:11 DUPLICATE_NAME two columns are named 'x' | AS gives it another name
SELECT x, a.x FROM t

--! 1:16 DUPLICATE_NAME two columns are named 'a' | AS gives it another name
SELECT _key.a, _key.a FROM t

--! 1:17 DUPLICATE_NAME two columns are named 'id' | AS gives it another name
SELECT _key.id, id FROM t

--! 1:19 DUPLICATE_NAME two columns are named 'h' | AS gives it another name
SELECT _header.h, _header.h FROM t

--! 1:21 DUPLICATE_NAME two columns are named 'timestamp' | AS gives it another name
SELECT _.timestamp, timestamp FROM t

--! 1:11 DUPLICATE_NAME the same star stands twice in SELECT | keep one of them
SELECT *, * FROM t

--! 1:13 DUPLICATE_NAME the same star stands twice in SELECT | keep one of them
SELECT a.*, a.* FROM t

--= {"mode":"SELECT","target":null,"source":"t","fields":[{"from":"value","path":["a"],"as":"a"},{"from":"value","path":["a"],"as":"b"}]}
SELECT a, a AS b FROM t

--= {"mode":"SELECT","target":null,"source":"t","fields":[{"from":"value","path":["a","x"],"as":"x"},{"from":"value","path":["b","x"],"as":"x"}],"structure":true}
SELECT a.x, b.x FROM t WITHSTRUCTURE

--! 1:13 DUPLICATE_NAME two columns are named 'x' | AS gives it another name
SELECT a.x, a.x FROM t WITHSTRUCTURE

--! 1:25 DUPLICATE_NAME two columns are named 'y' | AS gives it another name
SELECT a.x AS y, b.x AS y FROM t WITHSTRUCTURE

--# What is no column.

--! 1:10 SYNTAX expected ',' or FROM, but found 'b' | an alias takes AS: AS b; another column takes a comma before it
SELECT a b FROM t

--! 1:10 SYNTAX expected ',' or FROM, but found 'b' | an alias takes AS: AS b; another column takes a comma before it
SELECT a b, c FROM t

--! 1:11 SYNTAX expected an expression or '*', but found 'FROM' | leave the comma before it out
SELECT a, FROM t

--! 1:8 SYNTAX expected an expression or '*', but found ',' | leave ',' out
SELECT ,a FROM t

--! 1:13 SYNTAX expected ',' or FROM, but found '.' | a star stands last, as in a.*
SELECT a.b.*.c FROM t

--! 1:9 SYNTAX expected ',' or FROM, but found '.' | a star stands last, as in a.*
SELECT *.a FROM t

--? 1:13 ALIAS_OF_STAR the columns of a star keep their names | leave the alias out; AS names a single column
--= {"mode":"SELECT","target":null,"source":"t","fields":[{"from":"value","path":["*"],"as":"*"}]}
SELECT * AS all FROM t

--? 1:18 ALIAS_OF_STAR the columns of a star keep their names | leave the alias out; AS names a single column
--= {"mode":"SELECT","target":null,"source":"t","fields":[{"from":"key","path":["*"],"as":"*"}]}
SELECT _key.* AS k FROM t

--! 1:19 SYNTAX a star has no alias | leave it out
SELECT _.key.* AS k FROM t

--? 1:15 ALIAS_OF_STAR the columns of a star keep their names | leave the alias out; AS names a single column
--= {"mode":"SELECT","target":null,"source":"t","fields":[{"from":"value","path":["a","*"],"as":"*"}]}
SELECT a.* AS x FROM t

--! 1:11 SYNTAX expected a name, but found 'FROM' | leave the dot out; a field of that name is written .FROM
SELECT _. FROM t

--! 1:8 UNKNOWN_FIELD _.foo is nothing that a record has | _.topic, _.partition, _.offset, _.timestamp and _.key.name are
SELECT _.foo FROM t

--! 1:8 UNKNOWN_FIELD _.key is nothing that a record has | the whole key is _key
SELECT _.key FROM t

--! 1:15 SYNTAX expected a name, but found 'FROM' | leave the dot out; a field of that name is written .FROM
SELECT _.key. FROM t

--! 1:8 UNKNOWN_FIELD _.value is nothing that a record has | _.topic, _.partition, _.offset, _.timestamp and _.key.name are
SELECT _.value.x FROM t

--! 1:8 UNKNOWN_FIELD _.topic is nothing that a record has | _.topic, _.partition, _.offset, _.timestamp and _.key.name are
SELECT _.topic.x FROM t

--! 1:8 UNKNOWN_FIELD _.topic is nothing that a record has | _.topic, _.partition, _.offset, _.timestamp and _.key.name are
SELECT _.topic.* FROM t

--! 1:8 UNKNOWN_FIELD _header is followed by the name of one header | for example _header.origin
SELECT _header FROM t

--! 1:8 UNKNOWN_FIELD _header is followed by the name of one header | for example _header.origin
SELECT _header.a.b FROM t

--! 1:11 SYNTAX expected a name, but found 'FROM' | leave the dot out; a field of that name is written .FROM
SELECT a. FROM t

--! 1:10 SYNTAX expected a field or a name, but found '.' | leave '.' out
SELECT a..b FROM t

--! 1:8 SYNTAX expected an expression or '*', but found '.' | leave '.' out
SELECT .a FROM t

--! 1:13 SYNTAX expected a name, but found 'FROM' | leave the AS out; a field of that name is written AS `FROM`
SELECT a AS FROM t

--! 1:14 SYNTAX expected ',' or FROM, but found '-' | a name with such a sign stands in back-ticks: AS `b-c`
SELECT a AS b-c FROM t

--! 1:14 SYNTAX expected ',' or FROM, but found '.' | a name with such a sign stands in back-ticks: AS `b.c`
SELECT a AS b.c FROM t

--! 1:8 UNCLOSED_NAME this quoted name is never closed | it ends at the next "; one inside is written twice
SELECT "a FROM t

--! 1:15 SYNTAX expected an expression or '*', but found '%' | for example SELECT a, b FROM t
SELECT $zone, %t% FROM t

--! 1:8 SYNTAX expected an expression or '*', but found 'FROM' | for example SELECT a, b FROM t
SELECT FROM t

--= {"mode":"SELECT","target":null,"source":"t","fields":[{"from":"header","path":["site"],"as":"site"},{"from":"header","path":["*"],"as":"*"}]}
SELECT _header.site, _header.* FROM t

--! 1:8 UNKNOWN_FIELD _header is followed by the name of one header | for example _header.origin
SELECT _header.site.* FROM t

--? 1:21 ALIAS_OF_STAR the columns of a star keep their names | leave the alias out; AS names a single column
--= {"mode":"SELECT","target":null,"source":"t","fields":[{"from":"value","path":["a"],"as":"a"},{"from":"value","path":["room","*"],"as":"*"}]}
SELECT a, room.* AS r FROM t

--= {"mode":"SELECT","target":null,"source":"t","fields":[{"from":"value","path":["a","2fa"],"as":"2fa"},{"from":"value","path":["b","1c","2d"],"as":"x"}]}
SELECT a.2fa, b.1c.2d AS x FROM t

--= {"mode":"SELECT","target":null,"source":"t","fields":[{"from":"value","path":["a"],"as":"a"}],"settings":{"topic.my-topic.x":5},"hasWhere":true}
SET topic.my-topic.x = 5; SELECT a FROM t -- LIMIT 1  LIMIT 2
 WHERE b > 1
