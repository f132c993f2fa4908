--# Names of topics and targets without quotes.

--= {"mode":"INSERT","target":"my.topic-1","targetType":{"kind":"static","path":null},"source":"my.topic-1","fields":[{"from":"value","path":["*"],"as":"*"}]}
INSERT INTO my.topic-1 SELECT * FROM my.topic-1

--= {"mode":"INSERT","target":"ns:table","targetType":{"kind":"static","path":null},"source":"ns:stream","fields":[{"from":"value","path":["*"],"as":"*"}]}
INSERT INTO ns:table SELECT * FROM ns:stream

--= {"mode":"INSERT","target":"bucket:prefix/x","targetType":{"kind":"static","path":null},"source":"topic","fields":[{"from":"value","path":["*"],"as":"*"}]}
INSERT INTO bucket:prefix/x SELECT * FROM topic

--= {"mode":"INSERT","target":"2fa","targetType":{"kind":"static","path":null},"source":"404","fields":[{"from":"value","path":["*"],"as":"*"}]}
INSERT INTO 2fa SELECT * FROM 404

--= {"mode":"SELECT","target":null,"source":"site.12.temps","fields":[{"from":"value","path":["*"],"as":"*"}],"pk":[{"from":"value","path":["id"]}]}
SELECT * FROM site.12.temps PK id

--= {"mode":"SELECT","target":null,"source":"idx.2024","fields":[{"from":"value","path":["*"],"as":"*"}],"limit":5}
SELECT * FROM idx.2024 LIMIT 5

--= {"mode":"INSERT","target":"temps_{yyyy.MM.dd}","targetType":{"kind":"static","path":null},"source":"temps","fields":[{"from":"value","path":["*"],"as":"*"}]}
INSERT INTO temps_{yyyy.MM.dd} SELECT * FROM temps

--= {"mode":"INSERT","target":"{env}.readings","targetType":{"kind":"static","path":null},"source":"{env}.sensors","fields":[{"from":"value","path":["*"],"as":"*"}]}
INSERT INTO {env}.readings SELECT * FROM {env}.sensors

--= {"mode":"INSERT","target":"a+b/c","targetType":{"kind":"static","path":null},"source":"a-b_c","fields":[{"from":"value","path":["*"],"as":"*"}]}
INSERT INTO a+b/c SELECT * FROM a-b_c

--= {"mode":"INSERT","target":"$sys/feed","targetType":{"kind":"static","path":null},"source":"@raw","fields":[{"from":"value","path":["*"],"as":"*"}]}
INSERT INTO $sys/feed SELECT * FROM @raw

--= {"mode":"INSERT","target":"Größe","targetType":{"kind":"static","path":null},"source":"größe","fields":[{"from":"value","path":["*"],"as":"*"}]}
INSERT INTO Größe SELECT * FROM größe

--= {"mode":"INSERT","target":"elastic.temps-1m","targetType":{"kind":"static","path":null},"source":"kafka.temps","fields":[{"from":"value","path":["*"],"as":"*"}]}
INSERT INTO elastic.temps-1m SELECT * FROM kafka.temps

--= {"mode":"SELECT","target":null,"source":"t","fields":[{"from":"value","path":["a"],"as":"a"}]}
SELECT a FROM t-- a comment

--= {"mode":"SELECT","target":null,"source":"t","fields":[{"from":"value","path":["a"],"as":"a"}],"pk":[{"from":"value","path":["a"]}]}
SELECT a FROM t/* a comment */PK a

--# With quotes.

--= {"mode":"INSERT","target":"my index","targetType":{"kind":"static","path":null},"source":"my topic","fields":[{"from":"value","path":["*"],"as":"*"}]}
INSERT INTO `my index` SELECT * FROM `my topic`

--= {"mode":"INSERT","target":"my index","targetType":{"kind":"static","path":null},"source":"my topic","fields":[{"from":"value","path":["*"],"as":"*"}]}
INSERT INTO 'my index' SELECT * FROM 'my topic'

--= {"mode":"INSERT","target":"x","targetType":{"kind":"static","path":null},"source":"y","fields":[{"from":"value","path":["*"],"as":"*"}]}
INSERT INTO 'x' SELECT * FROM 'y'

