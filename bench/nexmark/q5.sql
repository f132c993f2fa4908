-- q5, hot items: the auctions with the most bids of the last ten seconds, every two seconds.
-- Bids are counted in the partitions of their auctions; the counts of all auctions come together in one.
CREATE STREAM q5_counts (auction BIGINT, window_start TIMESTAMP, window_end TIMESTAMP, bids BIGINT) WITH (partitions = 1);

INSERT INTO q5_counts
SELECT auction, window_start, window_end, COUNT(*) AS bids
FROM bids
WINDOW HOPPING (SIZE 10 SECONDS, ADVANCE BY 2 SECONDS, GRACE PERIOD 4 SECONDS)
GROUP BY auction
EMIT FINAL;

INSERT INTO q5
SELECT auction, window_start, window_end, bids
FROM (
  SELECT auction, window_start, window_end, bids, RANK() OVER (PARTITION BY window_start ORDER BY bids DESC) AS place
  FROM q5_counts
) AS ranked
WHERE place = 1
PK auction, window_start
AUTOCREATE;
