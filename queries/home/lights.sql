-- What light costs a home: by room and day of its own clocks, as it is now. What a lamp reports more than an hour after
-- its day goes to a topic of its own.
INSERT INTO cassandra.iot.light_usage
SELECT homeId,
  window_start AS day,
  room,
  SUM(minutesOn) / 60 AS hours,
  SUM(wattHours) / 1000 AS kilowatt_hours
FROM home.lights
WINDOW TUMBLING (SIZE 1 DAY, GRACE PERIOD 1 HOUR, TIME ZONE 'Europe/Berlin')
GROUP BY homeId, room
LATE INTO home.lights_late
AUTOCREATE
PK homeId, day, room;
