--# IGNORE

--= {"mode":"SELECT","target":null,"source":"t","fields":[{"from":"value","path":["*"],"as":"*"}],"ignored":[["a"]]}
SELECT * FROM t IGNORE a

--= {"mode":"INSERT","target":"x","targetType":{"kind":"static","path":null},"source":"t","fields":[{"from":"value","path":["*"],"as":"*"}],"ignored":[["col1"],["1col2"],["b","c"]]}
INSERT INTO x SELECT * FROM t IGNORE col1 , 1col2, b.c

--= {"mode":"SELECT","target":null,"source":"t","fields":[{"from":"value","path":["*"],"as":"*"}],"ignored":[["f1"],["f2","a"]]}
SELECT * FROM t ignore f1, f2.a

--= {"mode":"INSERT","target":"x","targetType":{"kind":"static","path":null},"source":"t","fields":[{"from":"value","path":["*"],"as":"*"}],"ignored":[["device-id"],["odd name"],["other name"]]}
INSERT INTO x SELECT * FROM t IGNORE device-id, `odd name`, 'other name'

--! 1:23 SYNTAX expected a field, but the statement ends | for example IGNORE secret, debug.trace
SELECT * FROM t IGNORE

--! 1:24 SYNTAX expected a field, but found '*' | for example IGNORE secret, debug.trace
SELECT * FROM t IGNORE *

--! 1:25 SYNTAX unexpected '.*' | only SELECT takes a star: name the fields
SELECT * FROM t IGNORE a.*

--! 1:26 SYNTAX unexpected 'b' | is ',' missing before b?
SELECT * FROM t IGNORE a b

--! 1:27 DUPLICATE_NAME IGNORE names 'a' twice | keep one of them
SELECT * FROM t IGNORE a, a

--! 1:26 SYNTAX expected a field, but the statement ends | leave the comma before it out
SELECT * FROM t IGNORE a,

--! 1:24 SYNTAX expected a field, but found 'PK' | a field of that name is written `PK`
--! 1:27 SYNTAX unexpected 'a' | is ',' missing before a?
SELECT * FROM t IGNORE PK a

--# AUTOCREATE, WITHSTRUCTURE, AUTOEVOLVE, NOPARTITION, WITHUNWRAP

--= {"mode":"INSERT","target":"x","targetType":{"kind":"static","path":null},"source":"t","fields":[{"from":"value","path":["*"],"as":"*"}],"autocreate":true}
INSERT INTO x SELECT * FROM t AUTOCREATE

--= {"mode":"INSERT","target":"x","targetType":{"kind":"static","path":null},"source":"t","fields":[{"from":"value","path":["a"],"as":"a"},{"from":"value","path":["b"],"as":"b"}],"autocreate":true,"pk":[{"from":"value","path":["a"]}],"autoevolve":true}
INSERT INTO x SELECT a, b FROM t AUTOCREATE PK a AUTOEVOLVE

--= {"mode":"INSERT","target":"x","targetType":{"kind":"static","path":null},"source":"t","fields":[{"from":"value","path":["*"],"as":"*"}],"structure":true}
INSERT INTO x SELECT * FROM t WITHSTRUCTURE

--= {"mode":"INSERT","target":"x","targetType":{"kind":"static","path":null},"source":"t","fields":[{"from":"value","path":["*"],"as":"*"}],"noPartition":true}
INSERT INTO x SELECT * FROM t NOPARTITION

--= {"mode":"INSERT","target":"x","targetType":{"kind":"static","path":null},"source":"t","fields":[{"from":"value","path":["*"],"as":"*"}],"unwrap":true}
INSERT INTO x SELECT * FROM t WITHUNWRAP

--! 1:42 DUPLICATE_CLAUSE AUTOCREATE is given twice | keep one of them
INSERT INTO x SELECT * FROM t AUTOCREATE AUTOCREATE

--! 1:42 SYNTAX unexpected '=' | AUTOCREATE stands alone, without a value
INSERT INTO x SELECT * FROM t AUTOCREATE = true

--! 1:44 SYNTAX unexpected ',' | leave ',' out
INSERT INTO x SELECT * FROM t WITHSTRUCTURE, AUTOCREATE

--! 1:42 SYNTAX unexpected 'yes' | leave yes out
INSERT INTO x SELECT * FROM t AUTOEVOLVE yes

--! 1:42 DUPLICATE_CLAUSE WITHUNWRAP is given twice | keep one of them
INSERT INTO x SELECT * FROM t WITHUNWRAP WITHUNWRAP

--! 1:31 SYNTAX unexpected 'WITHUNRAP' | did you mean WITHUNWRAP? An alias of that name takes AS
INSERT INTO x SELECT * FROM t WITHUNRAP

--# PK

--= {"mode":"INSERT","target":"x","targetType":{"kind":"static","path":null},"source":"t","fields":[{"from":"value","path":["*"],"as":"*"}],"pk":[{"from":"value","path":["f1"]},{"from":"value","path":["f2"]}]}
INSERT INTO x SELECT * FROM t PK f1,f2

--= {"mode":"INSERT","target":"x","targetType":{"kind":"static","path":null},"source":"t","fields":[{"from":"value","path":["a"],"as":"a"}],"pk":[{"from":"value","path":["a","b","c"]},{"from":"key","path":["id"]},{"from":"header","path":["h"]},{"from":"key","path":[]},{"from":"value","path":["v"]},{"from":"offset","path":[]},{"from":"value","path":["odd name"]}]}
INSERT INTO x SELECT a FROM t PK a.b.c, _key.id, _header.h, _key, _value.v, _.offset, `odd name`

--= {"mode":"INSERT","target":"x","targetType":{"kind":"static","path":null},"source":"t","fields":[{"from":"value","path":["a"],"as":"a"}],"pk":[{"from":"value","path":["2fa"]},{"from":"value","path":["device-id"]},{"from":"value","path":["a","b-c"]},{"from":"value","path":["odd name"]},{"from":"header","path":["x.y"]}]}
INSERT INTO x SELECT a FROM t PK 2fa, device-id, a.b-c, 'odd name', _header.'x.y'

