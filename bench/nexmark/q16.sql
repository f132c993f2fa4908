-- q16, statistics of a channel and day: as q15, and the last minute with a bid. Bids go to the partition of their channel first.
CREATE STREAM q16_bids (channel STRING, auction BIGINT, bidder BIGINT, price BIGINT, day STRING, minute STRING) WITH (key = 'channel', partitions = 4);

INSERT INTO q16_bids
SELECT channel, auction, bidder, price,
       FORMAT_TIMESTAMP(dateTime, 'yyyy-MM-dd') AS day, FORMAT_TIMESTAMP(dateTime, 'HH:mm') AS minute
FROM bids
PARTITION BY channel;

INSERT INTO q16
SELECT channel, day, MAX(minute) AS minute,
       COUNT(*) AS bids,
       COUNT(*) FILTER (WHERE price < 10000) AS bids1,
       COUNT(*) FILTER (WHERE price >= 10000 AND price < 1000000) AS bids2,
       COUNT(*) FILTER (WHERE price >= 1000000) AS bids3,
       COUNT(DISTINCT bidder) AS bidders,
       COUNT(DISTINCT bidder) FILTER (WHERE price < 10000) AS bidders1,
       COUNT(DISTINCT bidder) FILTER (WHERE price >= 10000 AND price < 1000000) AS bidders2,
       COUNT(DISTINCT bidder) FILTER (WHERE price >= 1000000) AS bidders3,
       COUNT(DISTINCT auction) AS auctions,
       COUNT(DISTINCT auction) FILTER (WHERE price < 10000) AS auctions1,
       COUNT(DISTINCT auction) FILTER (WHERE price >= 10000 AND price < 1000000) AS auctions2,
       COUNT(DISTINCT auction) FILTER (WHERE price >= 1000000) AS auctions3
FROM q16_bids
GROUP BY channel, day
EMIT CHANGES
AUTOCREATE;
