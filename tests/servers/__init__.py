"""Our own servers on loopback, which tests script and then ask what they received."""
