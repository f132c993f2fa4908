-- q19, auction top 10: of each auction the ten highest bids, with their places. Of equal ones the earlier comes first.
INSERT INTO q19
SELECT auction, place, bidder, price, channel, url, dateTime, extra
FROM (
  SELECT auction, bidder, price, channel, url, dateTime, extra,
         ROW_NUMBER() OVER (PARTITION BY auction ORDER BY price DESC, dateTime, bidder) AS place
  FROM bids
) AS ranked
WHERE place <= 10
PK auction, place
AUTOCREATE;
