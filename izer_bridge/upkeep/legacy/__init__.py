"""Taking over the data of the replaced system."""
