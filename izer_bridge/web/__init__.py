"""What all HTTP routes share: who may ask, bodies, problems, signatures, the listening socket."""
