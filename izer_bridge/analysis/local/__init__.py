"""The analysis that needs no network: pure, except that it reads word lists."""
