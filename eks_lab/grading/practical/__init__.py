"""Practical questions: commands and manifests, played in a throw-away world and judged by what they do.

A question becomes a lab of one step: setting it up, running commands and looking at effects are the labs' own.
`bench` judges in this process, `remote` in a process of its own, `proof` proves that the questions are fair.
"""
