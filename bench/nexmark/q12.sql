-- q12, processing time: how many bids of a bidder come within ten seconds of the clock on the wall. Of the layout `people`: bids by bidder.
SET 'time' = 'processing';

INSERT INTO q12
SELECT bidder, COUNT(*) AS bids, window_start, window_end
FROM bids
WINDOW TUMBLING (SIZE 10 SECONDS)
GROUP BY bidder
EMIT FINAL
AUTOCREATE;
