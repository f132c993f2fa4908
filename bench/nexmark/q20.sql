-- q20, bids with their auctions: those of category 10. An auction never changes, so that a join with the table of auctions finds
-- what one of two streams would.
INSERT INTO q20
SELECT b.auction, b.bidder, b.price, b.channel, b.url, b.dateTime AS bidTime, b.extra AS bidExtra,
       a.itemName, a.description, a.initialBid, a.reserve, a.dateTime AS auctionTime, a.expires, a.seller, a.category, a.extra AS auctionExtra
FROM bids AS b
JOIN auction AS a ON b.auction = a.id
WHERE a.category = 10
AUTOCREATE;
