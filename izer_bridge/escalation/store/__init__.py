"""The SQL of customers who wait."""