--= {"mode":"INSERT","target":"x","targetType":{"kind":"static","path":null},"source":"t","fields":[{"from":"value","path":["a"],"as":"a"}],"pk":[{"from":"value","path":["type"]},{"from":"value","path":["key"]},{"from":"value","path":["value"]}]}
INSERT INTO x SELECT a FROM t PK type, key, value

--= {"mode":"INSERT","target":"x","targetType":{"kind":"static","path":null},"source":"t","fields":[{"from":"value","path":["a"],"as":"a"}],"pk":[{"from":"value","path":["batch"]}]}
INSERT INTO x SELECT a FROM t PK `batch`

--! 1:34 SYNTAX expected a field, but found '*' | for example PK deviceId, _key.site
INSERT INTO x SELECT a FROM t PK *

--! 1:35 SYNTAX unexpected '.*' | only SELECT takes a star: name the fields
INSERT INTO x SELECT a FROM t PK a.*

--! 1:33 SYNTAX expected a field, but the statement ends | for example PK deviceId, _key.site
INSERT INTO x SELECT a FROM t PK

--! 1:34 SYNTAX expected a field, but found 'AUTOCREATE' | a field of that name is written `AUTOCREATE`
INSERT INTO x SELECT a FROM t PK AUTOCREATE

--! 1:36 SYNTAX unexpected 'b' | is ',' missing before b?
INSERT INTO x SELECT a FROM t PK a b

--! 1:37 DUPLICATE_NAME PK names 'a' twice | keep one of them
INSERT INTO x SELECT a FROM t PK a, a

--! 1:36 DUPLICATE_CLAUSE PK is given twice | keep one of them
INSERT INTO x SELECT a FROM t PK a PK b

--! 1:34 SYNTAX expected a field, but found '(' | for example PK deviceId, _key.site
INSERT INTO x SELECT a FROM t PK (a)

--! 1:36 SYNTAX expected a field, but found ',' | leave the comma before it out
INSERT INTO x SELECT a FROM t PK a,, b

--! 1:36 SYNTAX unexpected '-' | a name with other signs is written in back-ticks
INSERT INTO x SELECT a FROM t PK a - b

--! 1:35 SYNTAX unexpected '.7' | a name that starts with a digit needs back-ticks
INSERT INTO x SELECT a FROM t PK a.7

--! 1:34 UNKNOWN_FIELD _.key is nothing that a record has | the whole key is _key
INSERT INTO x SELECT a FROM t PK _.key

--! 1:34 UNKNOWN_FIELD _header is followed by the name of one header | for example _header.origin
INSERT INTO x SELECT a FROM t PK _header

--# WITHTARGET

--= {"mode":"INSERT","target":"x","targetType":{"kind":"static","path":null},"source":"t","fields":[{"from":"value","path":["*"],"as":"*"}],"withTarget":"field1.field2.field3"}
INSERT INTO x SELECT * FROM t WITHTARGET = field1.field2.field3

--= {"mode":"INSERT","target":"x","targetType":{"kind":"static","path":null},"source":"t","fields":[{"from":"value","path":["*"],"as":"*"}],"withTarget":"`a`.`b c`","format":"OBJECT"}
INSERT INTO x SELECT * FROM t WITHTARGET = `a`.`b c` WITHFORMAT object

--! 1:42 SYNTAX expected '=', but found 'field1' | for example WITHTARGET = meta.destination
INSERT INTO x SELECT * FROM t WITHTARGET field1

--! 1:43 SYNTAX expected a value, but the statement ends | for example WITHTARGET = meta.destination
INSERT INTO x SELECT * FROM t WITHTARGET =

--# BATCH, TTL, LIMIT

--= {"mode":"INSERT","target":"x","targetType":{"kind":"static","path":null},"source":"t","fields":[{"from":"value","path":["*"],"as":"*"}],"batch":500}
INSERT INTO x SELECT * FROM t BATCH = 500

--= {"mode":"INSERT","target":"x","targetType":{"kind":"static","path":null},"source":"t","fields":[{"from":"value","path":["*"],"as":"*"}],"batch":1,"ttl":1}
INSERT INTO x SELECT * FROM t BATCH=1 TTL=1

--= {"mode":"INSERT","target":"x","targetType":{"kind":"static","path":null},"source":"t","fields":[{"from":"value","path":["*"],"as":"*"}],"ttl":31536000000}
INSERT INTO x SELECT * FROM t TTL = 31536000000

--= {"mode":"SELECT","target":null,"source":"t","fields":[{"from":"value","path":["*"],"as":"*"}],"limit":200}
SELECT * FROM t LIMIT 200

--! 1:39 VALUE_OUT_OF_RANGE BATCH takes a whole number greater than 0 | for example BATCH = 500
INSERT INTO x SELECT * FROM t BATCH = 0

--! 1:39 SYNTAX expected a number, but found '-' | leave '-' out
INSERT INTO x SELECT * FROM t BATCH = -1

--! 1:39 VALUE_OUT_OF_RANGE BATCH takes a whole number greater than 0 | for example BATCH = 500
INSERT INTO x SELECT * FROM t BATCH = 1.5

--! 1:39 SYNTAX expected a number, but found 'ten' | for example BATCH = 500
INSERT INTO x SELECT * FROM t BATCH = ten

--! 1:37 SYNTAX expected '=', but found '10' | is '=' missing before 10?
INSERT INTO x SELECT * FROM t BATCH 10

--! 1:39 VALUE_OUT_OF_RANGE BATCH takes a whole number up to 2147483647 | for example BATCH = 500
INSERT INTO x SELECT * FROM t BATCH = 3000000000

--! 1:41 DUPLICATE_CLAUSE BATCH is given twice | keep one of them
INSERT INTO x SELECT * FROM t BATCH = 1 BATCH = 2

--! 1:37 VALUE_OUT_OF_RANGE TTL takes a whole number greater than 0 | for example TTL = 86400
INSERT INTO x SELECT * FROM t TTL = 0

--! 1:34 SYNTAX expected '=', but the statement ends | for example TTL = 86400
INSERT INTO x SELECT * FROM t TTL

--! 1:37 SYNTAX expected a number, but found '60' | write 60
INSERT INTO x SELECT * FROM t TTL = '60'

--! 1:22 SYNTAX expected a number, but the statement ends | for example LIMIT 10
SELECT * FROM t LIMIT

