"""The steps from one version of the progress database to the next, one numbered SQL file each.

A released file is never edited: the next change is the next number, with a stored database of the
version before it in the tests.
"""
