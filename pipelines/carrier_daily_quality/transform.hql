-- A carrier's days, one row for each; `day` counts them, so that a window can reach over those without a flight.
CREATE TEMPORARY VIEW carrier_days AS
SELECT
  carrier,
  dt,
  DATEDIFF(dt, '1970-01-01') AS day,
  COUNT(*) AS flights,
  SUM(IF(departure_delay IS NULL, 1, 0)) AS cancelled,
  COUNT(arrival_delay) AS arrived,
  SUM(arrival_delay) AS arrival_delay,
  SUM(IF(arrival_delay < 15, 1, 0)) AS on_time
FROM flights
WHERE dt > CAST(DATE_SUB('${dt}', 28) AS STRING) AND dt <= '${dt}'
GROUP BY carrier, dt;

-- For each of those days what the carrier did in the 7 and the 28 days that end with it.
CREATE TEMPORARY VIEW last_days AS
SELECT
  carrier,
  dt,
  SUM(flights) OVER last_7 AS flights_7d,
  SUM(cancelled) OVER last_7 AS cancelled_7d,
  SUM(arrived) OVER last_7 AS arrived_7d,
  SUM(arrival_delay) OVER last_7 AS arrival_delay_7d,
  SUM(on_time) OVER last_7 AS on_time_7d,
  SUM(flights) OVER last_28 AS flights_28d,
  SUM(cancelled) OVER last_28 AS cancelled_28d,
  SUM(arrived) OVER last_28 AS arrived_28d,
  SUM(arrival_delay) OVER last_28 AS arrival_delay_28d,
  SUM(on_time) OVER last_28 AS on_time_28d
FROM carrier_days
WINDOW
  last_7 AS (PARTITION BY carrier ORDER BY day RANGE BETWEEN 6 PRECEDING AND CURRENT ROW),
  last_28 AS (PARTITION BY carrier ORDER BY day RANGE BETWEEN 27 PRECEDING AND CURRENT ROW);

-- A carrier without a flight on the day keeps the values of its last one; `max_age` tells readers how old they are.
SELECT
  carrier,
  flights_7d,
  cancelled_7d / flights_7d AS cancellation_rate_7d,
  arrival_delay_7d / NULLIF(arrived_7d, 0) AS mean_arrival_delay_7d,
  on_time_7d / flights_7d AS on_time_share_7d,
  flights_28d,
  cancelled_28d / flights_28d AS cancellation_rate_28d,
  arrival_delay_28d / NULLIF(arrived_28d, 0) AS mean_arrival_delay_28d,
  on_time_28d / flights_28d AS on_time_share_28d
FROM last_days
WHERE dt = '${dt}';