--= {"mode":"INSERT","target":"my index","targetType":{"kind":"static","path":null},"source":"t","fields":[{"from":"value","path":["*"],"as":"*"}]}
INSERT INTO "my index" SELECT * FROM "t"

--= {"mode":"INSERT","target":"a`b","targetType":{"kind":"static","path":null},"source":"c'd","fields":[{"from":"value","path":["*"],"as":"*"}]}
INSERT INTO `a``b` SELECT * FROM `c'd`

--= {"mode":"INSERT","target":"quoted twice","targetType":{"kind":"static","path":null},"source":"t","fields":[{"from":"value","path":["*"],"as":"*"}]}
INSERT INTO `'quoted twice'` SELECT * FROM `'t'`

--= {"mode":"INSERT","target":"elastic.odd.name","targetType":{"kind":"static","path":null},"source":"*","fields":[{"from":"value","path":["*"],"as":"*"}]}
INSERT INTO elastic.`odd.name` SELECT * FROM `*`

--= {"mode":"INSERT","target":"SELECT","targetType":{"kind":"static","path":null},"source":"FROM","fields":[{"from":"value","path":["*"],"as":"*"}]}
INSERT INTO `SELECT` SELECT * FROM `FROM`

--# Targets that each record names.

--= {"mode":"INSERT","target":"_key","targetType":{"kind":"key","path":null},"source":"t","fields":[{"from":"value","path":["*"],"as":"*"}]}
INSERT INTO _key SELECT * FROM t

--= {"mode":"INSERT","target":"_key.tenant","targetType":{"kind":"key","path":"tenant"},"source":"t","fields":[{"from":"value","path":["*"],"as":"*"}]}
INSERT INTO _key.tenant SELECT * FROM t

--= {"mode":"INSERT","target":"_key.tenant.region","targetType":{"kind":"key","path":"tenant.region"},"source":"t","fields":[{"from":"value","path":["*"],"as":"*"}]}
INSERT INTO _key.tenant.region SELECT * FROM t

--= {"mode":"INSERT","target":"_value","targetType":{"kind":"value","path":null},"source":"t","fields":[{"from":"value","path":["*"],"as":"*"}]}
INSERT INTO _value SELECT * FROM t

--= {"mode":"INSERT","target":"_value.meta.target","targetType":{"kind":"value","path":"meta.target"},"source":"t","fields":[{"from":"value","path":["*"],"as":"*"}]}
INSERT INTO _value.meta.target SELECT * FROM t

--= {"mode":"INSERT","target":"_header.tenant","targetType":{"kind":"header","path":"tenant"},"source":"t","fields":[{"from":"value","path":["*"],"as":"*"}]}
INSERT INTO _header.tenant SELECT * FROM t

--= {"mode":"INSERT","target":"_header.'x.tenant.id'","targetType":{"kind":"header","path":"'x.tenant.id'"},"source":"t","fields":[{"from":"value","path":["*"],"as":"*"}]}
INSERT INTO `_header.'x.tenant.id'` SELECT * FROM t

--= {"mode":"INSERT","target":"_key.'field.1'.'field.2'","targetType":{"kind":"key","path":"'field.1'.'field.2'"},"source":"t","fields":[{"from":"value","path":["*"],"as":"*"}]}
INSERT INTO `_key.'field.1'.'field.2'` SELECT * FROM t

--= {"mode":"INSERT","target":"_header.x.tenant.id","targetType":{"kind":"header","path":"'x.tenant.id'"},"source":"t","fields":[{"from":"value","path":["*"],"as":"*"}]}
INSERT INTO _header.'x.tenant.id' SELECT * FROM t

--= {"mode":"INSERT","target":"_Key.tenant","targetType":{"kind":"static","path":null},"source":"t","fields":[{"from":"value","path":["*"],"as":"*"}]}
INSERT INTO _Key.tenant SELECT * FROM t

--= {"mode":"INSERT","target":"_keys.tenant","targetType":{"kind":"static","path":null},"source":"t","fields":[{"from":"value","path":["*"],"as":"*"}]}
INSERT INTO _keys.tenant SELECT * FROM t

