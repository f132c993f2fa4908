-- q14, calculation: prices in euros within bounds, the time of day in words, how often there is a c in a text.
INSERT INTO q14
SELECT auction, bidder, 0.908 * price AS price,
       CASE
         WHEN HOUR(dateTime) BETWEEN 8 AND 18 THEN 'dayTime'
         WHEN HOUR(dateTime) <= 6 OR HOUR(dateTime) >= 20 THEN 'nightTime'
         ELSE 'otherTime'
       END AS bidTimeType,
       dateTime, extra, LENGTH(extra) - LENGTH(REPLACE(extra, 'c', '')) AS countOfC
FROM bids
WHERE 0.908 * price > 1000000 AND 0.908 * price < 50000000
AUTOCREATE;
