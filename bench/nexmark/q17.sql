-- q17, statistics of an auction and day: bids by three ranks of prices, and the prices.
INSERT INTO q17
SELECT auction, FORMAT_TIMESTAMP(dateTime, 'yyyy-MM-dd') AS day,
       COUNT(*) AS bids,
       COUNT(*) FILTER (WHERE price < 10000) AS bids1,
       COUNT(*) FILTER (WHERE price >= 10000 AND price < 1000000) AS bids2,
       COUNT(*) FILTER (WHERE price >= 1000000) AS bids3,
       MIN(price) AS lowest, MAX(price) AS highest, AVG(price) AS average, SUM(price) AS total
FROM bids
GROUP BY auction, FORMAT_TIMESTAMP(dateTime, 'yyyy-MM-dd')
EMIT CHANGES
AUTOCREATE;
