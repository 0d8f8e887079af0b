SELECT
  page,
  window_end AS event_time,
  COUNT(*) AS views_10min
FROM TABLE(TUMBLE(TABLE page_views, DESCRIPTOR(viewed_at), INTERVAL '10' MINUTE))
GROUP BY page, window_start, window_end
