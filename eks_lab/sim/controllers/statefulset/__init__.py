"""Gives pods an ordinal, a name that stays and claims that stay with it."""
