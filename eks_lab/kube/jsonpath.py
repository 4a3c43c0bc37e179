"""kubectl's JSONPath: `.spec.replicas`, `{.items[*].metadata.name}`, filters, `range`, slices.

Differences from other JSONPaths are kubectl's: text outside braces is printed, `..name` recurses,
`[?(@.type=="Ready")]` filters, missing fields print nothing or are errors as the caller chooses.
Source: kubernetes/client-go util/jsonpath and the Kubernetes page "JSONPath Support".
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from eks_lab.errors import InputError

_NAME = re.compile(r"(?:[^.\[\]{}\s\\(),|=<>!'\"*@?$]|\\.)+")
_QUOTED = re.compile(r"'((?:[^'\\]|\\.)*)'|\"((?:[^\"\\]|\\.)*)\"")
_SLICE = re.compile(r"(-?\d*)(?::(-?\d*))?(?::(-?\d*))?")
_FILTER = re.compile(r"\?\(\s*(.+?)\s*(?:(==|!=|<=|>=|<|>)\s*(.+?)\s*)?\)", re.DOTALL)
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r"}


class JsonPathError(InputError):
    """A path that cannot be read, or a field that is not there."""


@dataclass(frozen=True, slots=True)
class _Step:
    kind: str
    """`field`, `wildcard`, `recurse`, `slice`, `filter`, `union`."""
    argument: Any = None


def find(path: str, data: Any, *, allow_missing: bool = True) -> list[Any]:
    """Return every value a path leads to.

    Args:
        path: with or without braces and the leading `$` or dot: `.status.conditions[?(@.type=="Ready")].status`.
        data: the object.
        allow_missing: False to refuse a field that is not there, as kubectl does without
            `--allow-missing-template-keys`.

    Raises:
        JsonPathError: the path cannot be read, or a field is missing.
    """
    text = path.strip()
    if text.startswith("{") and text.endswith("}"):
        text = text[1:-1].strip()
    return _walk(_steps(text), [data], allow_missing)


def render(template: str, data: Any, *, allow_missing: bool = True) -> str:
    r"""Return what `kubectl get -o jsonpath=TEMPLATE` prints.

    Args:
        template: text with paths in braces, `{range .items[*]}{.metadata.name}{"\n"}{end}`.
        data: the object or list.
        allow_missing: as in `find`.

    Raises:
        JsonPathError: unclosed braces, `range` without `end`, or what `find` raises.
    """
    tokens = _tokens(template)
    shown, rest = _render(tokens, 0, data, allow_missing, inside=False)
    if rest < len(tokens):
        raise JsonPathError("not in range, nothing to end")
    return shown


def _tokens(template: str) -> list[tuple[bool, str]]:
    """Split a template into text and the insides of braces."""
    tokens: list[tuple[bool, str]] = []
    at = 0
    while at < len(template):
        opening = template.find("{", at)
        if opening < 0:
            tokens.append((False, template[at:]))
            break
        if opening > at:
            tokens.append((False, template[at:opening]))
        closing, depth, quote = opening + 1, 1, ""
        while closing < len(template) and depth:
            letter = template[closing]
            if quote:
                closing += letter == "\\"
                quote = "" if letter == quote else quote
            elif letter in "'\"":
                quote = letter
            else:
                depth += (letter == "{") - (letter == "}")
            closing += 1
        if depth:
            raise JsonPathError("unclosed action", hint="Every { needs a }.")
        tokens.append((True, template[opening + 1 : closing - 1].strip()))
        at = closing
    return tokens


def _render(
    tokens: Sequence[tuple[bool, str]], at: int, data: Any, allow_missing: bool, *, inside: bool
) -> tuple[str, int]:
    shown: list[str] = []
    while at < len(tokens):
        is_path, text = tokens[at]
        at += 1
        if not is_path:
            shown.append(text)
        elif text == "end":
            if not inside:
                raise JsonPathError("not in range, nothing to end")
            return "".join(shown), at
        elif text.startswith("range") and not text[5:6].isalnum():
            values = _walk(_steps(text[5:].strip()), [data], allow_missing)
            after = _range_end(tokens, at)
            for value in values:
                shown.append(_render(tokens, at, value, allow_missing, inside=True)[0])
            at = after
        elif (quoted := _QUOTED.fullmatch(text)) is not None:
            shown.append(_unescaped(quoted[1] if quoted[1] is not None else quoted[2]))
        else:
            values = _walk(_steps(text), [data], allow_missing)
            shown.append(" ".join(printed(value) for value in values))
    if inside:
        raise JsonPathError("unterminated range", hint="Close it with {end}.")
    return "".join(shown), at


def _range_end(tokens: Sequence[tuple[bool, str]], at: int) -> int:
    depth = 1
    while at < len(tokens):
        is_path, text = tokens[at]
        at += 1
        if is_path and text == "end":
            depth -= 1
            if not depth:
                return at
        elif is_path and text.startswith("range") and not text[5:6].isalnum():
            depth += 1
    raise JsonPathError("unterminated range", hint="Close it with {end}.")


def _unescaped(text: str) -> str:
    return re.sub(r"\\(.)", lambda found: _ESCAPES.get(found[1], found[1]), text)


def printed(value: Any) -> str:
    """Return a value as kubectl prints it: text bare, lists and objects as JSON with sorted keys."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def _steps(text: str) -> list[_Step]:
    steps: list[_Step] = []
    at = 1 if text.startswith(("$", "@")) else 0
    while at < len(text):
        if text.startswith("..", at):
            steps.append(_Step("recurse"))
            at += 1 if text[at + 2 : at + 3] == "[" else 2
            if text[at : at + 1] == ".":
                at += 1
            if text[at : at + 1] in ("[", ""):
                continue
        elif text[at] == ".":
            at += 1
            if at == len(text):
                break
            if text[at] == "[":
                continue
        if text[at] == "[":
            inner, at = _bracket(text, at)
            steps.append(_bracket_step(inner))
        elif text[at] == "*":
            steps.append(_Step("wildcard"))
            at += 1
        else:
            name = _NAME.match(text, at)
            if name is None:
                raise JsonPathError(f"unrecognized character in action: {text[at]!r} in {text!r}")
            steps.append(_Step("field", re.sub(r"\\(.)", r"\1", name[0])))
            at = name.end()
    return steps


