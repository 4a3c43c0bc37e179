"""Questions of the bank on the screen: `ItemView`, and one way to answer for each kind."""
