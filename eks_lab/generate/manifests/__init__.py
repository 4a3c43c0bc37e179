"""One generator a module: its choices, its rules, its template. Shared parts are one layer up.

A new one is a module with a `GENERATOR`, its name in `eks_lab.generate.registry`, and for each new text choice a line
in the random choices of the tests. The module's docstring names the source, the template gives reasons (`#?`), what
cannot work is refused in `render`, and what may hurt becomes a note.
"""
