-- q11, user sessions: how many bids a bidder made before a pause of ten seconds. Of the layout `people`: bids by bidder.
INSERT INTO q11
SELECT bidder, COUNT(*) AS bids, window_start, window_end
FROM bids
WINDOW SESSION (10 SECONDS, GRACE PERIOD 4 SECONDS)
GROUP BY bidder
EMIT FINAL
AUTOCREATE;
