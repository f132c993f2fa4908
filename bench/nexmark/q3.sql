-- q3, local items: who sells something of category 10 in Oregon, Idaho or California. Of the layout `people`: auctions by seller.
-- A person is told before the first auction, so that a join with the table of persons finds what one of two streams would.
INSERT INTO q3
SELECT p.name, p.city, p.state, a.id
FROM auctions AS a
JOIN person AS p ON a.seller = p.id
WHERE a.category = 10 AND p.state IN ('OR', 'ID', 'CA')
PK id
AUTOCREATE;