--! 1:23 VALUE_OUT_OF_RANGE LIMIT takes a whole number greater than 0 | for example LIMIT 10
SELECT * FROM t LIMIT 0

--! 1:23 SYNTAX expected a number, but found '=' | LIMIT is written without =
SELECT * FROM t LIMIT = 5

--! 1:23 SYNTAX expected a number, but found '-' | leave '-' out
SELECT * FROM t LIMIT -5

--# PARTITIONBY

--= {"mode":"INSERT","target":"x","targetType":{"kind":"static","path":null},"source":"t","fields":[{"from":"value","path":["*"],"as":"*"}],"partitionBy":["a","b"]}
INSERT INTO x SELECT * FROM t PARTITIONBY a, b

--= {"mode":"INSERT","target":"x","targetType":{"kind":"static","path":null},"source":"t","fields":[{"from":"value","path":["*"],"as":"*"}],"partitionBy":["_header.cost.centre.id","_header.`cost.centre.id`","_key.x","_date.`yyyy`","'a b'"]}
INSERT INTO x SELECT * FROM t PARTITIONBY _header.cost.centre.id, _header.`cost.centre.id`, _key.x, _date.`yyyy`, 'a b'

--= {"mode":"INSERT","target":"x","targetType":{"kind":"static","path":null},"source":"t","fields":[{"from":"value","path":["*"],"as":"*"}],"partitionBy":["_value.a","_topic","_partition"]}
INSERT INTO x SELECT * FROM t PARTITIONBY _value.a, _topic, _partition

--! 1:42 SYNTAX expected a field, but the statement ends | for example PARTITIONBY region, _header.tenant
INSERT INTO x SELECT * FROM t PARTITIONBY

--! 1:46 DUPLICATE_NAME PARTITIONBY names 'a' twice | keep one of them
INSERT INTO x SELECT * FROM t PARTITIONBY a, A

--! 1:45 DUPLICATE_CLAUSE PARTITIONBY and NOPARTITION contradict each other | keep one of them
INSERT INTO x SELECT * FROM t PARTITIONBY a NOPARTITION

--! 1:46 DUPLICATE_CLAUSE PARTITION BY and PARTITIONBY contradict each other | keep one of them
INSERT INTO x SELECT * FROM t PARTITION BY a PARTITIONBY b

--# WITHTIMESTAMP, TIMESTAMPUNIT

--= {"mode":"INSERT","target":"x","targetType":{"kind":"static","path":null},"source":"t","fields":[{"from":"value","path":["*"],"as":"*"}],"timestamp":"ts","timestampUnit":"MILLISECONDS"}
INSERT INTO x SELECT * FROM t WITHTIMESTAMP ts

--= {"mode":"INSERT","target":"x","targetType":{"kind":"static","path":null},"source":"t","fields":[{"from":"value","path":["*"],"as":"*"}],"timestamp":"meta.ts","timestampUnit":"SECONDS"}
INSERT INTO x SELECT * FROM t WITHTIMESTAMP meta.ts TIMESTAMPUNIT = SECONDS

--= {"mode":"INSERT","target":"x","targetType":{"kind":"static","path":null},"source":"t","fields":[{"from":"value","path":["*"],"as":"*"}],"timestamp":"sys_time()","timestampUnit":"MILLISECONDS"}
INSERT INTO x SELECT * FROM t WITHTIMESTAMP sys_time()

--= {"mode":"INSERT","target":"x","targetType":{"kind":"static","path":null},"source":"t","fields":[{"from":"value","path":["*"],"as":"*"}],"timestamp":"Sys_Time()","timestampUnit":"MICROSECONDS"}
INSERT INTO x SELECT * FROM t WITHTIMESTAMP Sys_Time() TIMESTAMPUNIT=microseconds

--= {"mode":"INSERT","target":"x","targetType":{"kind":"static","path":null},"source":"t","fields":[{"from":"value","path":["*"],"as":"*"}],"timestamp":"@ts","timestampUnit":"NANOSECONDS"}
INSERT INTO x SELECT * FROM t TIMESTAMPUNIT = NANOSECONDS WITHTIMESTAMP @ts

--! 1:44 SYNTAX expected a field, but the statement ends | for example WITHTIMESTAMP ts
INSERT INTO x SELECT * FROM t WITHTIMESTAMP

--! 1:45 SYNTAX WITHTIMESTAMP takes a field or sys_time() | a SELECT can compute a field
INSERT INTO x SELECT * FROM t WITHTIMESTAMP now()

--! 1:45 SYNTAX expected a field, but found '=' | WITHTIMESTAMP is written without =
INSERT INTO x SELECT * FROM t WITHTIMESTAMP = ts

--! 1:47 VALUE_OUT_OF_RANGE TIMESTAMPUNIT takes NANOSECONDS, MICROSECONDS, MILLISECONDS, SECONDS, MINUTES, HOURS or DAYS | for example TIMESTAMPUNIT = SECONDS
INSERT INTO x SELECT * FROM t TIMESTAMPUNIT = FORTNIGHTS

--! 1:47 VALUE_OUT_OF_RANGE TIMESTAMPUNIT takes NANOSECONDS, MICROSECONDS, MILLISECONDS, SECONDS, MINUTES, HOURS or DAYS | did you mean SECONDS?
INSERT INTO x SELECT * FROM t TIMESTAMPUNIT = SECOND

--! 1:45 SYNTAX expected '=', but found 'SECONDS' | for example TIMESTAMPUNIT = SECONDS
INSERT INTO x SELECT * FROM t TIMESTAMPUNIT SECONDS

--# WITHFORMAT

--= {"mode":"INSERT","target":"x","targetType":{"kind":"static","path":null},"source":"t","fields":[{"from":"value","path":["*"],"as":"*"}],"format":"AVRO"}
INSERT INTO x SELECT * FROM t WITHFORMAT avro

--= {"mode":"INSERT","target":"x","targetType":{"kind":"static","path":null},"source":"t","fields":[{"from":"value","path":["*"],"as":"*"}],"format":"PROTOBUF"}
INSERT INTO x SELECT * FROM t WITHFORMAT PROTOBUF

--= {"mode":"INSERT","target":"x","targetType":{"kind":"static","path":null},"source":"t","fields":[{"from":"value","path":["*"],"as":"*"}],"format":"TEXT"}
INSERT INTO x SELECT * FROM t WITHFORMAT Text