--= {"mode":"INSERT","target":"_topic","targetType":{"kind":"static","path":null},"source":"t","fields":[{"from":"value","path":["*"],"as":"*"}]}
INSERT INTO _topic SELECT * FROM t

--! 1:13 ILLEGAL_NAME _header alone names no target | for example _header.tenant
INSERT INTO _header SELECT * FROM t

--! 1:41 CLAUSE_NOT_ALLOWED AUTOCREATE needs a fixed target, and here each record names its own | SET 'autocreate' = TRUE makes each target when it is first named
INSERT INTO _key.tenant SELECT * FROM t AUTOCREATE

--! 1:51 CLAUSE_NOT_ALLOWED AUTOCREATE needs a fixed target, and here each record names its own | SET 'autocreate' = TRUE makes each target when it is first named
INSERT INTO `_header.'x.y'` SELECT * FROM t PK id AUTOCREATE

--# What is no name.

--! 1:16 SYNTAX unexpected '.' | one dot stands between two names
SELECT * FROM a..b

--! 1:15 SYNTAX expected the name of a topic, index or table, but found '.' | for example FROM readings; a name with other signs stands in back-ticks
SELECT * FROM .a

--! 1:16 SYNTAX unexpected '.' | one dot stands between two names
SELECT * FROM a.

--! 1:15 SYNTAX expected the name of a topic, index or table, but found '%' | for example FROM readings; a name with other signs stands in back-ticks
SELECT * FROM %t%

--! 1:15 SYNTAX expected the name of a topic, index or table, but found '*' | for example FROM readings; a name with other signs stands in back-ticks
SELECT * FROM *

--! 1:15 UNCLOSED_NAME a quoted name cannot be empty | write a name between them
SELECT * FROM ``

--! 1:15 UNCLOSED_NAME this quoted name is never closed | it ends at the next `; one inside is written twice
SELECT * FROM `never closed

--! 1:19 SYNTAX unexpected 'c' | leave c out
SELECT * FROM a b c

--! 1:16 UNKNOWN_CHARACTER unexpected '#' | a comment starts with --; a name with # stands in back-ticks
SELECT * FROM a#b

--! 1:17 SYNTAX expected ',' or ')', but found 'SELECT' | for example INSERT INTO target SELECT * FROM topic
INSERT INTO a(b SELECT * FROM t

--! 1:15 SYNTAX expected the name of a topic, index or table, but found 'AUTOCREATE' | for example FROM readings; one called AUTOCREATE is written `AUTOCREATE`
SELECT * FROM AUTOCREATE

--! 1:15 SYNTAX expected the name of a topic, index or table, but found 'WITHFORMAT' | for example FROM readings; one called WITHFORMAT is written `WITHFORMAT`
SELECT * FROM WITHFORMAT json

--# words that JavaScript gives a meaning

--= {"mode":"SELECT","target":null,"source":"hasOwnProperty","fields":[{"from":"value","path":["constructor"],"as":"constructor"},{"from":"value","path":["__proto__"],"as":"__proto__"},{"from":"value","path":["toString"],"as":"toString"}]}
SELECT constructor, __proto__, toString FROM hasOwnProperty

--= {"mode":"INSERT","target":"constructor","targetType":{"kind":"static","path":null},"source":"s","fields":[{"from":"value","path":["a"],"as":"a"}],"properties":{"__proto__":"1","constructor":"2"}}
INSERT INTO constructor SELECT a FROM s PROPERTIES(__proto__=1, constructor=2)

--= {"mode":"SELECT","target":null,"source":"s","fields":[{"from":"value","path":["a"],"as":"a"}],"settings":{"__proto__":1,"constructor":2}}
SET __proto__ = 1; SET constructor = 2; SELECT a FROM s

--= {"mode":"INSERT","target":"t","targetType":{"kind":"static","path":null},"source":"s","fields":[{"from":"value","path":["a"],"as":"a"}],"timestamp":"Sys_Time()","timestampUnit":"MILLISECONDS"}
INSERT INTO t SELECT a FROM s WITHTIMESTAMP /* of the record */ Sys_Time ( )
