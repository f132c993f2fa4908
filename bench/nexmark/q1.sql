-- q1, currency conversion: the price of every bid in euros.
INSERT INTO q1
SELECT auction, bidder, 0.908 * price AS price, dateTime, extra FROM bids
AUTOCREATE;