--= {"mode":"INSERT","target":"x","targetType":{"kind":"static","path":null},"source":"t","fields":[{"from":"value","path":["*"],"as":"*"}],"format":"BINARY"}
INSERT INTO x SELECT * FROM t WITHFORMAT binary

--= {"mode":"INSERT","target":"x","targetType":{"kind":"static","path":null},"source":"t","fields":[{"from":"value","path":["*"],"as":"*"}],"format":"JSON","unwrap":true}
INSERT INTO x SELECT * FROM t WITHFORMAT JSON WITHUNWRAP

--= {"mode":"INSERT","target":"x","targetType":{"kind":"static","path":null},"source":"t","fields":[{"from":"value","path":["*"],"as":"*"}],"format":"OBJECT"}
INSERT INTO x SELECT * FROM t WITHFORMAT object

--= {"mode":"INSERT","target":"x","targetType":{"kind":"static","path":null},"source":"t","fields":[{"from":"value","path":["*"],"as":"*"}],"format":"MAP"}
INSERT INTO x SELECT * FROM t WITHFORMAT map

--! 1:42 VALUE_OUT_OF_RANGE WITHFORMAT takes AVRO, PROTOBUF, TEXT, BINARY, JSON, OBJECT or MAP | for example WITHFORMAT JSON
INSERT INTO x SELECT * FROM t WITHFORMAT xml

--! 1:42 VALUE_OUT_OF_RANGE WITHFORMAT takes AVRO, PROTOBUF, TEXT, BINARY, JSON, OBJECT or MAP | did you mean JSON?
INSERT INTO x SELECT * FROM t WITHFORMAT jsn

--! 1:42 SYNTAX expected a value, but found '=' | WITHFORMAT is written without =
INSERT INTO x SELECT * FROM t WITHFORMAT = json

--! 1:41 SYNTAX expected a value, but the statement ends | for example WITHFORMAT JSON
INSERT INTO x SELECT * FROM t WITHFORMAT

--# STOREAS

--= {"mode":"INSERT","target":"x","targetType":{"kind":"static","path":null},"source":"t","fields":[{"from":"value","path":["*"],"as":"*"}],"storeAs":{"type":"JSON","params":{}}}
INSERT INTO x SELECT * FROM t STOREAS JSON

--= {"mode":"INSERT","target":"x","targetType":{"kind":"static","path":null},"source":"t","fields":[{"from":"value","path":["*"],"as":"*"}],"storeAs":{"type":"JSON","params":{}}}
INSERT INTO x SELECT * FROM t STOREAS `json`

--= {"mode":"INSERT","target":"x","targetType":{"kind":"static","path":null},"source":"t","fields":[{"from":"value","path":["*"],"as":"*"}],"storeAs":{"type":"SS","params":{"param1":"value1","param2":"value2","param3":"value3"}}}
INSERT INTO x SELECT * FROM t STOREAS SS (param1 = value1 , param2 = value2,param3=value3)

--= {"mode":"SELECT","target":null,"source":"t","fields":[{"from":"value","path":["*"],"as":"*"}],"pk":[{"from":"value","path":["sensorID"]}],"storeAs":{"type":"SORTEDSET","params":{"score":"ts"}},"ttl":60}
SELECT * FROM t PK sensorID STOREAS SortedSet(score=ts) TTL = 60

--= {"mode":"INSERT","target":"x","targetType":{"kind":"static","path":null},"source":"t","fields":[{"from":"value","path":["*"],"as":"*"}],"storeAs":{"type":"A.B","params":{"c.d":"1","e":"f g","h":"-1.5"}}}
INSERT INTO x SELECT * FROM t STOREAS a.b (c.d = 1, e = 'f g', h = -1.5)

--! 1:38 SYNTAX expected a value, but the statement ends | for example STOREAS SORTEDSET (score=ts)
INSERT INTO x SELECT * FROM t STOREAS

--! 1:43 SYNTAX expected a name or a value, but found ')' | for example STOREAS SORTEDSET (score=ts)
INSERT INTO x SELECT * FROM t STOREAS SS ()

--! 1:62 DUPLICATE_NAME STOREAS names 'name' twice | keep one of them
INSERT INTO x SELECT * FROM t STOREAS SS (name = something , NaMe= something)

--! 1:47 SYNTAX expected '=', but found ')' | for example STOREAS SORTEDSET (score=ts)
INSERT INTO x SELECT * FROM t STOREAS SS (name)

--! 1:50 SYNTAX expected a name or a value, but found ')' | for example STOREAS SORTEDSET (score=ts)
INSERT INTO x SELECT * FROM t STOREAS SS (name = )

--! 1:52 SYNTAX expected ',' or ')', but found 'b' | leave b out
INSERT INTO x SELECT * FROM t STOREAS SS (name = a b)

--! 1:39 SYNTAX expected a value, but found '=' | STOREAS is written without =
INSERT INTO x SELECT * FROM t STOREAS = JSON

--# WITHTAG

--= {"mode":"INSERT","target":"x","targetType":{"kind":"static","path":null},"source":"t","fields":[{"from":"value","path":["*"],"as":"*"}],"tags":[{"key":"field1","value":null,"type":"DEFAULT"},{"key":"c1","value":"v1","type":"CONSTANT"},{"key":"field2","value":null,"type":"DEFAULT"},{"key":"c2","value":"v2","type":"CONSTANT"},{"key":"field1.field2","value":"namedTag","type":"ALIAS"}]}
INSERT INTO x SELECT * FROM t WITHTAG (field1, c1=v1, field2, c2=v2, field1.field2 as namedTag)

--= {"mode":"INSERT","target":"x","targetType":{"kind":"static","path":null},"source":"t","fields":[{"from":"value","path":["*"],"as":"*"}],"tags":[{"key":"field1.fieldA","value":null,"type":"DEFAULT"},{"key":"c2","value":"-1.5","type":"CONSTANT"},{"key":"odd name","value":null,"type":"DEFAULT"}]}
INSERT INTO x SELECT * FROM t WITHTAG (field1.fieldA, c2=-1.5, `odd name`)

