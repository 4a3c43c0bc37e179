"""Labs: reading them, running them, judging them, and proving that the judging is fair.

A lab is data: nothing of a pack is ever executed on this machine but kubectl and aws commands against the
simulated account. Checks look and never change. Knows nothing of screens.
"""
