-- A carrier's days, one row for each that has a flight.
CREATE TEMPORARY VIEW carrier_days AS
SELECT
  carrier,
  window_end,
  window_time AS day_ends,
  COUNT(*) AS flights,
  COUNT(*) FILTER (WHERE departure_delay IS NULL) AS cancelled,
  COUNT(arrival_delay) AS arrived,
  SUM(CAST(arrival_delay AS BIGINT)) AS arrival_delay,
  COUNT(*) FILTER (WHERE arrival_delay < 15) AS on_time
FROM TABLE(TUMBLE(TABLE flights, DESCRIPTOR(day_begins), INTERVAL '1' DAY))
GROUP BY carrier, window_start, window_end, window_time;

-- For each of those days what the carrier did in the 7 that end with it. (Flink has one window for a SELECT.)
CREATE TEMPORARY VIEW last_7_days AS
SELECT
  carrier,
  window_end,
  day_ends,
  flights,
  cancelled,
  arrived,
  arrival_delay,
  on_time,
  SUM(flights) OVER last_7 AS flights_7d,
  SUM(cancelled) OVER last_7 AS cancelled_7d,
  SUM(arrived) OVER last_7 AS arrived_7d,
  SUM(arrival_delay) OVER last_7 AS arrival_delay_7d,
  SUM(on_time) OVER last_7 AS on_time_7d
FROM carrier_days
WINDOW last_7 AS (
  PARTITION BY carrier
  ORDER BY day_ends
  RANGE BETWEEN INTERVAL '6' DAY PRECEDING AND CURRENT ROW
);

-- And in the 28.
CREATE TEMPORARY VIEW last_days AS
SELECT
  carrier,
  window_end,
  flights_7d,
  cancelled_7d,
  arrived_7d,
  arrival_delay_7d,
  on_time_7d,
  SUM(flights) OVER last_28 AS flights_28d,
  SUM(cancelled) OVER last_28 AS cancelled_28d,
  SUM(arrived) OVER last_28 AS arrived_28d,
  SUM(arrival_delay) OVER last_28 AS arrival_delay_28d,
  SUM(on_time) OVER last_28 AS on_time_28d
FROM last_7_days
WINDOW last_28 AS (
  PARTITION BY carrier
  ORDER BY day_ends
  RANGE BETWEEN INTERVAL '27' DAY PRECEDING AND CURRENT ROW
);

-- A day without a flight emits nothing: the carrier keeps the values of its last one, as in the batch.
SELECT
  carrier,
  window_end AS event_time,
  flights_7d,
  CAST(cancelled_7d AS DOUBLE) / flights_7d AS cancellation_rate_7d,
  CAST(arrival_delay_7d AS DOUBLE) / NULLIF(arrived_7d, 0) AS mean_arrival_delay_7d,
  CAST(on_time_7d AS DOUBLE) / flights_7d AS on_time_share_7d,
  flights_28d,
  CAST(cancelled_28d AS DOUBLE) / flights_28d AS cancellation_rate_28d,
  CAST(arrival_delay_28d AS DOUBLE) / NULLIF(arrived_28d, 0) AS mean_arrival_delay_28d,
  CAST(on_time_28d AS DOUBLE) / flights_28d AS on_time_share_28d
FROM last_days;
