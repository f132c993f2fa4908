-- q4, average price for a category: of the highest bid of each auction. The highest bids change, and what was averaged is taken back.
-- They are found in the partitions of their auctions and averaged in one of all categories.
CREATE TABLE q4_highest (auction BIGINT, category BIGINT, price BIGINT) WITH (key = 'auction', partitions = 1);

INSERT INTO q4_highest
SELECT b.auction AS auction, a.category AS category, MAX(b.price) AS price
FROM bids AS b
JOIN auction AS a ON b.auction = a.id
WHERE b.dateTime BETWEEN a.dateTime AND a.expires
GROUP BY b.auction, a.category
PK auction
EMIT CHANGES;

INSERT INTO q4
SELECT category, AVG(price) AS average FROM q4_highest GROUP BY category
EMIT CHANGES
AUTOCREATE;
