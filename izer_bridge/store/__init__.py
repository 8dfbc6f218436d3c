"""The only SQL of the project: the ledger's tables, their transactions, and the local inbox."""