--= {"mode":"INSERT","target":"x","targetType":{"kind":"static","path":null},"source":"t","fields":[{"from":"value","path":["*"],"as":"*"}],"tags":[{"key":"a","value":"area","type":"ALIAS"}]}
INSERT INTO x SELECT * FROM t WITHTAG (a as area)

--= {"mode":"INSERT","target":"x","targetType":{"kind":"static","path":null},"source":"t","fields":[{"from":"value","path":["*"],"as":"*"}],"tags":[{"key":"_key.site","value":"site","type":"ALIAS"},{"key":"region","value":"eu west","type":"CONSTANT"}]}
INSERT INTO x SELECT * FROM t WITHTAG(_key.site AS site, region='eu west')

--! 1:40 SYNTAX expected a name or a value, but found ')' | for example WITHTAG (site, origin=lab, meta.unit AS unit)
INSERT INTO x SELECT * FROM t WITHTAG ()

--! 1:38 SYNTAX expected '(', but the statement ends | for example WITHTAG (site, origin=lab, meta.unit AS unit)
INSERT INTO x SELECT * FROM t WITHTAG

--! 1:40 SYNTAX 'field1.fieldA.' is no field: a dot stands between names | for example a.b
INSERT INTO x SELECT * FROM t WITHTAG (field1.fieldA., c1=v1)

--! 1:43 SYNTAX expected a name or a value, but found ')' | leave the comma before it out
INSERT INTO x SELECT * FROM t WITHTAG (a, )

--! 1:43 DUPLICATE_NAME WITHTAG names 'a' twice | keep one of them
INSERT INTO x SELECT * FROM t WITHTAG (a, a)

--! 1:44 SYNTAX expected a name or a value, but found ')' | for example WITHTAG (site, origin=lab, meta.unit AS unit)
INSERT INTO x SELECT * FROM t WITHTAG (a as)

--! 1:39 SYNTAX expected '(', but found 'a' | for example WITHTAG (site, origin=lab, meta.unit AS unit)
INSERT INTO x SELECT * FROM t WITHTAG a

--! 1:31 SYNTAX unexpected 'WITHTAGS' | did you mean WITHTAG?
INSERT INTO x SELECT * FROM t WITHTAGS (a)

--# INCREMENTALMODE, WITHTYPE, WITHDOCTYPE

--= {"mode":"SELECT","target":null,"source":"t","fields":[{"from":"value","path":["*"],"as":"*"}],"incrementalMode":"timestamp"}
SELECT * FROM t INCREMENTALMODE=timestamp

--= {"mode":"SELECT","target":null,"source":"t","fields":[{"from":"value","path":["*"],"as":"*"}],"pk":[{"from":"value","path":["ts"]}],"incrementalMode":"DSESEARCHTIMESTAMP"}
SELECT * FROM t INCREMENTALMODE = DSESEARCHTIMESTAMP PK ts

--! 1:32 SYNTAX expected '=', but the statement ends | for example INCREMENTALMODE = timestamp
SELECT * FROM t INCREMENTALMODE

--= {"mode":"INSERT","target":"x","targetType":{"kind":"static","path":null},"source":"t","fields":[{"from":"value","path":["a"],"as":"a"}],"withType":"QUEUE"}
INSERT INTO x SELECT a FROM t WITHTYPE QUEUE

--= {"mode":"INSERT","target":"x","targetType":{"kind":"static","path":null},"source":"t","fields":[{"from":"value","path":["a"],"as":"a"}],"withType":"topic","converter":"com.example.Converter"}
INSERT INTO x SELECT a FROM t WITHTYPE topic WITHCONVERTER=`com.example.Converter`

--! 1:39 SYNTAX expected a value, but the statement ends | for example WITHTYPE QUEUE
INSERT INTO x SELECT a FROM t WITHTYPE

--! 1:40 SYNTAX expected a value, but found 'AUTOCREATE' | for example WITHTYPE QUEUE
INSERT INTO x SELECT a FROM t WITHTYPE AUTOCREATE

--! 1:40 SYNTAX expected a value, but found '=' | WITHTYPE is written without =
INSERT INTO x SELECT a FROM t WITHTYPE = QUEUE

--= {"mode":"SELECT","target":null,"source":"t","fields":[{"from":"value","path":["*"],"as":"*"}],"docType":"document1"}
SELECT * FROM t WITHDOCTYPE=document1

--= {"mode":"SELECT","target":null,"source":"t","fields":[{"from":"value","path":["*"],"as":"*"}],"docType":"document.name"}
SELECT * FROM t WITHDOCTYPE= `document.name`

--= {"mode":"SELECT","target":null,"source":"t","fields":[{"from":"value","path":["*"],"as":"*"}],"docType":"404"}
SELECT * FROM t WITHDOCTYPE = 404

--! 1:29 SYNTAX expected '=', but found 'doc' | for example WITHDOCTYPE = reading
SELECT * FROM t WITHDOCTYPE doc

--# WITHINDEXSUFFIX

--= {"mode":"SELECT","target":null,"source":"t","fields":[{"from":"value","path":["*"],"as":"*"}],"indexSuffix":"suffix1"}
SELECT * FROM t WITHINDEXSUFFIX=suffix1

--= {"mode":"INSERT","target":"x","targetType":{"kind":"static","path":null},"source":"t","fields":[{"from":"value","path":["*"],"as":"*"}],"indexSuffix":"_{yyyy-MM-dd}"}
INSERT INTO x SELECT * FROM t WITHINDEXSUFFIX=_{yyyy-MM-dd}

--= {"mode":"INSERT","target":"x","targetType":{"kind":"static","path":null},"source":"t","fields":[{"from":"value","path":["*"],"as":"*"}],"indexSuffix":"_{yyyy.MM.dd}"}
INSERT INTO x SELECT * FROM t WITHINDEXSUFFIX=_{yyyy.MM.dd}

--= {"mode":"INSERT","target":"x","targetType":{"kind":"static","path":null},"source":"t","fields":[{"from":"value","path":["*"],"as":"*"}],"indexSuffix":"_suffix_{yyyy.MM}"}
INSERT INTO x SELECT * FROM t WITHINDEXSUFFIX = `_suffix_{yyyy.MM}`

--= {"mode":"INSERT","target":"x","targetType":{"kind":"static","path":null},"source":"t","fields":[{"from":"value","path":["*"],"as":"*"}],"indexSuffix":"_{yyyy}"}
INSERT INTO x SELECT * FROM t WITHINDEXSUFFIX = '_{yyyy}'

