"""The learner's own AWS account: nothing leaves before a typed yes, everything made is on record, `down` proves it is gone.

Belongs here: one module a kind of thing that is made, the record of it, the limits, the proof. Must not: look at
credentials other than those of the profile that the learner named, know about screens.
"""
