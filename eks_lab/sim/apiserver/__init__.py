"""The API server's HTTP side: raw ASGI over `eks_lab.sim.api`. Nothing in here decides what an object may be."""
