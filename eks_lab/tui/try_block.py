"""What a try box would run: its commands, what they need, and why some are never run from a page.

No Textual here: the page, the running and the tests read the same values.
"""

from __future__ import annotations

from dataclasses import dataclass

from eks_lab.content.console import chosen, commands
from eks_lab.content.page import Callout, Code, walk

RUNNABLE = ("sandbox", "nothing")
"""What a box may need to be run from the page: the sandbox, or nothing at all."""
_STRICTEST_FIRST = ("aws", "internet", "tools", "sandbox", "nothing")
_WHY_NOT = {
    "aws": "These commands need a real AWS account and may cost money, so the page never runs them. "
    "c on the block copies them.",
    "internet": "These commands go to the internet, and nothing leaves this machine from a page. "
    "c on the block copies them for a shell of your own.",
    "tools": "These commands work on your own files, so they belong into a shell of your own. "
    "c on the block copies them.",
}


@dataclass(frozen=True, slots=True)
class TryLine:
    """One command, as it is typed; it may have several lines."""

    text: str
    """Without the prompt; continuation lines and here-documents are in it."""
    is_meant_to_fail: bool = False
    """Whether the page says that it ends with an error."""


@dataclass(frozen=True, slots=True)
class TryBlock:
    """Everything a try box would run."""

    lines: tuple[TryLine, ...]
    needs: str
    """`sandbox`, `nothing`, `tools`, `internet`, `aws`, or empty when the box does not say."""
    after: str = ""
    """Id of the lesson whose box comes before this one; empty when it begins by itself."""

    @property
    def why_not(self) -> str:
        """Why the page does not run it, as a sentence for the learner; empty when it does."""
        if not self.lines:
            return "There is no command in this box."
        if self.needs not in RUNNABLE:
            unsaid = "The box does not say what its commands need, so the page does not run them."
            return _WHY_NOT.get(self.needs, unsaid)
        for line in self.lines:
            for character in line.text:
                if not character.isprintable() and character not in "\n\t":
                    return (
                        f"A command holds a character that cannot be seen (U+{ord(character):04X}), "
                        "so the page does not run it."
                    )
        return ""


def try_block(callout: Callout) -> TryBlock:
    """Return what a try box would run.

    Args:
        callout: of the kind `try`; its `console` blocks count, in their order.

    Returns:
        The commands; what they need is the most that the box or one of its blocks says.
    """
    blocks = [
        block for block in walk(callout.blocks) if isinstance(block, Code) and block.language == "console"
    ]
    lines = []
    for block in blocks:
        is_meant = chosen(block.attributes.get("expect-error"))
        lines += [TryLine(text, is_meant(number)) for number, text in enumerate(commands(block.text), 1)]
    said = {callout.attributes.get("needs", ""), *(block.attributes.get("needs", "") for block in blocks)}
    needs = next((each for each in _STRICTEST_FIRST if each in said), "")
    after = next((each for block in blocks if (each := block.attributes.get("after", ""))), "")
    return TryBlock(tuple(lines), needs, after)
