-- q9, winning bids: of each auction the highest bid, the earliest of equal ones. It changes until the auction is over.
INSERT INTO q9
SELECT id, itemName, seller, category, expires, bidder, price, dateTime
FROM (
  SELECT a.id AS id, a.itemName AS itemName, a.seller AS seller, a.category AS category, a.expires AS expires,
         b.bidder AS bidder, b.price AS price, b.dateTime AS dateTime,
         ROW_NUMBER() OVER (PARTITION BY b.auction ORDER BY b.price DESC, b.dateTime, b.bidder) AS place
  FROM bids AS b
  JOIN auction AS a ON b.auction = a.id
  WHERE b.dateTime BETWEEN a.dateTime AND a.expires
) AS ranked
WHERE place = 1
PK id
AUTOCREATE;