def _bracket(text: str, at: int) -> tuple[str, int]:
    depth, quote, start = 0, "", at
    while at < len(text):
        letter = text[at]
        if quote:
            at += letter == "\\"
            quote = "" if letter == quote else quote
        elif letter in "'\"":
            quote = letter
        else:
            depth += (letter == "[") - (letter == "]")
            if depth == 0:
                return text[start + 1 : at].strip(), at + 1
        at += 1
    raise JsonPathError(f"unterminated array in {text!r}", hint="Every [ needs a ].")


def _bracket_step(inner: str) -> _Step:
    if inner == "*":
        return _Step("wildcard")
    if inner.startswith("?"):
        found = _FILTER.fullmatch(inner)
        if found is None:
            raise JsonPathError(f"unrecognized filter [{inner}]", hint='Write [?(@.type=="Ready")].')
        return _Step("filter", found.groups())
    quoted = _QUOTED.fullmatch(inner)
    if quoted is not None:
        return _Step("field", _unescaped(quoted[1] if quoted[1] is not None else quoted[2]))
    if "," in inner:
        return _Step("union", tuple(_union_branch(part.strip()) for part in inner.split(",")))
    span = _SLICE.fullmatch(inner)
    if span is None or not inner or any(len(part or "") > 18 for part in span.groups()):
        raise JsonPathError(f"invalid array index {inner}", hint="Write [0], [1:3], [*] or ['name'].")
    numbers = [int(part) if part else None for part in span.groups()]
    if ":" not in inner:
        return _Step("slice", (numbers[0], None, None, True))
    return _Step("slice", (*numbers, False))


def _union_branch(part: str) -> tuple[_Step, ...]:
    """Return the steps of one branch: `'metadata.name'` in a union is a path, unlike alone."""
    quoted = _QUOTED.fullmatch(part)
    if quoted is None:
        return (_bracket_step(part),)
    return tuple(_steps("." + (quoted[1] if quoted[1] is not None else quoted[2])))


def _walk(steps: Sequence[_Step], values: list[Any], allow_missing: bool) -> list[Any]:
    for step in steps:
        if step.kind == "union":
            # kubectl takes each branch over all values before the next branch.
            values = [found for branch in step.argument for found in _walk(branch, values, allow_missing)]
        else:
            values = [inner for value in values for inner in _apply(step, value, allow_missing)]
    return values


def _apply(step: _Step, value: Any, allow_missing: bool) -> list[Any]:
    match step.kind:
        case "field":
            if isinstance(value, Mapping) and step.argument in value:
                return [value[step.argument]]
            if allow_missing or isinstance(value, list):
                return []
            raise JsonPathError(f"{step.argument} is not found")
        case "wildcard":
            if isinstance(value, Mapping):
                return list(value.values())
            return list(value) if isinstance(value, list) else []
        case "recurse":
            return _everything(value)
        case "filter":
            return [item for item in value if _holds(step.argument, item)] if isinstance(value, list) else []
    start, end, stride, single = step.argument
    if not isinstance(value, list):
        return []
    if single:
        if -len(value) <= start < len(value):
            return [value[start]]
        if allow_missing:
            return []
        raise JsonPathError(f"array index out of bounds: index {start}, length {len(value)}")
    if stride is not None and stride <= 0:
        raise JsonPathError("step must be > 0")
    return list(value[slice(start, end, stride)])


def _everything(value: Any) -> list[Any]:
    found = [value]
    inner = value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ()
    for part in inner:
        found.extend(_everything(part))
    return found


def _holds(parts: tuple[str, str | None, str | None], item: Any) -> bool:
    left, operator, right = parts
    values = _operand(left, item)
    if operator is None or right is None:
        return bool(values)
    others = _operand(right, item)
    if not values or not others:
        return False
    one, other = values[0], others[0]
    if operator in ("==", "!="):
        return bool(one == other) is (operator == "==")
    comparable = (isinstance(one, str) and isinstance(other, str)) or (
        isinstance(one, int | float) and isinstance(other, int | float)
    )
    if not comparable:
        return False
    if operator in ("<", "<="):
        return bool(one < other or (operator == "<=" and one == other))
    return bool(one > other or (operator == ">=" and one == other))


def _operand(text: str, item: Any) -> list[Any]:
    if text.startswith("@"):
        return _walk(_steps(text), [item], True)
    quoted = _QUOTED.fullmatch(text)
    if quoted is not None:
        return [_unescaped(quoted[1] if quoted[1] is not None else quoted[2])]
    try:
        return [json.loads(text)]
    except ValueError as error:
        raise JsonPathError(f"unrecognized value {text} in a filter", hint="Put text into quotes.") from error
