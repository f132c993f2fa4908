-- q8, new users: persons who have offered something in the same ten seconds in which they came. Of the layout `people`: auctions by seller.
INSERT INTO q8
SELECT p.id, p.name, TIME_BUCKET(INTERVAL 10 SECONDS, p.dateTime) AS since
FROM persons AS p
JOIN auctions AS a WITHIN 10 SECONDS GRACE PERIOD 4 SECONDS ON p.id = a.seller
WHERE TIME_BUCKET(INTERVAL 10 SECONDS, p.dateTime) = TIME_BUCKET(INTERVAL 10 SECONDS, a.dateTime)
PK id
AUTOCREATE;
