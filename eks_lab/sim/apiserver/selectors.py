"""Label and field selectors of lists and watches, as one predicate."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from eks_lab.kube.labels import SelectorError, parse_selector
from eks_lab.sim.objects import Obj, bad_request
from eks_lab.sim.resource import Resource

Predicate = Callable[[Obj], bool]

_COMMON: Mapping[str, Callable[[Obj], str]] = {
    "metadata.name": lambda obj: obj["metadata"]["name"],
    "metadata.namespace": lambda obj: obj["metadata"].get("namespace", ""),
}


def predicate_of(resource: Resource, labels: str, fields: str, name: str = "") -> Predicate | None:
    """Return what decides whether an object is listed; None when everything is.

    Args:
        resource: whose field labels count.
        labels: `labelSelector`.
        fields: `fieldSelector`.
        name: the one object a watch of a single name is for.

    Raises:
        ApiError: 400, a selector cannot be read.
    """
    tests: list[Predicate] = []
    if labels:
        try:
            selector = parse_selector(labels)
        except SelectorError as error:
            raise bad_request(error.message) from error
        if not selector.empty:
            tests.append(lambda obj: selector.matches(obj["metadata"].get("labels")))
    if fields:
        tests += _field_tests(resource, fields)
    if name:
        tests.append(lambda obj: bool(obj["metadata"]["name"] == name))
    if not tests:
        return None
    if len(tests) == 1:
        return tests[0]
    return lambda obj: all(test(obj) for test in tests)


def _field_tests(resource: Resource, text: str) -> list[Predicate]:
    known = {**_COMMON, **resource.field_labels}
    return [_field_test(known, each) for each in _terms(text)]


def _field_test(known: Mapping[str, Callable[[Obj], str]], term: tuple[str, bool, str]) -> Predicate:
    label, wanted, value = term
    read = known.get(label)
    if read is None:
        if set(known) == set(_COMMON):
            raise bad_request(
                f'"{label}" is not a known field selector: only "metadata.name", "metadata.namespace"'
            )
        raise bad_request(f"field label not supported: {label}")
    return lambda obj: (read(obj) == value) is wanted


def _terms(text: str) -> list[tuple[str, bool, str]]:
    """Split `a=b,c!=d` (fields/selector.go: splitTerms, splitTerm); a backslash escapes."""
    terms: list[str] = [""]
    escaped = False
    for letter in text:
        if not escaped and letter == ",":
            terms.append("")
            continue
        escaped = not escaped and letter == "\\"
        terms[-1] += letter
    found = []
    for term in terms:
        if not term:
            continue
        for sign, wanted in (("!=", False), ("==", True), ("=", True)):
            label, separator, value = term.partition(sign)
            if separator:
                found.append((label, wanted, _unescaped(value, text)))
                break
        else:
            raise bad_request(f"invalid selector: '{text}'; can't understand '{term}'")
    return found


def _unescaped(value: str, text: str) -> str:
    plain, escaped = "", False
    for letter in value:
        if escaped:
            if letter not in "\\,=":
                raise bad_request(
                    f"invalid field selector: invalid escape sequence in field selector: \\{letter}"
                )
            plain, escaped = plain + letter, False
        elif letter == "\\":
            escaped = True
        else:
            plain += letter
    return plain
