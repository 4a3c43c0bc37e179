"""Where a sandbox can live: in our own process, in docker, on a real account. One interface; labs ask for capabilities.

A backend knows endpoints, credentials and how to come and go. It knows no lab and prints nothing: it tells.
"""
