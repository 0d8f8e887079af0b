CREATE EXTERNAL TABLE web.page_views (
  page STRING,
  country STRING,
  seconds INT,
  viewed_at TIMESTAMP
)
PARTITIONED BY (dt STRING)
STORED AS PARQUET
LOCATION '${WAREHOUSE}/page_views';
