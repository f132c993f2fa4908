--# What other readers of KCQL take for something else without a word: understood here, or refused.

--= {"mode":"INSERT","target":"x","targetType":{"kind":"static","path":null},"source":"climate","fields":[{"from":"value","path":["*"],"as":"*"}],"hasWhere":true}
INSERT INTO x SELECT * FROM climate WHERE degC > 20

--! 1:37 SYNTAX unexpected 'AUTOCREAT' | did you mean AUTOCREATE? An alias of that name takes AS
INSERT INTO x SELECT * FROM climate AUTOCREAT

--! 1:37 SYNTAX unexpected 'WITHTAGS' | did you mean WITHTAG?
INSERT INTO x SELECT * FROM climate WITHTAGS ()

--= {"mode":"INSERT","target":"x","targetType":{"kind":"static","path":null},"source":"climate","fields":[{"from":"value","path":["*"],"as":"*"}],"capitalize":true}
INSERT INTO x SELECT * FROM climate CAPITALIZE

--= {"mode":"INSERT","target":"x","targetType":{"kind":"static","path":null},"source":"climate","fields":[{"from":"value","path":["*"],"as":"*"}]}
INSERT INTO x SELECT * FROM climate -- note

--= {"mode":"INSERT","target":"x","targetType":{"kind":"static","path":null},"source":"climate","fields":[{"from":"value","path":["*"],"as":"*"}],"autocreate":true,"pk":[{"from":"value","path":["a"]}]}
INSERT INTO x SELECT * FROM climate PK a AUTOCREATE

--= {"mode":"INSERT","target":"x","targetType":{"kind":"static","path":null},"source":"climate","fields":[{"from":"value","path":["*"],"as":"*"}],"batch":4,"limit":5}
INSERT INTO x SELECT * FROM climate LIMIT 5 BATCH = 4

--= {"mode":"INSERT","target":"x","targetType":{"kind":"static","path":null},"source":"climate","fields":[{"from":"value","path":["*"],"as":"*"}],"structure":true,"pk":[{"from":"value","path":["a"]}]}
INSERT INTO x SELECT * FROM climate PK a WITHSTRUCTURE

--! 1:38 NOT_SUPPORTED_YET several sources in one FROM are not supported yet | JOIN … ON reads two
INSERT INTO x SELECT * FROM climate, power

--! 1:42 SYNTAX unexpected 'b' | is ',' missing before b?
INSERT INTO x SELECT * FROM climate PK a b

--! 1:46 SYNTAX unexpected 'b' | is ',' missing before b?
INSERT INTO x SELECT * FROM climate IGNORE a b

--= {"mode":"INSERT","target":"x","targetType":{"kind":"static","path":null},"source":"climate","fields":[{"from":"value","path":["*"],"as":"*"}],"indexSuffix":"_{yyyy.MM.dd}"}
INSERT INTO x SELECT * FROM climate WITHINDEXSUFFIX=_{yyyy.MM.dd}

--= {"mode":"INSERT","target":"x","targetType":{"kind":"static","path":null},"source":"climate","fields":[{"from":"value","path":["*"],"as":"*"}],"timestamp":"meta.ts","timestampUnit":"MILLISECONDS"}
INSERT INTO x SELECT * FROM climate WITHTIMESTAMP meta.ts

--= {"mode":"INSERT","target":"x","targetType":{"kind":"static","path":null},"source":"climate","fields":[{"from":"value","path":["*"],"as":"*"}],"timestamp":"Sys_Time()","timestampUnit":"MILLISECONDS"}
INSERT INTO x SELECT * FROM climate WITHTIMESTAMP Sys_Time()

--= {"mode":"INSERT","target":"x","targetType":{"kind":"static","path":null},"source":"climate","fields":[{"from":"value","path":["*"],"as":"*"}],"tags":[{"key":"a","value":"area","type":"ALIAS"}]}
INSERT INTO x SELECT * FROM climate WITHTAG (a as area)

--= {"mode":"INSERT","target":"x","targetType":{"kind":"static","path":null},"source":"climate","fields":[{"from":"value","path":["*"],"as":"*"}],"storeAs":{"type":"A.B","params":{}}}
INSERT INTO x SELECT * FROM climate STOREAS a.b

--! 1:37 SYNTAX unexpected 'FOOBAR' | no clause begins with it; an alias that nothing uses takes AS
INSERT INTO x SELECT * FROM climate FOOBAR

--! 1:41 SYNTAX unexpected 'BAR' | leave BAR out
INSERT INTO x SELECT * FROM climate FOO BAR

--! 1:37 SYNTAX unexpected 'STORE' | for example INSERT INTO copy STORE KEY AS STRING VALUE AS JSON SELECT * FROM t
INSERT INTO x SELECT * FROM climate STORE KEY AS STRING

--= {"mode":"INSERT","target":"x","targetType":{"kind":"static","path":null},"source":"climate","fields":[{"from":"expression","path":[],"as":"z"}]}
INSERT INTO x SELECT upper(zone) AS z FROM climate

--! 1:22 UNKNOWN_FUNCTION there is no function now | the time of a record is _timestamp; results do not depend on the wall clock
INSERT INTO x SELECT now() AS t FROM climate

--= {"mode":"INSERT","target":"x","targetType":{"kind":"static","path":null},"source":"climate","fields":[{"from":"expression","path":[],"as":"t"}]}
INSERT INTO x SELECT 'lit' AS t FROM climate

