"""Who may use the pages and `/v1`: people with names, roles, tokens, links and sessions."""
