-- q15, statistics of a day: bids, bidders and auctions by three ranks of prices. All bids of a day come together in one partition.
CREATE STREAM q15_bids (auction BIGINT, bidder BIGINT, price BIGINT, day STRING) WITH (partitions = 1);

INSERT INTO q15_bids
SELECT auction, bidder, price, FORMAT_TIMESTAMP(dateTime, 'yyyy-MM-dd') AS day FROM bids;

INSERT INTO q15
SELECT day,
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
FROM q15_bids
GROUP BY day
EMIT CHANGES
AUTOCREATE;
