"""The analysis that needs no network: pure, but for the word lists that it reads."""
