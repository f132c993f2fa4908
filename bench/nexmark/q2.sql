-- q2, selection: the bids for some of the auctions.
INSERT INTO q2
SELECT auction, price FROM bids WHERE auction % 123 = 0
AUTOCREATE;
