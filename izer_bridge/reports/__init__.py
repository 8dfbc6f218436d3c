"""What a day came to: counts, customers, and the sums of each hour."""
