"""What of a query no golden case exercises."""
