-- Arrivals with the length of their leg. The airports are written once and needed for ever, so their side of the
-- joins keeps its state without a time limit.
CREATE TEMPORARY VIEW legs AS
SELECT /*+ STATE_TTL('o' = '0 s', 'd' = '0 s') */
  f.tail_number,
  f.destination,
  f.arrival_time,
  CAST(f.arrival_time AS DATE) AS arrival_day,
  great_circle_km(o.latitude, o.longitude, d.latitude, d.longitude) AS km
FROM flights AS f
LEFT JOIN airports AS o ON f.origin = o.faa
LEFT JOIN airports AS d ON f.destination = d.faa
WHERE f.arrival_time IS NOT NULL;

-- The last arrival by its own time, in whatever order the rows come.
CREATE TEMPORARY VIEW last_leg AS
SELECT
  tail_number,
  destination,
  arrival_time,
  CAST(arrival_time AS DATE) AS arrival_day,
  arrival_delay
FROM (
  SELECT *, ROW_NUMBER() OVER (PARTITION BY tail_number ORDER BY arrival_time DESC) AS place
  FROM flights
  WHERE arrival_time IS NOT NULL
)
WHERE place = 1;

CREATE TEMPORARY VIEW day_totals AS
SELECT tail_number, arrival_day, COUNT(*) AS legs, SUM(km) AS km
FROM legs
GROUP BY tail_number, arrival_day;

-- IS NOT DISTINCT FROM, so that an arrival without a tail number is not lost in the join: it becomes a dead letter.
SELECT
  -- featuremill: ignore FM612 because last_leg has one row for each tail number; the join on IS NOT DISTINCT FROM hides it
  l.tail_number AS aircraft,
  l.arrival_time AS event_time,
  l.destination AS last_destination,
  l.arrival_delay AS last_arrival_delay,
  t.legs AS legs_today,
  t.km AS km_today
FROM last_leg AS l
JOIN day_totals AS t
  ON l.tail_number IS NOT DISTINCT FROM t.tail_number AND l.arrival_day = t.arrival_day
