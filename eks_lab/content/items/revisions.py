"""The ledger of revisions: what each question meant when it was last accepted.

`lessons/revisions.json` keeps, for every id ever used, the revision and a digest of the meaning: prompt, what is picked
from and in which order (stored answers are places in it), what is right, how a number is worked out, what a sandbox is
checked for. Explanations, sources, skills, sample answers, hints of style are not meaning. A changed meaning needs a new
`rev`: old answers then no longer count. Ids of removed questions stay, retired: an id is never used for something else.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from eks_lab.content.files import read_text
from eks_lab.content.items.model import Item
from eks_lab.errors import ContentError

NAME = "revisions.json"
"""File name of the ledger, beside course.yaml."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """What a question meant when it was last accepted."""

    rev: int
    """Its revision then."""
    meaning: str
    """Digest of its meaning then; empty for a retired id."""

    @property
    def is_retired(self) -> bool:
        """Whether the question was removed."""
        return not self.meaning


Ledger = Mapping[str, Accepted]
"""By id of the question."""


@dataclass(frozen=True, slots=True)
class Update:
    """What accepting the present questions comes to."""

    ledger: dict[str, Accepted]
    """What to write."""
    new: tuple[str, ...] = ()
    """Ids accepted for the first time."""
    revised: tuple[str, ...] = ()
    """Ids with a new rev."""
    retired: tuple[str, ...] = ()
    """Ids of questions that are gone."""
    refused: tuple[str, ...] = ()
    """Sentences: what was not accepted, and why."""


def meaning_of(item: Item) -> str:
    """Return the digest of what a question means; how its text is wrapped does not count."""
    text = json.dumps(_meaning(item), sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def read_ledger(root: Path) -> Ledger | None:
    """Return the ledger of a course, or None when it has none.

    Args:
        root: the folder that holds `course.yaml`.

    Raises:
        ContentError: the file cannot be read.
    """
    path = root / NAME
    if not os.path.lexists(path):
        return None
    try:
        document = json.loads(read_text(path))
        if document["format"] != 1:
            raise ValueError(f"format {document['format']}")
        return {
            name: Accepted(int(rev), str(meaning)) for name, (rev, meaning) in document["questions"].items()
        }
    except (ValueError, ArithmeticError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ContentError(
            f"{path} cannot be read: {error}.",
            hint="Restore it from version control; never write it by hand.",
        ) from error


def write_ledger(root: Path, ledger: Ledger) -> Path:
    """Write the ledger of a course, a line a question, and return its path.

    Raises:
        ContentError: it cannot be written.
    """
    path = root / NAME
    rows = ",\n".join(
        f"    {json.dumps(name)}: [{ledger[name].rev}, {json.dumps(ledger[name].meaning)}]"
        for name in sorted(ledger)
    )
    temporary = path.with_suffix(f".{os.getpid()}.tmp")
    try:
        temporary.write_text(f'{{\n  "format": 1,\n  "questions": {{\n{rows}\n  }}\n}}\n', encoding="utf-8")
        os.replace(temporary, path)
    except OSError as error:
        raise ContentError(
            f"{path} cannot be written: {error.strerror}.", hint="Check its permissions."
        ) from error
    return path


def trouble_with(item: Item, accepted: Accepted | None) -> tuple[str, str] | None:
    """Return what is wrong with a question's revision and how to mend it, or None.

    Args:
        item: the question as it is.
        accepted: what the ledger has of it.
    """
    accept = "Accept it: eks-lab author revisions --write."
    if accepted is None:
        return "the question is not in the ledger of revisions", accept
    if accepted.is_retired:
        return "the id belonged to a question that was removed", "Ids are for ever; take another."
    if item.rev < accepted.rev:
        return f"rev is {item.rev}, and was {accepted.rev}", "A rev only grows."
    if meaning_of(item) == accepted.meaning and item.rev == accepted.rev:
        return None
    if item.rev > accepted.rev:
        return f"rev {item.rev} is not in the ledger of revisions", accept
    return (
        f"the meaning changed, and rev is still {item.rev}",
        (
            f"Write rev: {accepted.rev + 1}. Only a slip of the pen? "
            f"eks-lab author revisions --write --same-meaning {item.id}"
        ),
    )


def updated(ledger: Ledger, items: Iterable[Item], same_meaning: Collection[str] = ()) -> Update:
    """Return the ledger for the present questions.

    Args:
        ledger: what was accepted before.
        items: every question of the course.
        same_meaning: ids whose change is declared to leave the meaning as it was.
    """
    made = dict(ledger)
    new: list[str] = []
    revised: list[str] = []
    refused: list[str] = []
    present: set[str] = set()
    for item in items:
        present.add(item.id)
        before = ledger.get(item.id)
        trouble = trouble_with(item, before)
        if trouble is None:
            continue
        is_declared = item.id in same_meaning and before is not None and item.rev == before.rev
        if before is not None and not is_declared and (before.is_retired or item.rev <= before.rev):
            refused.append(f"{item.id}: {trouble[0]}. {trouble[1]}")
            continue
        made[item.id] = Accepted(item.rev, meaning_of(item))
        (new if before is None else revised).append(item.id)
    retired = tuple(name for name, each in ledger.items() if name not in present and not each.is_retired)
    for name in retired:
        made[name] = Accepted(ledger[name].rev, "")
    return Update(made, tuple(new), tuple(revised), retired, tuple(refused))


def _meaning(item: Item) -> list[Any]:
    common: list[Any] = [item.kind, _words(item.prompt)]
    match item.kind:
        case "choice" | "multi":
            return [*common, [[_words(option.text), option.correct] for option in item.options]]
        case "order":
            return [*common, [_words(step.text) for step in item.steps]]
        case "match":
            pairs = [[_words(pair.left), _words(pair.right)] for pair in item.pairs]
            return [*common, pairs, [_words(option.text) for option in item.extra]]
        case "diagram":
            return [*common, item.diagram, [[point.part, point.correct] for point in item.points]]
        case "number":
            drawn = {name: asdict(variable) for name, variable in item.vars.items()}
            computed = asdict(item.computed_by) if item.computed_by else None
            return [*common, drawn, computed, item.answer, item.unit]
        case "recall":
            return [*common, [[point.id, _words(point.text)] for point in item.points]]
        case "command" | "manifest":
            drawn = {name: asdict(variable) for name, variable in item.vars.items()}
            steps = [asdict(step) for step in item.setup]
            checks = [{**asdict(check), "otherwise": ""} for check in item.checks]
            world = [asdict(item.world), steps, drawn, checks]
            if item.kind == "manifest":
                return [*common, *world, item.file, item.given, item.rules]
            prints = {**asdict(item.prints), "otherwise": ""} if item.prints else None
            return [*common, *world, item.lines, prints]


def _words(text: str) -> str:
    return " ".join(text.split())
