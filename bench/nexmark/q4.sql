-- q4, average price for a category: of the highest bid of each auction. The highest bids change, and what was averaged is taken back.
-- All categories are in one partition; the highest bids are found in those of the auctions.
CREATE TABLE q4_highest WITH (key = 'auction', partitions = 1) AS
SELECT b.auction AS auction, a.category AS category, MAX(b.price) AS price
FROM bids AS b
JOIN auction AS a ON b.auction = a.id
WHERE b.dateTime BETWEEN a.dateTime AND a.expires
GROUP BY b.auction, a.category;

INSERT INTO q4
SELECT category, AVG(price) AS average FROM q4_highest GROUP BY category
EMIT CHANGES
AUTOCREATE;
