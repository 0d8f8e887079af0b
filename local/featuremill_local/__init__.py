"""One machine as the whole platform: broker, cluster, Redis and serving as child processes of one run."""