--= {"mode":"INSERT","target":"x","targetType":{"kind":"static","path":null},"source":"t","fields":[{"from":"value","path":["*"],"as":"*"}],"pk":[{"from":"value","path":["a"]}],"indexSuffix":"-{yyyy}.{MM}-v2"}
INSERT INTO x SELECT * FROM t WITHINDEXSUFFIX=-{yyyy}.{MM}-v2 PK a

--= {"mode":"INSERT","target":"x","targetType":{"kind":"static","path":null},"source":"t","fields":[{"from":"value","path":["*"],"as":"*"}],"indexSuffix":"_{yyyy'w'ww}"}
--= {"mode":"SELECT","target":null,"source":"t","fields":[{"from":"value","path":["*"],"as":"*"}]}
INSERT INTO x SELECT * FROM t WITHINDEXSUFFIX=_{yyyy'w'ww}; SELECT * FROM t

--? 1:49 INVALID_DATE_PATTERN YYYY is the year of the week: in the days around New Year it is another than that of the date | write yyyy
--= {"mode":"INSERT","target":"x","targetType":{"kind":"static","path":null},"source":"t","fields":[{"from":"value","path":["*"],"as":"*"}],"indexSuffix":"_{YYYY-MM-dd}"}
INSERT INTO x SELECT * FROM t WITHINDEXSUFFIX=_{YYYY-MM-dd}

--! 1:48 INVALID_DATE_PATTERN '{' has no closing '}' | for example _{yyyy-MM-dd}
INSERT INTO x SELECT * FROM t WITHINDEXSUFFIX=_{yyyy-MM-dd

--! 1:52 INVALID_DATE_PATTERN '}' has no '{' before it | leave it out
INSERT INTO x SELECT * FROM t WITHINDEXSUFFIX=_yyyy}

--= {"mode":"INSERT","target":"x","targetType":{"kind":"static","path":null},"source":"t","fields":[{"from":"value","path":["*"],"as":"*"}],"indexSuffix":"_{}"}
INSERT INTO x SELECT * FROM t WITHINDEXSUFFIX=_{}

--! 1:57 INVALID_DATE_PATTERN so many 'd' cannot stand together | write dd
INSERT INTO x SELECT * FROM t WITHINDEXSUFFIX=_{yyyy-mm-ddd}

--! 1:54 INVALID_DATE_PATTERN the letter 'J' has no meaning in dates | letters are those of Java; other text stands in quotes, as 'w'
INSERT INTO x SELECT * FROM t WITHINDEXSUFFIX=_{yyyy-JJ}

--= {"mode":"INSERT","target":"x","targetType":{"kind":"static","path":null},"source":"t","fields":[{"from":"value","path":["*"],"as":"*"}],"indexSuffix":"_{MMM}"}
INSERT INTO x SELECT * FROM t WITHINDEXSUFFIX=_{MMM}

--! 1:47 SYNTAX expected a value, but the statement ends | for example WITHINDEXSUFFIX = _{yyyy.MM.dd}
INSERT INTO x SELECT * FROM t WITHINDEXSUFFIX=

--! 1:47 SYNTAX expected '=', but found '_x' | for example WITHINDEXSUFFIX = _{yyyy.MM.dd}
INSERT INTO x SELECT * FROM t WITHINDEXSUFFIX _x

--! 1:31 SYNTAX unexpected 'WITHINDEXSUFIX' | did you mean WITHINDEXSUFFIX?
INSERT INTO x SELECT * FROM t WITHINDEXSUFIX=_{yyyy}

--# WITHCONVERTER, WITHJMSSELECTOR, WITHREGEX

--= {"mode":"INSERT","target":"x","targetType":{"kind":"static","path":null},"source":"t","fields":[{"from":"value","path":["*"],"as":"*"}],"converter":"com.example.Converter","jmsSelector":"apples > 10"}
INSERT INTO x SELECT * FROM t WITHCONVERTER=`com.example.Converter` WITHJMSSELECTOR= `apples > 10`

--= {"mode":"INSERT","target":"x","targetType":{"kind":"static","path":null},"source":"t","fields":[{"from":"value","path":["*"],"as":"*"}],"converter":"com.example.Converter"}
INSERT INTO x SELECT * FROM t WITHCONVERTER=com.example.Converter

--= {"mode":"INSERT","target":"x","targetType":{"kind":"static","path":null},"source":"t","fields":[{"from":"value","path":["*"],"as":"*"}],"regex":"/^#?([a-f0-9]{6}|[a-f0-9]{3})$/"}
INSERT INTO x SELECT * FROM t WITHREGEX=`/^#?([a-f0-9]{6}|[a-f0-9]{3})$/`

--= {"mode":"INSERT","target":"x","targetType":{"kind":"static","path":null},"source":"t","fields":[{"from":"value","path":["*"],"as":"*"}],"regex":"^a;b$"}
INSERT INTO x SELECT * FROM t WITHREGEX='^a;b$'

--! 1:56 SYNTAX unexpected '>' | a value with spaces stands in back-ticks: `apples >`
INSERT INTO x SELECT * FROM t WITHJMSSELECTOR = apples > 10

--! 1:40 SYNTAX expected '=', but the statement ends | for example WITHREGEX = `^site/[0-9]+$`
INSERT INTO x SELECT * FROM t WITHREGEX

--! 1:47 UNCLOSED_NAME a quoted name cannot be empty | write a name between them
INSERT INTO x SELECT * FROM t WITHCONVERTER = ``

--# WITHKEY, KEYDELIMITER

--= {"mode":"INSERT","target":"x","targetType":{"kind":"static","path":null},"source":"t","fields":[{"from":"value","path":["*"],"as":"*"}],"withKey":["col1","col2","col3"]}
INSERT INTO x SELECT * FROM t WITHKEY(col1, col2, col3)

--= {"mode":"INSERT","target":"x","targetType":{"kind":"static","path":null},"source":"t","fields":[{"from":"value","path":["*"],"as":"*"}],"withKey":["col1","col.2"],"keyDelimiter":"|"}
INSERT INTO x SELECT * FROM t WITHKEY (`col1`, `col.2`) KEYDELIMITER ='|'

