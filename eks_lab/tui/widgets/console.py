"""Which lines of a console block are typed: see `eks_lab.content.console`."""

from __future__ import annotations

from eks_lab.content.console import PROMPT, commands, typed_lines

__all__ = ["PROMPT", "commands", "typed_lines"]
