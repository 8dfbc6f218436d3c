"""Messages that come over HTTP: `POST /webhook`."""
