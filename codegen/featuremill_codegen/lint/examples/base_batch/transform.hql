SELECT
  page,
  count(*) AS views_1d
FROM web.page_views
WHERE dt = '${dt}'
GROUP BY page