--= {"mode":"SELECT","target":null,"source":"t","fields":[{"from":"value","path":["@col1"],"as":"@col1"}],"keyDelimiter":"-"}
SELECT @col1 FROM t KEYDELIMITER = '-'

--= {"mode":"INSERT","target":"x","targetType":{"kind":"static","path":null},"source":"t","fields":[{"from":"value","path":["*"],"as":"*"}],"withKey":["device-id","2fa"]}
INSERT INTO x SELECT * FROM t WITHKEY (device-id, 2fa)

--! 1:40 SYNTAX expected a field, but found ')' | for example WITHKEY (site, device)
INSERT INTO x SELECT * FROM t WITHKEY ()

--! 1:40 SYNTAX WITHKEY takes names without dots | a name that has a dot is written in back-ticks
INSERT INTO x SELECT * FROM t WITHKEY (a.b)

--! 1:39 SYNTAX expected '(', but found 'a' | for example WITHKEY (site, device)
INSERT INTO x SELECT * FROM t WITHKEY a

--! 1:43 DUPLICATE_NAME WITHKEY names 'a' twice | keep one of them
INSERT INTO x SELECT * FROM t WITHKEY (a, a)

--! 1:46 VALUE_OUT_OF_RANGE KEYDELIMITER takes one character in quotes: a letter, a digit or one of _ - + / { } : | # @ ` ^ [ ] * ? $ . | for example '-'
INSERT INTO x SELECT * FROM t KEYDELIMITER = '--'

--! 1:46 VALUE_OUT_OF_RANGE KEYDELIMITER takes one character in quotes: a letter, a digit or one of _ - + / { } : | # @ ` ^ [ ] * ? $ . | for example '-'
INSERT INTO x SELECT * FROM t KEYDELIMITER = ''

--! 1:46 VALUE_OUT_OF_RANGE KEYDELIMITER takes one character in quotes: a letter, a digit or one of _ - + / { } : | # @ ` ^ [ ] * ? $ . | for example '-'
INSERT INTO x SELECT * FROM t KEYDELIMITER = ','

--! 1:46 SYNTAX expected a string, but found '-' | a text is written in quotes: '-'
INSERT INTO x SELECT * FROM t KEYDELIMITER = -

--! 1:44 SYNTAX expected '=', but found '-' | is '=' missing before '-'?
INSERT INTO x SELECT * FROM t KEYDELIMITER '-'

--# WITHPIPELINE, WITHSUBSCRIPTION

--= {"mode":"INSERT","target":"x","targetType":{"kind":"static","path":null},"source":"t","fields":[{"from":"value","path":["*"],"as":"*"}],"pipeline":"field1.field2.field3"}
INSERT INTO x SELECT * FROM t WITHPIPELINE = field1.field2.field3

--= {"mode":"INSERT","target":"x","targetType":{"kind":"static","path":null},"source":"t","fields":[{"from":"value","path":["*"],"as":"*"}],"pipeline":"my-pipe.2"}
INSERT INTO x SELECT * FROM t WITHPIPELINE = my-pipe.2

--= {"mode":"INSERT","target":"A","targetType":{"kind":"static","path":null},"source":"B","fields":[{"from":"value","path":["*"],"as":"*"}],"subscription":"shared"}
INSERT INTO A SELECT * FROM B WITHSUBSCRIPTION = shared

--! 1:43 SYNTAX expected '=', but the statement ends | for example WITHPIPELINE = enrich.geo
INSERT INTO x SELECT * FROM t WITHPIPELINE

--! 1:48 SYNTAX expected '=', but found 'shared' | for example WITHSUBSCRIPTION = shared
INSERT INTO A SELECT * FROM B WITHSUBSCRIPTION shared

--# PROPERTIES

--= {"mode":"INSERT","target":"x","targetType":{"kind":"static","path":null},"source":"t","fields":[{"from":"value","path":["*"],"as":"*"}],"properties":{}}
INSERT INTO x SELECT * FROM t PROPERTIES ()

--= {"mode":"INSERT","target":"x","targetType":{"kind":"static","path":null},"source":"t","fields":[{"from":"value","path":["*"],"as":"*"}],"pk":[{"from":"value","path":["f1"]},{"from":"value","path":["f2"]}],"properties":{"a":"23","b":"xyz","c":"a b c","d":""}}
INSERT INTO x SELECT * FROM t PK f1,f2 properties(a=23, b='xyz', c='a b c', d='')

--= {"mode":"INSERT","target":"x","targetType":{"kind":"static","path":null},"source":"t","fields":[{"from":"value","path":["*"],"as":"*"}],"properties":{"behavior.on.null.values":"IGNORE","c.d":"double","e f":"back"}}
INSERT INTO x SELECT * FROM t PROPERTIES ('behavior.on.null.values'='IGNORE', 'c.d' = "double", `e f` = `back`)

--= {"mode":"INSERT","target":"x","targetType":{"kind":"static","path":null},"source":"t","fields":[{"from":"value","path":["*"],"as":"*"}],"properties":{"n":"-1","d":"1.5","t":"true","f":"FALSE","p":"/a/b","x":"{env}","w":"a.b-c"}}
INSERT INTO x SELECT * FROM t PROPERTIES (n=-1, d=1.5, t=true, f=FALSE, p=/a/b, x={env}, w=a.b-c)

--= {"mode":"INSERT","target":"x","targetType":{"kind":"static","path":null},"source":"t","fields":[{"from":"value","path":["*"],"as":"*"}],"properties":{"a.b.c":"1","by":"2","select":"3"}}
INSERT INTO x SELECT * FROM t PROPERTIES (a.b.c = 1, by = 2, select = 3)

--= {"mode":"INSERT","target":"x","targetType":{"kind":"static","path":null},"source":"t","fields":[{"from":"value","path":["*"],"as":"*"}],"properties":{"k":"v","sep":"|","s":";","q":"it's (so), yes"}}
INSERT INTO x SELECT * FROM t PROPERTIES ('k'='v', 'sep'='|', s=';', q='it''s (so), yes')

--= {"mode":"INSERT","target":"x","targetType":{"kind":"static","path":null},"source":"t","fields":[{"from":"value","path":["*"],"as":"*"}],"properties":{"a":"1","b":"2"}}
INSERT INTO x SELECT * FROM t PROPERTIES (a = 1 /* one */, -- and two
b = 2)

