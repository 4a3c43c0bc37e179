"""Spoils solutions: a step left out, a line of a file left out, a value turned into another one."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace

from eks_lab.content.actions import Action
from eks_lab.grading.actions import lines_of
from eks_lab.grading.lab_file import Lab
from eks_lab.grading.model import Solution
from eks_lab.grading.query_kinds import kind_of

MOST_MUTANTS = 4
"""Of one solution and one seed; other seeds try other ones."""
DROPPED = "without the step"
_CHANGES_NOTHING = (
    r"get|describe|logs|top|explain|events|api-resources|auth can-i|rollout history|cluster-info"
    r"|[a-z0-9-]+ (describe|list|get)-[a-z-]+|sts get-caller-identity|calc|check|lesson"
)
_LOOKS = re.compile(rf"({_CHANGES_NOTHING}|rollout status|wait)\b")
"""Leaving such a command out spoils nothing."""
_ONLY_LOOKS = re.compile(rf"({_CHANGES_NOTHING})\b(?!.*(-w|--watch)\b)")
"""Such a command does not even let time pass: a spoiled solution is the same without it, and sooner played."""
_NUMBER = re.compile(r"(?<![\w.:/-])\d+(?![\w.:/-])")
_VALUE = re.compile(r"(?<=[=:])\s*[\"']?[A-Za-z][\w./-]{2,}")


@dataclass(frozen=True, slots=True)
class Mutant:
    """A spoiled solution."""

    what: str
    """Completes `still passes …`: `without: kubectl scale …`."""
    steps: tuple[Action, ...]


def mutants_of(solution: Solution, lab: Lab, most: int = MOST_MUTANTS) -> list[Mutant]:
    """Return some spoiled forms of a solution, the same ones each time.

    Args:
        solution: to be spoiled.
        lab: whose files its steps use; its seed chooses.
        most: how many.
    """
    found = sorted(all_mutants(solution, lab), key=lambda mutant: _draw(mutant, lab))
    dropped = [each for each in found if each.what.startswith(DROPPED)]
    others = [each for each in found if not each.what.startswith(DROPPED)]
    half = max((most + 1) // 2, most - len(others))
    chosen = dropped[:half]
    chosen += others[: most - len(chosen)]
    return [replace(each, steps=tuple(filter(_does_something, each.steps))) for each in chosen]


def _does_something(action: Action) -> bool:
    command = action.kubectl or action.aws or action.eks_lab
    return command is None or bool(action.remember) or not _ONLY_LOOKS.match(command.strip())


def _draw(mutant: Mutant, lab: Lab) -> bytes:
    """Return a place in an order that is another one for each seed."""
    return hashlib.sha256(f"{lab.id}/{lab.seed}/{mutant.what}".encode()).digest()


def all_mutants(solution: Solution, lab: Lab) -> Iterator[Mutant]:
    """Yield every spoiled form of a solution.

    Args:
        solution: to be spoiled.
        lab: whose files its steps use.
    """
    steps = tuple(solution.steps)
    for at, action in enumerate(steps):
        kind = kind_of(action)
        if kind in ("wait", "advance"):
            continue
        shown = _shown(action)
        command = action.kubectl or action.aws or action.eks_lab
        if command is not None and not action.remember and _LOOKS.match(command.strip()):
            continue
        yield Mutant(f"{DROPPED}: {shown}", steps[:at] + steps[at + 1 :])
        seen: Counter[str] = Counter()
        for what, spoiled in _spoiled(action, lab):
            seen[what] += 1
            which = f" (place {seen[what]})" if seen[what] > 1 else ""
            yield Mutant(f"{what}{which} in: {shown}", (*steps[:at], spoiled, *steps[at + 1 :]))


def _shown(action: Action) -> str:
    """Return the first line of a step; of a change of a file also the first line that goes, for a file has several."""
    shown = (lines_of(action) or [kind_of(action)])[0].split("\n")[0]
    return shown if action.edit is None else f"{shown} at {_line_at(action.edit.replace.lstrip(), 0)!r}"


def _line_at(text: str, place: int) -> str:
    """Return the line of a text in which a place is."""
    begin = text.rfind("\n", 0, place) + 1
    end = text.find("\n", place)
    return text[begin : len(text) if end < 0 else end].strip()


def _spoiled(action: Action, lab: Lab) -> Iterator[tuple[str, Action]]:
    if action.kubectl is not None:
        for what, text in _junked(action.kubectl):
            yield what, replace(action, kubectl=text)
    elif action.aws is not None:
        for what, text in _junked(action.aws):
            yield what, replace(action, aws=text)
    elif action.edit is not None:
        for what, text in _junked(action.edit.to):
            if text != action.edit.replace:
                yield what, replace(action, edit=replace(action.edit, to=text))
    elif action.file is not None:
        content = action.file.text if action.file.text is not None else lab.text(action.file.source)
        for what, text in [*_junked(content), *_shortened(content)]:
            yield what, replace(action, file=replace(action.file, source="", text=text))
    elif action.answer is not None:
        value = action.answer.value
        junk = value + 1 if isinstance(value, int | float) else f"{value}, or not"
        yield f"with {junk!r}", replace(action, answer=replace(action.answer, value=junk))


def _junked(text: str) -> Iterator[tuple[str, str]]:
    """Yield a text with one number or one value turned into another; of several lines it is said which."""

    def place(match: re.Match[str]) -> str:
        return f" at {_line_at(text, match.end() - 1)!r}" if "\n" in text.strip() else ""

    for match in _NUMBER.finditer(text):
        number = "0" if match.group() != "0" else "1"
        spoiled = text[: match.start()] + number + text[match.end() :]
        yield f"with {number} for {match.group()}{place(match)}", spoiled
    for match in _VALUE.finditer(text):
        value = match.group()
        spoiled = text[: match.start()] + value + "-junk" + text[match.end() :]
        yield f"with {value.strip()}-junk{place(match)}", spoiled


def _shortened(text: str) -> Iterator[tuple[str, str]]:
    """Yield a file's text with one line left out."""
    lines = text.splitlines(keepends=True)
    for number, line in enumerate(lines):
        bare = line.strip()
        if bare and not bare.startswith(("#", "//", "---")):
            yield f"without the line {bare!r}", "".join(lines[:number] + lines[number + 1 :])
