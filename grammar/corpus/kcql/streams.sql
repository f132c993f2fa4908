--# Streaming SQL as Lenses, ksqlDB and Sluice write it.

--= {"mode":"INSERT","target":"hot","targetType":{"kind":"static","path":null},"source":"readings","fields":[{"from":"value","path":["deviceId"],"as":"deviceId"},{"from":"value","path":["temp"],"as":"temp"}],"hasWhere":true}
INSERT INTO hot SELECT deviceId, temp FROM readings WHERE temp > 30

--= {"mode":"INSERT","target":"hourly","targetType":{"kind":"static","path":null},"source":"readings","fields":[{"from":"value","path":["device"],"as":"device"},{"from":"expression","path":[],"as":"temp"}],"window":{"type":"tumbling","sizeMs":3600000,"graceMs":300000},"groupBy":["device"],"hasHaving":true,"pk":[{"from":"value","path":["device"]}]}
INSERT INTO hourly SELECT device, AVG(temp) AS temp FROM readings WINDOW TUMBLING (SIZE 1 HOUR, GRACE PERIOD 5 MINUTES) GROUP BY device HAVING COUNT(*) > 3 PK device

--= {"mode":"SELECT","target":null,"source":"readings","fields":[{"from":"value","path":["device"],"as":"device"},{"from":"expression","path":[],"as":"n"}],"window":{"type":"hopping","sizeMs":600000,"advanceMs":60000},"groupBy":["device"]}
SELECT device, COUNT(*) AS n FROM readings WINDOW HOPPING (SIZE 10 MINUTES, ADVANCE BY 1 MINUTE) GROUP BY device

--= {"mode":"SELECT","target":null,"source":"readings","fields":[{"from":"value","path":["device"],"as":"device"},{"from":"expression","path":[],"as":"n"}],"window":{"type":"session","gapMs":30000},"groupBy":["device"]}
SELECT device, COUNT(*) AS n FROM readings WINDOW SESSION (30 SECONDS) GROUP BY device

--= {"mode":"INSERT","target":"out","targetType":{"kind":"static","path":null},"source":"readings","fields":[{"from":"value","path":["device"],"as":"device"},{"from":"expression","path":[],"as":"n"}],"settings":{"defaults.topic.autocreate":true},"readAs":"STREAM","window":{"type":"tumbling","sizeMs":300000},"groupBy":["device"]}
SET defaults.topic.autocreate=true; INSERT INTO out SELECT STREAM device, COUNT(*) AS n FROM readings WINDOW BY TUMBLE 5m GROUP BY device

--= {"mode":"INSERT","target":"out","targetType":{"kind":"static","path":null},"source":"readings","fields":[{"from":"value","path":["device"],"as":"device"},{"from":"expression","path":[],"as":"n"}],"readAs":"STREAM","window":{"type":"hopping","sizeMs":300000,"advanceMs":60000},"groupBy":["device"]}
INSERT INTO out SELECT STREAM device, COUNT(*) AS n FROM readings WINDOW BY HOP 5m,1m GROUP BY device

--= {"mode":"INSERT","target":"out","targetType":{"kind":"static","path":null},"source":"readings","fields":[{"from":"value","path":["device"],"as":"device"},{"from":"expression","path":[],"as":"n"}],"readAs":"STREAM","window":{"type":"session","gapMs":30000},"groupBy":["device"]}
INSERT INTO out SELECT STREAM device, COUNT(*) AS n FROM readings WINDOW BY SESSION 30s GROUP BY device

--= {"mode":"INSERT","target":"out","targetType":{"kind":"static","path":null},"source":"devices","fields":[{"from":"value","path":["*"],"as":"*"}],"readAs":"TABLE"}
INSERT INTO out SELECT TABLE * FROM devices

--= {"mode":"INSERT","target":"out","targetType":{"kind":"static","path":null},"source":"readings","fields":[{"from":"value","path":["device"],"as":"device"},{"from":"value","path":["temp"],"as":"temp"}],"readAs":"STREAM","eventTime":"meta.ts"}
INSERT INTO out SELECT STREAM device, temp FROM readings EVENTTIME BY meta.ts

--= {"mode":"INSERT","target":"out","targetType":{"kind":"static","path":null},"source":"readings","fields":[{"from":"value","path":["device"],"as":"device"},{"from":"expression","path":[],"as":"n"}],"settings":{"autocreate":true},"window":{"type":"tumbling","sizeMs":60000},"groupBy":["device"],"keyType":"STRING","valueType":"AVRO"}
SET autocreate=true; INSERT INTO `out` SELECT device, COUNT(*) AS n FROM `readings` WHERE _ktype='STRING' AND _vtype='AVRO' GROUP BY device, tumble(1,m)

