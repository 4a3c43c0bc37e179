"""What the account would have cost: meters over simulated time, with the calculators' prices."""
