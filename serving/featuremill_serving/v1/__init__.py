"""The wire: generated from proto/featuremill/serving/v1 by generate_protos.py."""
