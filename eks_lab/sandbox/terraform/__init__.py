"""The learner's terraform on the sandbox: its own state, the sandbox's credentials, and no way off this machine.

Nothing is written into the learner's folder: terraform runs in a working copy made of links, beside its state.
"""
