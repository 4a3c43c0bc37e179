"""What an expression comes to, where that can be told from literals, defaults and locals alone."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Final

from eks_lab.checker.terraform.configuration import Configuration, Entity
from eks_lab.checker.terraform.syntax import (
    Access,
    Call,
    Conditional,
    Expression,
    ForValue,
    Literal,
    ObjectValue,
    Operation,
    Step,
    Template,
    Traversal,
    TupleValue,
)


class _Unknown:
    """A value that is only known at apply, or that nobody wrote down here."""

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN: Final = _Unknown()
Known = Any
"""A Python value, or UNKNOWN; texts may hold `OPEN` for a part that is unknown."""
OPEN = "\x00"
"""Stands in a text for a part that cannot be told."""
_MOST_STEPS = 20_000
_DEEPEST = 100
"""Expressions inside expressions, locals that lead to locals included."""
_LONGEST = 20_000
"""Letters of a text."""
_MOST_ITEMS = 2000
"""Items of a list or an object."""
_MOST_LEVELS = 40
"""Lists in lists."""


class Evaluator:
    """Works out the values of one module."""

    def __init__(self, configuration: Configuration) -> None:
        """Work out nothing before it is asked.

        Args:
            configuration: the module; defaults of its variables count, and its tfvars.
        """
        self.configuration = configuration
        self._names: dict[str, Known] = {}
        self._steps = 0
        self._depth = 0

    def value(self, node: Expression | None, names: Mapping[str, Known] | None = None) -> Known:
        """Return what an expression comes to, UNKNOWN when that cannot be told.

        Args:
            node: the expression; None gives None, as an argument that is not set.
            names: values of bound names.
        """
        if node is None:
            return None
        self._steps += 1
        if self._steps > _MOST_STEPS or self._depth > _DEEPEST:
            return UNKNOWN
        self._depth += 1
        try:
            found = self._value(node, names or {})
        finally:
            self._depth -= 1
        # Locals that double each other would grow without bound.
        most = _LONGEST if isinstance(found, str) else _MOST_ITEMS
        return UNKNOWN if isinstance(found, str | list | dict) and len(found) > most else found

    def _value(self, node: Expression, bound: Mapping[str, Known]) -> Known:
        if isinstance(node, Literal):
            return node.value
        if isinstance(node, Template):
            return self._template(node, bound)
        if isinstance(node, Traversal):
            return self._traversal(node, bound)
        if isinstance(node, Access):
            return self._take(self.value(node.target, bound), node.steps, bound)
        if isinstance(node, TupleValue):
            return [self.value(item, bound) for item in node.items]
        if isinstance(node, ObjectValue):
            return self._object(node, bound)
        if isinstance(node, Conditional):
            return self._conditional(node, bound)
        if isinstance(node, Call):
            return self._call(node, bound)
        if isinstance(node, ForValue):
            return self._for(node, bound)
        return self._operation(node, bound)

    def argument(self, entity: Entity, *path: str) -> Known:
        """Return the value of an argument of a resource, None when it is not set.

        Args:
            entity: the resource.
            path: names of blocks, then of the argument.
        """
        found = entity.argument(*path)
        self._steps = 0
        return self.value(found.value) if found is not None else None

    def fresh(self, node: Expression | None, names: Mapping[str, Known] | None = None) -> Known:
        """Return what an expression comes to, with a budget of its own."""
        self._steps = 0
        return self.value(node, names)

    def outline(self, node: Expression | None) -> str | None:
        """Return a text in which OPEN stands for what is unknown; None when it is no text at all."""
        found = self.fresh(node)
        if isinstance(found, str):
            return found
        return OPEN if found is UNKNOWN else None

    def _template(self, node: Template, names: Mapping[str, Known]) -> Known:
        if node.loops:
            return UNKNOWN
        if len(node.parts) == 1 and not isinstance(node.parts[0], str):
            return self.value(node.parts[0], names)
        texts = [part if isinstance(part, str) else self._inserted(part, names) for part in node.parts]
        return "".join(texts) if sum(map(len, texts)) <= _LONGEST else UNKNOWN

    def _inserted(self, part: Expression, names: Mapping[str, Known]) -> str:
        found = self.value(part, names)
        if isinstance(found, bool):
            return str(found).lower()
        if isinstance(found, str | int | float):
            return str(found)
        # The last name tells what an unknown part looks like: rules ask whether it is an ARN or an address.
        if isinstance(part, Traversal | Access) and part.steps:
            ending = part.steps[-1].name
            if ending in ("arn", "issuer"):
                return f"{'arn:' if ending == 'arn' else 'https://'}{OPEN}"
        return OPEN

    def _traversal(self, node: Traversal, names: Mapping[str, Known]) -> Known:
        if node.root in names:
            return self._take(names[node.root], node.steps, names)
        if not node.steps:
            return UNKNOWN
        name = node.steps[0].name
        key = f"{node.root}.{name}"
        if node.root == "local" and name in self.configuration.locals:
            if key not in self._names:
                self._names[key] = UNKNOWN
                found = self.value(self.configuration.locals[name].value)
                self._names[key] = UNKNOWN if is_huge(found) else found
            return self._take(self._names[key], node.steps[1:], names)
        if node.root == "var" and name in self.configuration.variables:
            given = self.configuration.values.get(name)
            default = self.configuration.variables[name].body.value("default")
            source = given[1].value if given is not None else default
            if source is None:
                return UNKNOWN
            return self._take(self.value(source), node.steps[1:], names)
        entity = self.configuration.resources.get((node.root, name))
        if (
            entity is not None
            and not entity.repetition
            and len(node.steps) == 2
            and node.steps[1].kind == "attribute"
        ):
            # What one resource says in plain words another one may read: cluster.name.
            written = entity.body.value(node.steps[1].name)
            if isinstance(written, Literal | Template | Traversal) and written is not node:
                return self.value(written)
        return UNKNOWN

    def _take(self, found: Known, steps: list[Step], names: Mapping[str, Known]) -> Known:
        for number, step in enumerate(steps):
            if found is UNKNOWN:
                return UNKNOWN
            if step.kind == "splat":
                items = found if isinstance(found, list) else [found]
                return [self._take(item, steps[number + 1 :], names) for item in items]
            key = step.name if step.kind == "attribute" else self.value(step.index, names)
            if isinstance(found, dict) and isinstance(key, str):
                found = found.get(key, UNKNOWN)
            elif isinstance(found, list) and isinstance(key, int) and -1 < key < len(found):
                found = found[key]
            else:
                return UNKNOWN
        return found

    def _object(self, node: ObjectValue, names: Mapping[str, Known]) -> Known:
        found: dict[str, Known] = {}
        for key, value in node.items:
            name = self.value(key, names)
            found[name if isinstance(name, str) else OPEN] = self.value(value, names)
        return found

    def _conditional(self, node: Conditional, names: Mapping[str, Known]) -> Known:
        condition = self.value(node.condition, names)
        if condition is UNKNOWN:
            then, other = self.value(node.then, names), self.value(node.otherwise, names)
            return then if then == other and then is not UNKNOWN else UNKNOWN
        return self.value(node.then if condition else node.otherwise, names)

    def _operation(self, node: Operation, names: Mapping[str, Known]) -> Known:
        values = [self.value(each, names) for each in node.operands]
        if len(values) == 1:
            return not values[0] if node.operators == ["!"] and values[0] is not UNKNOWN else UNKNOWN
        kinds = set(node.operators)
        if kinds == {"&&"}:
            return False if False in values else UNKNOWN if UNKNOWN in values else all(values)
        if kinds == {"||"}:
            return True if True in values else UNKNOWN if UNKNOWN in values else any(values)
        if len(values) != 2 or UNKNOWN in values:
            return UNKNOWN
        left, right = values
        operator = node.operators[0]
        if operator in ("==", "!="):
            if OPEN in f"{left if isinstance(left, str) else ''}{right if isinstance(right, str) else ''}":
                return UNKNOWN
            return (left == right) == (operator == "==")
        if not all(isinstance(each, int | float) and not isinstance(each, bool) for each in values):
            return UNKNOWN
        compare: dict[str, Callable[[float, float], Known]] = {
            "<": lambda a, b: a < b, ">": lambda a, b: a > b, "<=": lambda a, b: a <= b, ">=": lambda a, b: a >= b,
            "+": lambda a, b: a + b, "-": lambda a, b: a - b,
            "*": lambda a, b: a * b, "/": lambda a, b: a / b if b else UNKNOWN, "%": lambda a, b: a % b if b else UNKNOWN,
        }  # fmt: skip
        return compare[operator](left, right)

    def _for(self, node: ForValue, names: Mapping[str, Known]) -> Known:
        collection = self.value(node.collection, names)
        if not isinstance(collection, list | dict) or node.groups:
            return UNKNOWN
        pairs = list(collection.items()) if isinstance(collection, dict) else list(enumerate(collection))
        listed: list[Known] = []
        mapped: dict[str, Known] = {}
        for key, value in pairs:
            inner = {**names, node.names[-1]: value}
            if len(node.names) == 2:
                inner[node.names[0]] = key
            kept = True if node.condition is None else self.value(node.condition, inner)
            if kept is UNKNOWN:
                return UNKNOWN
            if not kept:
                continue
            found = self.value(node.value, inner)
            if node.key is None:
                listed.append(found)
            else:
                name = self.value(node.key, inner)
                mapped[name if isinstance(name, str) else OPEN] = found
        return listed if node.key is None else mapped

    def _call(self, node: Call, names: Mapping[str, Known]) -> Known:
        values = [self.value(each, names) for each in node.arguments]
        if node.expands and values and isinstance(values[-1], list):
            values = [*values[:-1], *values[-1]]
        if node.name == "jsonencode" and len(values) == 1:
            return json_text(values[0])
        function = _FUNCTIONS.get(node.name)
        if function is None or any(value is UNKNOWN for value in values):
            return UNKNOWN
        try:
            return function(*values)
        except (TypeError, ValueError, ArithmeticError, AttributeError, LookupError, RecursionError):
            # A call that cannot work is reported by its types, not by its value.
            return UNKNOWN


def json_text(value: Known) -> Known:
    """Return a value as JSON, with OPEN for what is unknown; UNKNOWN when it is too large."""
    if is_huge(value):
        return UNKNOWN
    return json.dumps(value, default=lambda _: OPEN)


def is_huge(value: Known) -> bool:
    """Whether a value has too many parts, or too many levels, to be looked at."""
    waiting, seen = [(value, 0)], 0
    while waiting:
        current, depth = waiting.pop()
        seen += 1
        if seen > _LONGEST or depth > _MOST_LEVELS:
            return True
        inner = (
            current if isinstance(current, list) else current.values() if isinstance(current, dict) else ()
        )
        waiting += [(each, depth + 1) for each in inner]
    return False


def _merged(*maps: dict[str, Known]) -> dict[str, Known]:
    found: dict[str, Known] = {}
    for each in maps:
        found |= each
    return found


def _joined(separator: str, items: list[Known]) -> Known:
    if len(separator) * len(items) > _LONGEST:
        return UNKNOWN
    return separator.join(
        item if isinstance(item, str) else OPEN if item is UNKNOWN else str(item) for item in items
    )


def _unique(values: Any) -> list[Known]:
    found: list[Known] = []
    for each in values:
        if each not in found:
            found.append(each)
    return found


_FUNCTIONS: dict[str, Callable[..., Known]] = {
    "length": len,
    "toset": _unique,
    "tolist": list,
    "distinct": _unique,
    "setunion": lambda *lists: _unique(item for each in lists for item in each),
    "concat": lambda *lists: [item for each in lists for item in each],
    "compact": lambda items: [item for item in items if item],
    "merge": _merged,
    "keys": lambda found: sorted(found),
    "values": lambda found: [found[key] for key in sorted(found)],
    "sort": lambda items: sorted(items),
    "contains": lambda items, item: item in items if UNKNOWN not in items else UNKNOWN,
    "lookup": lambda found, key, *default: found.get(key, *default),
    "join": lambda separator, items: _joined(separator, items),
    "split": lambda separator, text: text.split(separator),
    "replace": lambda text, old, new: (
        text.replace(old, new) if text.count(old) * len(new) <= _LONGEST else UNKNOWN
    ),
    "trimprefix": lambda text, prefix: text.removeprefix(prefix),
    "trimsuffix": lambda text, suffix: text.removesuffix(suffix),
    "lower": lambda text: text.lower(),
    "upper": lambda text: text.upper(),
    "tostring": lambda value: str(value).lower() if isinstance(value, bool) else str(value),
    "range": lambda *bounds: list(range(*bounds)) if max(map(abs, bounds)) < 1000 else UNKNOWN,
    "slice": lambda items, start, end: items[start:end],
    "element": lambda items, index: items[index % len(items)],
    "startswith": lambda text, prefix: text.startswith(prefix),
    "endswith": lambda text, suffix: text.endswith(suffix),
    "alltrue": lambda items: UNKNOWN if UNKNOWN in items else all(items),
    "anytrue": lambda items: UNKNOWN if UNKNOWN in items else any(items),
    "coalesce": lambda *items: next((item for item in items if item not in (None, "")), UNKNOWN),
    "one": lambda items: items[0] if len(items) == 1 else None if not items else UNKNOWN,
    "max": max,
    "min": min,
}
