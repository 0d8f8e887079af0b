"""The calls as JSON over HTTP, beside gRPC; and the HTTP server that the probes answer by, too."""
