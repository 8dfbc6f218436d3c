"""What a message means: the prompt, the answer's schema, and the analyser that needs no network."""
