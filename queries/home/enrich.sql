-- Readings with what is known of their home, each as the home was then. A home that nobody has described yet has nulls.
INSERT INTO elastic.home_readings
SELECT r.homeId, r.room, r.time, r.temperature, h.city, h.residents
FROM home.readings AS r
LEFT JOIN homes AS h ON r.homeId = h.homeId
AUTOCREATE
WITHINDEXSUFFIX = _{yyyy-MM-dd};

-- Rooms that are more than two degrees colder than their home wants them, to whatever turns the heating up.
INSERT INTO home.cold_rooms
SELECT r.homeId, r.room, r.time, r.temperature, h.comfort
FROM home.readings AS r
JOIN homes AS h ON r.homeId = h.homeId
WHERE r.temperature < h.comfort - 2
AUTOCREATE;