--? 1:50 DUPLICATE_NAME PROPERTIES has 'a' twice | the last value counts
--= {"mode":"INSERT","target":"x","targetType":{"kind":"static","path":null},"source":"t","fields":[{"from":"value","path":["*"],"as":"*"}],"properties":{"a":"2"}}
INSERT INTO x SELECT * FROM t PROPERTIES (a = 1, a = 2)

--! 1:41 SYNTAX expected '(', but the statement ends | for example PROPERTIES ('behavior.on.null.values' = 'IGNORE', flush = 100)
INSERT INTO x SELECT * FROM t PROPERTIES

--! 1:44 SYNTAX expected '=', but found ')' | for example PROPERTIES ('behavior.on.null.values' = 'IGNORE', flush = 100)
INSERT INTO x SELECT * FROM t PROPERTIES (a)

--! 1:47 SYNTAX expected a name or a value, but found ')' | for example PROPERTIES ('behavior.on.null.values' = 'IGNORE', flush = 100)
INSERT INTO x SELECT * FROM t PROPERTIES (a = )

--! 1:49 SYNTAX expected a name or a value, but found ')' | leave the comma before it out
INSERT INTO x SELECT * FROM t PROPERTIES (a = 1,)

--! 1:49 SYNTAX expected ',' or ')', but found 'b' | is ',' missing before b?
INSERT INTO x SELECT * FROM t PROPERTIES (a = 1 b = 2)

--! 1:48 SYNTAX expected ',' or ')', but the statement ends | is ')' missing at the end?
INSERT INTO x SELECT * FROM t PROPERTIES (a = 1

--! 1:47 UNCLOSED_STRING this string is never closed | it ends at the next '; a quote inside a string is written twice: 'it''s'
INSERT INTO x SELECT * FROM t PROPERTIES (a = 'never closed)

--= {"mode":"INSERT","target":"x","targetType":{"kind":"static","path":null},"source":"t","fields":[{"from":"value","path":["*"],"as":"*"}],"properties":{"a":"1"}}
--= {"mode":"SELECT","target":null,"source":"u","fields":[{"from":"value","path":["b"],"as":"b"}]}
INSERT INTO x SELECT * FROM t PROPERTIES (a = 1); SELECT b FROM u

--# Any order, and many at once.

--= {"mode":"INSERT","target":"x","targetType":{"kind":"static","path":null},"source":"t","fields":[{"from":"value","path":["*"],"as":"*"}],"ignored":[["b"]],"autocreate":true,"pk":[{"from":"value","path":["a"]}],"batch":4,"limit":5}
INSERT INTO x SELECT * FROM t LIMIT 5 BATCH = 4 PK a AUTOCREATE IGNORE b

--= {"mode":"INSERT","target":"x","targetType":{"kind":"static","path":null},"source":"t","fields":[{"from":"value","path":["*"],"as":"*"}],"structure":true,"pk":[{"from":"value","path":["a"]}],"ttl":5,"withKey":["a"],"properties":{"k":"1"}}
INSERT INTO x SELECT * FROM t PROPERTIES (k=1) TTL=5 WITHKEY (a) PK a WITHSTRUCTURE

--= {"mode":"INSERT","target":"index","targetType":{"kind":"static","path":null},"source":"t","fields":[{"from":"value","path":["a"],"as":"a"},{"from":"value","path":["b","c"],"as":"d"}],"partitionBy":["a"],"ignored":[["e"]],"autocreate":true,"structure":true,"pk":[{"from":"value","path":["a"]}],"withTarget":"m.t","autoevolve":true,"batch":10,"timestamp":"ts","timestampUnit":"SECONDS","format":"JSON","unwrap":true,"storeAs":{"type":"JSON","params":{}},"tags":[{"key":"a","value":null,"type":"DEFAULT"}],"incrementalMode":"token","withType":"QUEUE","docType":"d","indexSuffix":"_{yyyy}","ttl":60,"converter":"c","jmsSelector":"s","withKey":["a"],"keyDelimiter":"-","pipeline":"p","subscription":"sub","regex":"r","properties":{"a.b":"c"},"limit":3}
INSERT INTO index SELECT a, b.c AS d FROM t IGNORE e AUTOCREATE WITHSTRUCTURE PK a WITHTARGET = m.t AUTOEVOLVE BATCH = 10 PARTITIONBY a WITHTIMESTAMP ts TIMESTAMPUNIT = SECONDS WITHFORMAT JSON WITHUNWRAP STOREAS JSON WITHTAG (a) INCREMENTALMODE = token WITHTYPE QUEUE WITHDOCTYPE = d WITHINDEXSUFFIX = _{yyyy} TTL = 60 WITHCONVERTER = `c` WITHJMSSELECTOR = `s` WITHKEY (a) KEYDELIMITER = '-' WITHPIPELINE = p WITHSUBSCRIPTION = sub WITHREGEX = `r` LIMIT 3 PROPERTIES ('a.b' = 'c')

--= {"mode":"SELECT","target":null,"source":"t","fields":[{"from":"value","path":["*"],"as":"*"}],"ignored":[["a"]],"structure":true,"pk":[{"from":"value","path":["b"]}],"format":"JSON","unwrap":true,"storeAs":{"type":"X","params":{}},"tags":[{"key":"a","value":null,"type":"DEFAULT"}],"incrementalMode":"i","docType":"d","indexSuffix":"s","ttl":5,"converter":"c","keyDelimiter":"/","limit":3}
SELECT * FROM t IGNORE a PK b WITHSTRUCTURE WITHFORMAT json WITHUNWRAP LIMIT 3 STOREAS x WITHTAG (a) INCREMENTALMODE=i WITHDOCTYPE=d WITHINDEXSUFFIX=s WITHCONVERTER=`c` KEYDELIMITER='/' TTL=5

--= {"mode":"SELECT","target":null,"source":"t","fields":[{"from":"value","path":["*"],"as":"*"}],"partitionBy":["a"],"autocreate":true,"batch":5,"withKey":["a"],"properties":{"a":"1"}}
SELECT * FROM t BATCH = 5 PROPERTIES (a=1) AUTOCREATE PARTITIONBY a WITHKEY (a)
