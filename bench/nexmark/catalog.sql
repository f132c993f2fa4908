-- The events of all queries. A run puts its own topics, keys and numbers of partitions in the place of these.
CREATE STREAM persons (
  id BIGINT, name STRING, emailAddress STRING, creditCard STRING, city STRING, state STRING, dateTime TIMESTAMP, extra STRING
) WITH (topic = 'persons', key = 'id', timestamp = 'dateTime', partitions = 4);

CREATE STREAM auctions (
  id BIGINT, itemName STRING, description STRING, initialBid BIGINT, reserve BIGINT, dateTime TIMESTAMP, expires TIMESTAMP,
  seller BIGINT, category BIGINT, extra STRING
) WITH (topic = 'auctions', key = 'id', timestamp = 'dateTime', partitions = 4);

CREATE STREAM bids (
  auction BIGINT, bidder BIGINT, price BIGINT, channel STRING, url STRING, dateTime TIMESTAMP, extra STRING
) WITH (topic = 'bids', key = 'auction', timestamp = 'dateTime', partitions = 4);

-- The same topics by what is known of a person and of an auction. An auction never changes.
CREATE TABLE person (
  id BIGINT, name STRING, emailAddress STRING, creditCard STRING, city STRING, state STRING, dateTime TIMESTAMP, extra STRING
) WITH (topic = 'persons', key = 'id', partitions = 4);

CREATE TABLE auction (
  id BIGINT, itemName STRING, description STRING, initialBid BIGINT, reserve BIGINT, dateTime TIMESTAMP, expires TIMESTAMP,
  seller BIGINT, category BIGINT, extra STRING
) WITH (topic = 'auctions', key = 'id', partitions = 4);

-- What q13 looks up: a text for each of 10,000 numbers.
CREATE TABLE side_inputs (key BIGINT, value STRING) WITH (topic = 'side_inputs', key = 'key', partitions = 4);
