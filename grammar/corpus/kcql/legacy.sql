--# What only the first generation knows.

--= {"mode":"INSERT","target":"x","targetType":{"kind":"static","path":null},"source":"t","fields":[{"from":"value","path":["*"],"as":"*"}],"capitalize":true}
INSERT INTO x SELECT * FROM t CAPITALIZE

--= {"mode":"INSERT","target":"x","targetType":{"kind":"static","path":null},"source":"t","fields":[{"from":"value","path":["*"],"as":"*"}],"initialize":true}
INSERT INTO x SELECT * FROM t INITIALIZE

--= {"mode":"INSERT","target":"x","targetType":{"kind":"static","path":null},"source":"t","fields":[{"from":"value","path":["*"],"as":"*"}],"projectTo":2}
INSERT INTO x SELECT * FROM t PROJECTTO 2

--= {"mode":"INSERT","target":"x","targetType":{"kind":"static","path":null},"source":"t","fields":[{"from":"value","path":["*"],"as":"*"}],"buckets":{"by":["a","b"],"count":10}}
INSERT INTO x SELECT * FROM t DISTRIBUTEBY a, b INTO 10 BUCKETS

--= {"mode":"INSERT","target":"x","targetType":{"kind":"static","path":null},"source":"t","fields":[{"from":"value","path":["*"],"as":"*"}],"buckets":{"by":["a"],"count":1}}
INSERT INTO x SELECT * FROM t CLUSTERBY a INTO 1 BUCKETS

--= {"mode":"INSERT","target":"x","targetType":{"kind":"static","path":null},"source":"t","fields":[{"from":"value","path":["*"],"as":"*"}],"withPartitioner":"SinglePartition"}
INSERT INTO x SELECT * FROM t WITHPARTITIONER = SinglePartition

--= {"mode":"INSERT","target":"x","targetType":{"kind":"static","path":null},"source":"t","fields":[{"from":"value","path":["*"],"as":"*"}],"withCompression":"SNAPPY"}
INSERT INTO x SELECT * FROM t WITHCOMPRESSION = SNAPPY

--= {"mode":"INSERT","target":"x","targetType":{"kind":"static","path":null},"source":"t","fields":[{"from":"value","path":["*"],"as":"*"}],"withCompression":"LZ4"}
INSERT INTO x SELECT * FROM t WITHCOMPRESSION = lz4

--= {"mode":"INSERT","target":"x","targetType":{"kind":"static","path":null},"source":"t","fields":[{"from":"value","path":["*"],"as":"*"}],"withDelay":1000}
INSERT INTO x SELECT * FROM t WITHDELAY = 1000

--= {"mode":"INSERT","target":"x","targetType":{"kind":"static","path":null},"source":"t","fields":[{"from":"value","path":["*"],"as":"*"}],"withDelay":0}
INSERT INTO x SELECT * FROM t WITHDELAY = 0

--= {"mode":"INSERT","target":"x","targetType":{"kind":"static","path":null},"source":"t","fields":[{"from":"value","path":["*"],"as":"*"}],"withFlushSize":1000,"withFlushInterval":60,"withFlushCount":5}
INSERT INTO x SELECT * FROM t WITH_FLUSH_SIZE = 1000 WITH_FLUSH_INTERVAL = 60 WITH_FLUSH_COUNT = 5

--= {"mode":"INSERT","target":"x","targetType":{"kind":"static","path":null},"source":"t","fields":[{"from":"value","path":["*"],"as":"*"}],"withSchemaEvolution":"ADD"}
INSERT INTO x SELECT * FROM t WITH_SCHEMA_EVOLUTION = ADD

--= {"mode":"INSERT","target":"x","targetType":{"kind":"static","path":null},"source":"t","fields":[{"from":"value","path":["*"],"as":"*"}],"withSchemaEvolution":"IGNORE","withOverwrite":true}
INSERT INTO x SELECT * FROM t WITH_SCHEMA_EVOLUTION = IGNORE WITH_OVERWRITE

