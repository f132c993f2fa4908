-- q18, last bid: of each bidder for each auction. Of two of one time the higher one.
INSERT INTO q18
SELECT auction, bidder, price, channel, url, dateTime, extra
FROM (
  SELECT auction, bidder, price, channel, url, dateTime, extra,
         ROW_NUMBER() OVER (PARTITION BY bidder, auction ORDER BY dateTime DESC, price DESC) AS place
  FROM bids
) AS ranked
WHERE place = 1
PK auction, bidder
AUTOCREATE;
