"""Interviews: choosing questions, the conversation with its follow-ups and its clock, and the scorecard.

No screen, no cluster: what is asked about the learner's own sandbox comes in as facts.
"""
