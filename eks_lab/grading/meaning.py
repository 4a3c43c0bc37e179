"""What has to be right in a lab's file that its schema cannot say."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import partial

from eks_lab.content.duration import parse_duration
from eks_lab.content.findings import Problem
from eks_lab.content.queries import HistoryQuery, Query
from eks_lab.content.yaml_text import YamlDocument
from eks_lab.errors import EksLabError
from eks_lab.grading.model import BACKENDS, FULL_AWARD, Check, LabFile
from eks_lab.grading.pack import LAB_FILE, Pack, safe_name
from eks_lab.grading.query_kinds import (
    ACTION_KINDS,
    COMMANDS,
    LEARNER_ONLY,
    QUERY_KINDS,
    START_ONLY,
    Place,
    actions_of,
    given_kinds,
    parts,
    queries_of,
)

_ID = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_INVARIANTS = frozenset({"resource", "absent", "all", "any", "none"})
Found = Iterator[tuple[Place, str, str]]
"""Place in the file, what is wrong, what to write."""


def meaning(lab: LabFile, document: YamlDocument, pack: Pack) -> list[Problem]:
    """Return what is wrong with a lab that fits its schema.

    Args:
        lab: the file, filled.
        document: for lines.
        pack: its folder.
    """
    return [
        Problem(document.line_of(place), "lab-meaning", message, fix)
        for part in (_head, _checks, _queries, _actions, _files)
        for place, message, fix in part(lab, pack)
    ]


def _head(lab: LabFile, pack: Pack) -> Found:
    if not _ID.fullmatch(lab.id):
        yield ("id",), f"id is {lab.id!r}", "Write lower case words with dashes: max-pods."
    elif lab.id != pack.root.resolve().name:
        yield ("id",), f"id is {lab.id!r}, the folder {pack.root.resolve().name!r}", "Give both one name."
    if len(lab.title) > 60:
        yield ("title",), f"title has {len(lab.title)} characters", "Use at most 60."
    if not 0 <= lab.chapter <= 15:
        yield ("chapter",), f"chapter is {lab.chapter}", "Write 0 to 15."
    if not 1 <= lab.minutes <= 180:
        yield ("minutes",), f"minutes is {lab.minutes}", "Write 1 to 180."
    for name, fidelity in lab.backends.items():
        word, _, why = fidelity.partition(":")
        if (
            name not in BACKENDS
            or word not in ("full", "partial", "none")
            or (word != "full" and not why.strip())
        ):
            yield (
                ("backends", name),
                f"backends.{name} is {fidelity!r}",
                "Write embedded, aws or docker with full, `partial: why` or `none: why`.",
            )
    if not 0 <= lab.start.world.nodes <= 50:
        yield ("start", "world", "nodes"), f"nodes is {lab.start.world.nodes}", "Write 0 to 50."
    for name in ("patience", "budget"):
        text = getattr(lab, name)
        if text or name == "patience":
            yield from _tried((name,), partial(parse_duration, text))


def _checks(lab: LabFile, pack: Pack) -> Found:
    del pack
    if not lab.checks:
        yield ("checks",), "there is no check", "Write at least one."
        return
    total = sum(each.weight for each in lab.checks)
    if total != FULL_AWARD:
        yield ("checks",), f"the weights make {total}", f"Let them make {FULL_AWARD}."
    seen: set[str] = set()
    for number, check in enumerate(lab.checks):
        place: Place = ("checks", number)
        if not _ID.fullmatch(check.id):
            yield (*place, "id"), f"id is {check.id!r}", "Write lower case words with dashes."
        if check.id in seen:
            yield (*place, "id"), f"the check {check.id!r} stands twice", "Give each its own id."
        seen.add(check.id)
        if len(check.title) > 60:
            yield (*place, "title"), f"title has {len(check.title)} characters", "Use at most 60."
        if check.weight < 1:
            yield (*place, "weight"), f"weight is {check.weight}", "Write 1 or more."
        if not check.otherwise.strip():
            yield (*place, "otherwise"), "otherwise is empty", "Say what is still wrong, with {observed}."
    for number, hint in enumerate(lab.hints):
        if hint.cost < 0:
            yield ("hints", number, "cost"), f"cost is {hint.cost}", "Write 0 or more."
    for number, wrong in enumerate(lab.wrong):
        if wrong.caught_by not in seen:
            known = ", ".join(sorted(seen))
            yield (
                ("wrong", number, "caught_by"),
                f"there is no check {wrong.caught_by!r}",
                f"Checks: {known}.",
            )
    if not lab.solutions:
        yield ("solutions",), "there is no solution", "Write at least one."


def _queries(lab: LabFile, pack: Pack) -> Found:
    del pack
    for place, query in queries_of(lab):
        kinds = given_kinds(query)
        if len(kinds) != 1:
            what = f"has {' and '.join(kinds)}" if kinds else "looks at nothing"
            yield place, f"{_name(place)} {what}", f"Give exactly one of {', '.join(QUERY_KINDS)}."
            continue
        value = getattr(query, kinds[0])
        for name in ("matches", "message", "regex"):
            pattern = getattr(value, name, None)
            if isinstance(pattern, str) and pattern:
                yield from _tried((*place, kinds[0], name), partial(re.compile, pattern))
        if query.invariant is not None:
            for below, part in parts(query.invariant):
                if set(given_kinds(part)) - _INVARIANTS:
                    yield (
                        (*place, "invariant", *below),
                        f"an invariant cannot look at {' and '.join(given_kinds(part))}",
                        f"Use {', '.join(sorted(_INVARIANTS))}.",
                    )
        if query.history is not None:
            yield from _history((*place, "history"), query.history)
        yield from _answer(place, query)


def _history(place: Place, history: HistoryQuery) -> Found:
    limits = ("downtime_seconds", "commands_max", "blast_radius", "cost_max")
    if all(getattr(history, name) is None for name in limits):
        yield place, "the history has no limit", f"Give one of {', '.join(limits)}."
    if (history.downtime_seconds is not None) is not bool(history.workload):
        yield place, "downtime_seconds and workload belong together", "Give both, workload as deployment/web."
    named = [("workload", history.workload)] if history.workload else []
    for name, text in [*named, *(("may_change", each) for each in history.may_change)]:
        if text.count("/") not in (1, 2):
            yield (*place, name), f"{name} is {text!r}", "Write deployment/web or namespace/deployment/web."


def _answer(place: Place, query: Query) -> Found:
    answer = query.answer
    if answer is not None:
        forms = [name for name in ("choice", "exact", "regex", "order") if getattr(answer, name) is not None]
        if len(forms) != 1:
            yield (
                (*place, "answer"),
                f"the answer has {' and '.join(forms) or 'no form'}",
                ("Give exactly one of choice, exact, regex, order."),
            )
        wanted = [answer.choice] if answer.choice is not None else answer.order or []
        if any(not 1 <= each <= len(answer.options) for each in wanted):
            yield (
                (*place, "answer"),
                f"{wanted} names options that are not there",
                (f"There are {len(answer.options)} options, counted from 1."),
            )
    if (query.answer or query.calc) and not (isinstance(query, Check) or place[:1] == ("hints",)):
        yield place, "a question stands where nobody can answer it", "Put answer and calc into a check."


def _actions(lab: LabFile, pack: Pack) -> Found:
    del pack
    asked = {each.id for each in lab.checks if each.answer or each.calc}
    for place, action in actions_of(lab):
        kinds = given_kinds(action)
        if len(kinds) != 1:
            what = f"has {' and '.join(kinds)}" if kinds else "does nothing"
            yield place, f"{_name(place)} {what}", f"Give exactly one of {', '.join(ACTION_KINDS)}."
            continue
        kind, is_start = kinds[0], place[0] == "start"
        if kind in (LEARNER_ONLY if is_start else START_ONLY):
            where = "at the start" if is_start else "by a learner"
            yield place, f"{kind} cannot be done {where}", "Use another action."
        if (action.fails or action.remember) and kind not in COMMANDS:
            yield place, "fails and remember are for commands", "Remove them here."
        if action.apply is not None and "\n" in action.apply and not is_start:
            yield place, "a learner applies files, not texts", "Put the file there with `file:` first."
        if action.advance is not None:
            yield from _tried((*place, "advance"), partial(parse_duration, action.advance))
        if action.wait is not None:
            yield from _tried((*place, "wait", "most"), partial(parse_duration, action.wait.most))
        if action.answer is not None and action.answer.check not in asked:
            known = ", ".join(sorted(asked)) or "none"
            yield place, f"the check {action.answer.check!r} asks no question", f"Checks that ask: {known}."


def _files(lab: LabFile, pack: Pack) -> Found:
    wanted: list[tuple[Place, str]] = [(("story",), lab.story), (("debrief",), lab.debrief)]
    learners: list[tuple[Place, str]] = []
    for place, action in actions_of(lab):
        if action.file is not None:
            learners.append(((*place, "file", "path"), action.file.path))
            if bool(action.file.source) is (action.file.text is not None):
                yield place, "the file needs a source or a text", "Give exactly one of them."
            elif action.file.source:
                wanted.append(((*place, "file", "source"), action.file.source))
        if action.apply is not None and "\n" not in action.apply:
            (wanted if place[0] == "start" else learners).append(((*place, "apply"), action.apply))
        if action.edit is not None:
            learners.append(((*place, "edit", "file"), action.edit.file))
    for place, query in queries_of(lab):
        if query.schedule is not None and query.schedule.manifest and "\n" not in query.schedule.manifest:
            wanted.append(((*place, "schedule", "manifest"), query.schedule.manifest))
    for place, name in [*wanted, *learners]:
        yield from _tried(place, partial(safe_name, name))
    used = {name for _, name in wanted} | {LAB_FILE}
    for place, name in wanted:
        if name not in pack.names:
            yield place, f"{name} is not in the lab's folder", "Write the file, or correct the name."
    for name in pack.names:
        if name not in used:
            yield (), f"{name} is used nowhere", "Use it or remove it."


def _tried(place: Place, attempt: Callable[[], object]) -> Found:
    try:
        attempt()
    except EksLabError as error:
        yield place, f"{_name(place)}: {error.message}", error.hint or "Write another value."
    except (re.error, ValueError, OverflowError, RecursionError) as error:
        yield place, f"{_name(place)} is no regular expression: {error}", "Correct it; \\ escapes . and (."


def _name(place: Place) -> str:
    return ".".join(map(str, place))
