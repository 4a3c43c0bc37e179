"""What a try box says: what it asks before a run, and what it says of one that is over."""

from __future__ import annotations

from collections.abc import Sequence

from eks_lab.tui.try_access import Ending, Standing
from eks_lab.tui.try_block import TryBlock, TryLine

ABOUT = {
    "sandbox": "In the sandbox: real programs, a simulated account, no costs.",
    "nothing": "On this machine; no cluster and no account is needed.",
}
"""What a box needs -> where its commands run, as a sentence."""
PAUSED = "The sandbox's time stands still: the Sandbox screen lets it run."


def questions(block: TryBlock, standing: Standing) -> tuple[tuple[str, ...], str]:
    """Return what has to be asked before commands are run, and the label of a yes.

    Args:
        block: the commands; all of them are in the question when they did not come with the program.
        standing: how things stand.

    Returns:
        Paragraphs of one question; none when nothing has to be asked.
    """
    texts: list[str] = []
    if standing.source:
        texts.append(
            f"This page comes from {standing.source}, not from the course of this program. Its commands run in a "
            "shell on this machine, with your rights. Read them first:"
        )
        # Indented: no line of a command can be taken for one of ours.
        texts += ["$ " + line.text.replace("\n", "\n    ") for line in block.lines]
    if standing.lab:
        texts.append(
            f"The lab “{standing.lab}” is under way in the sandbox: the commands act on its world and may change "
            "what it checks."
        )
    if not standing.is_on:
        texts.append("The sandbox is off. Start it? It takes a second or two.")
        return tuple(texts), "Start it and run them" if texts[1:] else "Start it"
    return tuple(texts), "Run them"


def went_wrong(line: TryLine, ending: Ending | None) -> bool:
    """Return whether a command ended otherwise than the page says; one that runs has not.

    Args:
        line: the command.
        ending: how it ended; None while it runs.
    """
    return ending is not None and (bool(ending.reason) or (ending.code != 0) != line.is_meant_to_fail)


def summary(
    block: TryBlock, endings: Sequence[Ending | None], *, is_stopped: bool, is_wide: bool
) -> tuple[str, str]:
    """Return a line about a run that is over, and its style.

    Args:
        block: the commands.
        endings: of those that were begun, in their order.
        is_stopped: whether the learner ended it.
        is_wide: whether there is output that can be moved sideways.
    """
    count = len(block.lines)
    commands = f"{count} command{'s' if count > 1 else ''}"
    not_run = f" {count - len(endings)} of {commands} not run." if len(endings) < count else ""
    wide = " ← → move wide output." if is_wide else ""
    if is_stopped:
        return f"■ Stopped.{not_run}", "$text-warning"
    failed = sum(went_wrong(line, ending) for line, ending in zip(block.lines, endings, strict=False))
    if failed:
        which = f"{failed} of {commands} did" if count > 1 else "The command did"
        return f"✗ {which} not end well.{not_run}{wide}", "$text-error"
    seconds = sum(ending.seconds for ending in endings if ending is not None)
    return f"✓ {commands} in {seconds:.1f} s.{wide}", "$text-success"


def outcome(line: TryLine, ending: Ending | None, note: str, *, has_output: bool) -> tuple[str, str]:
    """Return what stands below a command's output, and its style; an empty text says nothing.

    Args:
        line: the command.
        ending: how it ended; None while it runs.
        note: what to know when it took too long; may be empty.
        has_output: whether it has printed something.
    """
    if ending is None:
        return "", ""
    match ending.reason:
        case "stopped":
            return "■ stopped", "$text-warning"
        case "time":
            return (
                f"✗ ended after {ending.seconds:.0f} s: it was still running. {note}".rstrip(),
                "$text-error",
            )
        case "output":
            return "✗ ended: it printed without end", "$text-error"
    if ending.code and line.is_meant_to_fail:
        return f"✓ exit code {ending.code}, as the page says", "$text-success"
    if ending.code:
        return f"✗ exit code {ending.code}", "$text-error"
    if line.is_meant_to_fail:
        return "▲ exit code 0, although the page says that it fails", "$text-warning"
    return ("", "") if has_output else ("(no output)", "$text-muted")
