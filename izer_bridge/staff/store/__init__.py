"""The SQL of the staff, their tokens, links and sessions."""
