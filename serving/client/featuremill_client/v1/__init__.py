"""The messages on the wire: made from proto/featuremill/serving/v1/serving.proto."""
