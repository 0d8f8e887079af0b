"""What Flink has: its functions, reserved words, connectors, formats. Data files that were asked of Flink itself."""
