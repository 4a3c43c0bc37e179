"""The backend aws, against the simulated account over HTTP on loopback."""
