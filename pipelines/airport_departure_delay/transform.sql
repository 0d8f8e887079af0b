-- An hour without a departure emits nothing: the last values stay, and max_age tells a reader that they are old.
SELECT
  origin AS airport,
  window_end AS event_time,
  COUNT(*) AS departures_1h,
  AVG(CAST(departure_delay AS DOUBLE)) AS mean_departure_delay_1h,  -- AVG of an INT would be an INT
  MAX(departure_delay) AS max_departure_delay_1h,
  AVG(CASE WHEN departure_delay >= 15 THEN 1e0 ELSE 0e0 END) AS share_delayed_15min_1h
FROM TABLE(
  HOP(TABLE departures, DESCRIPTOR(departure_time), INTERVAL '10' MINUTE, INTERVAL '1' HOUR)
)
GROUP BY origin, window_start, window_end
