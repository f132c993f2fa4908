-- q13, side input: a text that is looked up for each bid in a table of 10,000. Of the layout `single`: the table goes by another key.
INSERT INTO q13
SELECT b.auction, b.bidder, b.price, b.dateTime, s.value
FROM bids AS b
JOIN side_inputs AS s ON b.auction % 10000 = s.key
AUTOCREATE;
