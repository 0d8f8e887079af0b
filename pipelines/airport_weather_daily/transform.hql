-- The weather of each hour. One hour occurs twice on the day on which summer time ends: the worse of both counts.
CREATE TEMPORARY VIEW weather_hours AS
SELECT origin, hour, conditions(MIN(visibility), MAX(wind_speed), MAX(precipitation)) AS conditions
FROM weather
WHERE dt = '${dt}'
GROUP BY origin, hour;

CREATE TEMPORARY VIEW flight_hours AS
SELECT origin, hour, COUNT(departure_delay) AS departures, SUM(departure_delay) AS delay
FROM airport_flights
WHERE dt = '${dt}'
GROUP BY origin, hour;

CREATE TEMPORARY VIEW weather_days AS
SELECT origin, SORT_ARRAY(COLLECT_SET(condition)) AS conditions
FROM weather_hours
LATERAL VIEW OUTER EXPLODE(conditions) exploded AS condition
GROUP BY origin;

SELECT
  f.origin AS airport,
  SUM(f.departures) AS departures_1d,
  SUM(f.delay) / NULLIF(SUM(f.departures), 0) AS mean_departure_delay_1d,
  SUM(IF(SIZE(h.conditions) > 0, f.delay, 0))
    / NULLIF(
      SUM(IF(SIZE(h.conditions) > 0, f.departures, 0)),
      0
    ) AS mean_departure_delay_bad_weather_1d,
  -- featuremill: ignore FM302 because a day has 24 hours: at most 63 characters
  SORT_ARRAY(COLLECT_LIST(IF(f.delay >= 15 * f.departures, f.hour, NULL))) AS late_hours_1d,
  -- featuremill: ignore FM302 because there are three words: at most 21 characters
  d.conditions AS weather_conditions_1d
FROM flight_hours AS f
LEFT JOIN weather_hours AS h ON f.origin = h.origin AND f.hour = h.hour
LEFT JOIN weather_days AS d ON f.origin = d.origin
GROUP BY f.origin, d.conditions;
