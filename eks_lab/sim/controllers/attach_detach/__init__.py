"""Attaching volumes to the nodes of the pods that need them, and detaching them."""
