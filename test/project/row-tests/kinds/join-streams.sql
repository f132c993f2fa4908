CREATE STREAM orders (id STRING KEY, item STRING, at TIMESTAMP)
WITH (timestamp = 'at');

CREATE STREAM payments (id STRING KEY, amount INT, at TIMESTAMP)
WITH (timestamp = 'at');

INSERT INTO elastic.inner_joined
SELECT o.id, o.item, p.amount
FROM orders AS o
JOIN payments AS p WITHIN (0 MINUTES, 10 MINUTES) GRACE PERIOD 5 MINUTES ON o.id = p.id
AUTOCREATE
PK id;

INSERT INTO left_joined
SELECT o.id, p.amount
FROM orders AS o
LEFT JOIN payments AS p WITHIN 10 MINUTES ON o.id = p.id
AUTOCREATE;

INSERT INTO right_joined
SELECT p.id, o.item
FROM orders AS o
RIGHT JOIN payments AS p WITHIN 10 MINUTES ON o.id = p.id
AUTOCREATE;

INSERT INTO full_joined
SELECT o.id AS ordered, p.id AS paid
FROM orders AS o
FULL JOIN payments AS p WITHIN 10 MINUTES ON o.id = p.id
AUTOCREATE;