--= {"mode":"INSERT","target":"out","targetType":{"kind":"static","path":null},"source":"readings","fields":[{"from":"value","path":["device"],"as":"device"},{"from":"expression","path":[],"as":"n"}],"hasWhere":true,"window":{"type":"hopping","sizeMs":300000,"advanceMs":60000},"groupBy":["device"],"keyType":"BYTES","valueType":"JSON"}
INSERT INTO out SELECT device, COUNT(*) AS n FROM readings WHERE _ktype = 'BYTES' AND _vtype = 'JSON' AND temp > 20 GROUP BY hop(5,m,1,m), device

--= {"mode":"INSERT","target":"out","targetType":{"kind":"static","path":null},"source":"readings","fields":[{"from":"value","path":["device"],"as":"device"},{"from":"expression","path":[],"as":"n"}],"window":{"type":"sliding","sizeMs":300000},"groupBy":["device"]}
INSERT INTO out SELECT device, COUNT(*) AS n FROM readings GROUP BY device, sliding(5,m)

--= {"mode":"INSERT","target":"out","targetType":{"kind":"static","path":null},"storeKeyAs":"STRING","storeValueAs":"AVRO","source":"t","fields":[{"from":"value","path":["a"],"as":"a"}],"readAs":"STREAM"}
INSERT INTO out STORE KEY AS STRING VALUE AS AVRO SELECT STREAM a FROM t

--= {"mode":"INSERT","target":"out","targetType":{"kind":"static","path":null},"source":"orders","fields":[{"from":"value","path":["id"],"as":"id"},{"from":"value","path":["name"],"as":"name"}],"join":{"type":"INNER","left":"orders","right":"users","withinMs":3600000}}
INSERT INTO out SELECT o.id, u.name FROM orders AS o JOIN users AS u WITHIN 1h ON o.userId = u.id

--= {"mode":"INSERT","target":"out","targetType":{"kind":"static","path":null},"source":"orders","fields":[{"from":"value","path":["id"],"as":"orderId"},{"from":"value","path":["name"],"as":"name"}],"join":{"type":"LEFT","left":"orders","right":"users"}}
INSERT INTO out SELECT o.id AS orderId, u.name FROM orders o LEFT JOIN users u ON o.userId = u.id

--= {"mode":"INSERT","target":"out","targetType":{"kind":"static","path":null},"source":"hot","fields":[{"from":"value","path":["*"],"as":"*"}],"cte":["hot"],"readAs":"STREAM"}
WITH hot AS (SELECT STREAM device, temp FROM readings WHERE temp > 30) INSERT INTO out SELECT STREAM * FROM hot

--= {"mode":"INSERT","target":"out","targetType":{"kind":"static","path":null},"source":"hot","fields":[{"from":"value","path":["*"],"as":"*"}],"cte":["hot","cold"],"readAs":"STREAM"}
WITH hot AS (SELECT STREAM device FROM readings), cold AS (SELECT STREAM device FROM readings); INSERT INTO out SELECT STREAM * FROM hot

--= {"mode":"INSERT","target":"out","targetType":{"kind":"static","path":null},"source":"t","fields":[{"from":"value","path":["a"],"as":"a"}],"partitionBy":["b"]}
INSERT INTO out SELECT a FROM t PARTITION BY b

--= {"mode":"INSERT","target":"elastic.out","targetType":{"kind":"static","path":null},"source":"climate","fields":[{"from":"value","path":["zone"],"as":"zone"},{"from":"expression","path":[],"as":"top"}],"window":{"type":"tumbling","sizeMs":86400000},"groupBy":["zone"],"autocreate":true,"pk":[{"from":"value","path":["zone"]}],"batch":100,"indexSuffix":"_{yyyy.MM.dd}"}
INSERT INTO elastic.out SELECT zone, MAX(temp) AS top FROM climate WINDOW TUMBLING (SIZE 1 DAY) GROUP BY zone EMIT CHANGES PK zone WITHINDEXSUFFIX=_{yyyy.MM.dd} AUTOCREATE BATCH = 100

--= {"mode":"SELECT","target":null,"source":"t","fields":[{"from":"value","path":["a"],"as":"a"}],"limit":10}
SELECT a FROM t LIMIT 10

--= {"mode":"INSERT","target":"o","targetType":{"kind":"static","path":null},"source":"t","fields":[{"from":"value","path":["*"],"as":"*"}],"hasWhere":true,"keyType":"BYTES","valueType":"JSON"}
INSERT INTO o SELECT * FROM t WHERE _ktype = BYTES AND _vtype=json AND a > 5
