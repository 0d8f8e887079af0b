-- The key column, event_time (when the values were true), and the features.
SELECT
  page AS {{ entity }},
  window_end AS event_time,
  COUNT(*) AS views_10min,
  AVG(CAST(seconds AS DOUBLE)) AS mean_seconds_10min
FROM TABLE(TUMBLE(TABLE page_views, DESCRIPTOR(viewed_at), INTERVAL '10' MINUTE))
GROUP BY page, window_start, window_end
