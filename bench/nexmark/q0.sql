-- q0, pass-through: every bid as it is. What reading and writing cost.
INSERT INTO q0
SELECT auction, bidder, price, dateTime, extra FROM bids
AUTOCREATE;
