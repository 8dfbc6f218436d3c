"""Who gets what: builds the parts of the processes, and refuses to run them."""