--= {"mode":"INSERT","target":"x","targetType":{"kind":"static","path":null},"source":"climate","fields":[{"from":"value","path":["$zone"],"as":"$zone"}]}
INSERT INTO x SELECT $zone FROM climate

--= {"mode":"INSERT","target":"x","targetType":{"kind":"static","path":null},"source":"climate","fields":[{"from":"value","path":["a"],"as":"a"}]}
INSERT INTO x SELECT "a" FROM climate

--! 1:22 SYNTAX expected an expression or '*', but found '%' | for example SELECT a, b FROM t
INSERT INTO x SELECT %t% FROM climate

--? 1:22 DASH_IN_NAME read as the field 'a.b-c.d' | in back-ticks it is one for certain; a - b is a difference
--= {"mode":"INSERT","target":"x","targetType":{"kind":"static","path":null},"source":"climate","fields":[{"from":"value","path":["a","b-c","d"],"as":"d"}]}
INSERT INTO x SELECT a.b-c.d FROM climate

--= {"mode":"INSERT","target":"x","targetType":{"kind":"static","path":null},"source":"climate","fields":[{"from":"value","path":["a"],"as":"a"}]}
INSERT INTO x SELECT _value.a FROM climate

--= {"mode":"INSERT","target":"x","targetType":{"kind":"static","path":null},"source":"climate","fields":[{"from":"value","path":["a"],"as":"a"}],"groupBy":["a"]}
INSERT INTO x SELECT a FROM climate GROUP BY a

--= {"mode":"INSERT","target":"x","targetType":{"kind":"static","path":null},"source":"climate","fields":[{"from":"value","path":["*"],"as":"*"}],"batch":10}
INSERT INTO x SELECT * FROM climate Batch = 10

--= {"mode":"INSERT","target":"x","targetType":{"kind":"static","path":null},"source":"site.12.temps","fields":[{"from":"value","path":["*"],"as":"*"}],"pk":[{"from":"value","path":["a"]}]}
INSERT INTO x SELECT * FROM site.12.temps PK a

--= {"mode":"INSERT","target":"x","targetType":{"kind":"static","path":null},"source":"x","fields":[{"from":"value","path":["*"],"as":"*"}]}
INSERT INTO x SELECT * FROM 'x'

--= {"mode":"INSERT","target":"x","targetType":{"kind":"static","path":null},"source":"climate","fields":[{"from":"value","path":["*"],"as":"*"}],"properties":{"k":"v","sep":"|"}}
INSERT INTO x SELECT * FROM climate PROPERTIES('k'='v', sep='|')

--= {"mode":"INSERT","target":"x","targetType":{"kind":"static","path":null},"source":"climate","fields":[{"from":"value","path":["*"],"as":"*"}],"properties":{"ratio":"1.5"}}
INSERT INTO x SELECT * FROM climate PROPERTIES(ratio=1.5)

--! 1:38 SYNTAX unexpected 'id' | no clause begins with it; an alias that nothing uses takes AS
INSERT INTO x SELECT * FROM sensorPK id

--= {"mode":"INSERT","target":"x","targetType":{"kind":"static","path":null},"source":"climate","fields":[{"from":"value","path":["*"],"as":"*"}],"pk":[{"from":"value","path":["id"]}],"indexSuffix":"_{yyyy MM}"}
INSERT INTO x SELECT * FROM climate PK id WITHINDEXSUFFIX = _{yyyy MM}

--! 1:54 SYNTAX unexpected 'b' | a value with spaces stands in back-ticks: `a b`
INSERT INTO x SELECT * FROM climate WITHPIPELINE = a b

--! 1:52 SYNTAX unexpected 'b' | a value with spaces stands in back-ticks: `a b`
INSERT INTO x SELECT * FROM climate WITHTARGET = a b

--! 1:43 SYNTAX unexpected ')' | leave ')' out
INSERT INTO x SELECT * FROM climate PK id )

--! 1:46 SYNTAX unexpected 'seconds' | leave seconds out
INSERT INTO x SELECT * FROM climate TTL = 60 seconds

--! 1:56 SYNTAX unexpected '|' | leave '|' out
INSERT INTO x SELECT * FROM climate KEYDELIMITER = '|' '|'

--= {"mode":"INSERT","target":"x","targetType":{"kind":"static","path":null},"source":"climate","fields":[{"from":"value","path":["a"],"as":"a"}]}
INSERT INTO x SELECT r.a FROM climate r

--= {"mode":"INSERT","target":"x","targetType":{"kind":"static","path":null},"source":"climate","fields":[{"from":"value","path":["a"],"as":"a"}]}
INSERT INTO x SELECT a FROM climate AS r

--! 1:37 SYNTAX unexpected 'WITHTAGS' | did you mean WITHTAG?
INSERT INTO x SELECT * FROM climate WITHTAGS (a, b=c) PK id

--! 1:37 SYNTAX unexpected 'PROPERTES' | did you mean PROPERTIES?
INSERT INTO x SELECT * FROM climate PROPERTES ('a'='b')

--! 1:37 SYNTAX unexpected 'WITHPIPLINE' | did you mean WITHPIPELINE?
INSERT INTO x SELECT * FROM climate WITHPIPLINE = enrich.geo

--! 1:37 SYNTAX unexpected 'AUTOCREAT' | did you mean AUTOCREATE? An alias of that name takes AS
INSERT INTO x SELECT * FROM climate AUTOCREAT PK id

--! 1:43 SYNTAX unexpected 'AUTOEVOLV' | did you mean AUTOEVOLVE?
INSERT INTO x SELECT * FROM climate PK id AUTOEVOLV BATCH = 10