--= {"mode":"INSERT","target":"x","targetType":{"kind":"static","path":null},"source":"t","fields":[{"from":"value","path":["*"],"as":"*"}],"withSchemaEvolution":"MATCH","withTableLocation":"/magic/location/on/my/drive"}
INSERT INTO x SELECT * FROM t WITH_SCHEMA_EVOLUTION = match WITH_TABLE_LOCATION = `/magic/location/on/my/drive`

--= {"mode":"INSERT","target":"x","targetType":{"kind":"static","path":null},"source":"t","fields":[{"from":"value","path":["*"],"as":"*"}],"withPartitioning":"DYNAMIC"}
INSERT INTO x SELECT * FROM t WITH_PARTITIONING = dynamic

--= {"mode":"INSERT","target":"x","targetType":{"kind":"static","path":null},"source":"t","fields":[{"from":"value","path":["*"],"as":"*"}],"withSession":"sess","withAck":true,"withEncodeBase64":true,"withLockTime":3}
INSERT INTO x SELECT * FROM t WITH_SESSION = sess WITH_ACK WITH_ENCODE_BASE64 WITH_LOCK_TIME = 3

--= {"mode":"SELECT","target":null,"source":"t","fields":[{"from":"value","path":["*"],"as":"*"}],"group":"mygroup"}
SELECT * FROM t WITHGROUP mygroup

--= {"mode":"SELECT","target":null,"source":"t","fields":[{"from":"value","path":["*"],"as":"*"}],"group":"15"}
SELECT * FROM t WITHGROUP 15

--= {"mode":"SELECT","target":null,"source":"t","fields":[{"from":"value","path":["*"],"as":"*"}],"group":"my group","limit":10}
SELECT * FROM t WITHGROUP 'my group' LIMIT 10

--= {"mode":"SELECT","target":null,"source":"t","fields":[{"from":"value","path":["*"],"as":"*"}],"offsets":[{"partition":0,"offset":1001},{"partition":1,"offset":null},{"partition":2,"offset":0}]}
SELECT * FROM t WITHOFFSET (0, 1001), (1), (2,0)

--= {"mode":"SELECT","target":null,"source":"t","fields":[{"from":"value","path":["*"],"as":"*"}],"offsets":[{"partition":3,"offset":null}]}
SELECT * FROM t WITHOFFSET (3)

--= {"mode":"SELECT","target":null,"source":"t","fields":[{"from":"value","path":["*"],"as":"*"}],"sample":{"count":10,"every":1000}}
SELECT * FROM t SAMPLE 10 EVERY 1000

--= {"mode":"SELECT","target":null,"source":"t","fields":[{"from":"value","path":["a"],"as":"a"},{"from":"value","path":["b"],"as":"c"}],"format":"JSON","group":"g","offsets":[{"partition":1,"offset":2}],"sample":{"count":1,"every":2},"limit":10}
select a, b as c from t withformat json withgroup g withoffset (1,2) sample 1 every 2 limit 10

--= {"mode":"INSERT","target":"x","targetType":{"kind":"static","path":null},"source":"t","fields":[{"from":"value","path":["*"],"as":"*"}],"withPartitioner":"p","subscription":"s","withCompression":"GZIP","withDelay":5,"regex":"r","withFlushSize":1,"withTableLocation":"l","withOverwrite":true,"withPartitioning":"STRICT","withSession":"s","withAck":true,"properties":{"a":"1"},"limit":3}
INSERT INTO x SELECT * FROM t WITHPARTITIONER = p WITHSUBSCRIPTION = s WITHCOMPRESSION = GZIP WITHDELAY = 5 WITHREGEX = `r` WITH_FLUSH_SIZE = 1 WITH_TABLE_LOCATION = `l` WITH_OVERWRITE WITH_PARTITIONING = STRICT LIMIT 3 WITH_SESSION = s WITH_ACK PROPERTIES (a = 1)

--# Checked as ever.

