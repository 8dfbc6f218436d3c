"""What all HTTP routes share: access, bodies, problems, signatures, the listening socket."""
