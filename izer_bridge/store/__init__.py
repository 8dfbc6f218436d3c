"""The core of the SQL store: connections, transactions, and the tables that all rooms share."""
