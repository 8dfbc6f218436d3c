"""The built-in agents: pure and from templates; they state no price, stock, date or promise."""