--! 1:41 VALUE_OUT_OF_RANGE PROJECTTO takes a whole number greater than 0 | for example PROJECTTO 2
INSERT INTO x SELECT * FROM t PROJECTTO 0

--! 1:40 SYNTAX expected a number, but the statement ends | for example PROJECTTO 2
INSERT INTO x SELECT * FROM t PROJECTTO

--! 1:41 SYNTAX expected a number, but found '=' | PROJECTTO is written without =
INSERT INTO x SELECT * FROM t PROJECTTO = 2

--! 1:51 VALUE_OUT_OF_RANGE DISTRIBUTEBY takes a whole number greater than 0 | for example DISTRIBUTEBY region INTO 8 BUCKETS
INSERT INTO x SELECT * FROM t DISTRIBUTEBY a INTO 0 BUCKETS

--! 1:58 SYNTAX expected BUCKETS, but the statement ends | for example DISTRIBUTEBY region INTO 8 BUCKETS
INSERT INTO x SELECT * FROM t DISTRIBUTEBY a INTO BUCKETS

--! 1:44 SYNTAX expected a field, but found 'INTO' | for example DISTRIBUTEBY region INTO 8 BUCKETS
INSERT INTO x SELECT * FROM t DISTRIBUTEBY INTO 10 BUCKETS

--! 1:45 SYNTAX expected ',' or INTO, but the statement ends | for example DISTRIBUTEBY region INTO 8 BUCKETS
INSERT INTO x SELECT * FROM t DISTRIBUTEBY a

--! 1:49 SYNTAX expected BUCKETS, but the statement ends | for example CLUSTERBY region, site INTO 8 BUCKETS
INSERT INTO x SELECT * FROM t CLUSTERBY a INTO 5

--! 1:48 VALUE_OUT_OF_RANGE CLUSTERBY takes a whole number greater than 0 | for example CLUSTERBY region, site INTO 8 BUCKETS
INSERT INTO x SELECT * FROM t CLUSTERBY a INTO ten BUCKETS

--! 1:58 DUPLICATE_CLAUSE CLUSTERBY and DISTRIBUTEBY contradict each other | keep one of them
INSERT INTO x SELECT * FROM t CLUSTERBY a INTO 5 BUCKETS DISTRIBUTEBY b INTO 5 BUCKETS

--! 1:49 VALUE_OUT_OF_RANGE WITHCOMPRESSION takes SNAPPY, GZIP, LZ4, ZLIB, BZIP2 or LZO | for example WITHCOMPRESSION = LZ4
INSERT INTO x SELECT * FROM t WITHCOMPRESSION = rar

--! 1:43 SYNTAX expected a number, but found 'soon' | for example WITHDELAY = 250
INSERT INTO x SELECT * FROM t WITHDELAY = soon

--! 1:43 SYNTAX expected a number, but found '-' | leave '-' out
INSERT INTO x SELECT * FROM t WITHDELAY = -5

--! 1:49 VALUE_OUT_OF_RANGE WITH_FLUSH_SIZE takes a whole number greater than 0 | for example WITH_FLUSH_SIZE = 1000000
INSERT INTO x SELECT * FROM t WITH_FLUSH_SIZE = 0

--! 1:53 VALUE_OUT_OF_RANGE WITH_FLUSH_INTERVAL takes a whole number greater than 0 | for example WITH_FLUSH_INTERVAL = 60
INSERT INTO x SELECT * FROM t WITH_FLUSH_INTERVAL = 0

--! 1:50 SYNTAX expected a number, but found '-' | leave '-' out
INSERT INTO x SELECT * FROM t WITH_FLUSH_COUNT = -1

--! 1:55 VALUE_OUT_OF_RANGE WITH_SCHEMA_EVOLUTION takes MATCH, IGNORE or ADD | for example WITH_SCHEMA_EVOLUTION = ADD
INSERT INTO x SELECT * FROM t WITH_SCHEMA_EVOLUTION = MAYBE

