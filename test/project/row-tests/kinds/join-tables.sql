CREATE TABLE devices (id STRING PRIMARY KEY, room STRING);

CREATE TABLE states (id STRING PRIMARY KEY, state STRING);

CREATE TABLE rooms (room STRING PRIMARY KEY, floor INT);

INSERT INTO elastic.by_key
SELECT d.id, d.room, s.state
FROM devices AS d
LEFT JOIN states AS s ON d.id = s.id
AUTOCREATE;

INSERT INTO elastic.by_foreign_key
SELECT d.id, r.floor
FROM devices AS d
JOIN rooms AS r ON d.room = r.room
AUTOCREATE;
