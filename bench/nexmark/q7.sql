-- q7, highest bid: of every ten seconds, with all that is known of it; of several equal ones all. Of the layout `single`.
CREATE STREAM q7_highest WITH (partitions = 1) AS
SELECT window_start, window_end, MAX(price) AS price
FROM bids
WINDOW TUMBLING (SIZE 10 SECONDS, GRACE PERIOD 4 SECONDS)
EMIT FINAL;

INSERT INTO q7
SELECT b.auction, b.bidder, b.price, b.dateTime, b.extra
FROM bids AS b
JOIN q7_highest AS h WITHIN 10 SECONDS GRACE PERIOD 4 SECONDS ON b.price = h.price
WHERE b.dateTime >= h.window_start AND b.dateTime < h.window_end
AUTOCREATE;