--! 1:51 VALUE_OUT_OF_RANGE WITH_PARTITIONING takes STRICT or DYNAMIC | for example WITH_PARTITIONING = DYNAMIC
INSERT INTO x SELECT * FROM t WITH_PARTITIONING = LOOSE

--! 1:48 VALUE_OUT_OF_RANGE WITH_LOCK_TIME takes a whole number greater than 0 | for example WITH_LOCK_TIME = 30
INSERT INTO x SELECT * FROM t WITH_LOCK_TIME = 0

--! 1:43 SYNTAX expected '=', but the statement ends | for example WITH_SESSION = orderId
INSERT INTO x SELECT * FROM t WITH_SESSION

--! 1:40 SYNTAX unexpected '=' | WITH_ACK stands alone, without a value
INSERT INTO x SELECT * FROM t WITH_ACK = yes

--! 1:24 VALUE_OUT_OF_RANGE SAMPLE takes a whole number greater than 0 | for example SAMPLE 1 EVERY 100
SELECT * FROM t SAMPLE 0 EVERY 10

--! 1:33 VALUE_OUT_OF_RANGE EVERY takes a whole number greater than 0 | for example EVERY 10
SELECT * FROM t SAMPLE 10 EVERY 0

--! 1:24 SYNTAX expected a number, but found 'a' | for example SAMPLE 1 EVERY 100
SELECT * FROM t SAMPLE a EVERY 10

--! 1:26 SYNTAX expected EVERY, but the statement ends | for example SAMPLE 1 EVERY 100
SELECT * FROM t SAMPLE 10

--! 1:27 SYNTAX expected '(', but the statement ends | for example WITHOFFSET (0), (1, 5000)
SELECT * FROM t WITHOFFSET

--! 1:29 SYNTAX expected a number, but found 'a' | for example WITHOFFSET (0), (1, 5000)
SELECT * FROM t WITHOFFSET (a)

--! 1:33 DUPLICATE_NAME WITHOFFSET names 'partition 0' twice | keep one of them
SELECT * FROM t WITHOFFSET (0), (0, 1)

--! 1:33 SYNTAX expected ')', but found ',' | for example WITHOFFSET (0), (1, 5000)
SELECT * FROM t WITHOFFSET (0, 1, 2)

--! 1:32 SYNTAX expected a number, but found '-' | leave '-' out
SELECT * FROM t WITHOFFSET (0, -1)

--! 1:28 SYNTAX expected '(', but found '0' | for example WITHOFFSET (0), (1, 5000)
SELECT * FROM t WITHOFFSET 0

--! 1:26 SYNTAX expected a value, but the statement ends | for example WITHGROUP dashboards
SELECT * FROM t WITHGROUP

--! 1:31 SYNTAX unexpected 'CAPITALISE' | did you mean CAPITALIZE? An alias of that name takes AS
INSERT INTO x SELECT * FROM t CAPITALISE

--! 1:42 DUPLICATE_CLAUSE CAPITALIZE is given twice | keep one of them
INSERT INTO x SELECT * FROM t CAPITALIZE CAPITALIZE

--! 1:42 SYNTAX unexpected '=' | INITIALIZE stands alone, without a value
INSERT INTO x SELECT * FROM t INITIALIZE = true

--! 1:46 SYNTAX expected '=', but the statement ends | for example WITHPARTITIONER = RoundRobin
INSERT INTO x SELECT * FROM t WITHPARTITIONER

--! 1:55 SYNTAX unexpected 'b' | a value with spaces stands in back-ticks: `a b`
INSERT INTO x SELECT * FROM t WITH_TABLE_LOCATION = a b

--! 1:46 DUPLICATE_CLAUSE WITH_OVERWRITE is given twice | keep one of them
INSERT INTO x SELECT * FROM t WITH_OVERWRITE WITH_OVERWRITE

--! 1:50 SYNTAX unexpected '(' | for example WITH_ENCODE_BASE64
INSERT INTO x SELECT * FROM t WITH_ENCODE_BASE64 (a)
