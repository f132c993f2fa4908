-- q7, highest bid: of every ten seconds, with all that is known of it; of several equal ones all. Of the layout `single`.
-- A window is over 14 seconds after it began, so its bids are kept for as long: WITHIN and GRACE PERIOD say so.
CREATE STREAM q7_highest (window_start TIMESTAMP, window_end TIMESTAMP, price BIGINT) WITH (timestamp = 'window_start', partitions = 1);

INSERT INTO q7_highest
SELECT window_start, window_end, MAX(price) AS price
FROM bids
WINDOW TUMBLING (SIZE 10 SECONDS, GRACE PERIOD 4 SECONDS)
EMIT FINAL;

INSERT INTO q7
SELECT b.auction, b.bidder, b.price, b.dateTime, b.extra
FROM bids AS b
JOIN q7_highest AS h WITHIN 10 SECONDS GRACE PERIOD 10 SECONDS ON b.price = h.price
WHERE b.dateTime >= h.window_start AND b.dateTime < h.window_end
AUTOCREATE;
