"""Lists: selectors, pages, and a look back at an earlier revision (apiserver/pkg/storage/cacher, etcd3/store.go)."""

from __future__ import annotations

import base64
import binascii
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass

import orjson

from eks_lab.sim.api.go_json import syntax_problem
from eks_lab.sim.objects import ApiError, Key, Obj, bad_request, key_of
from eks_lab.sim.store import Store

Predicate = Callable[[Obj], bool]

_INCONSISTENT = (
    "The provided continue parameter is too old to display a consistent list result. You can start a new list "
    "without the continue parameter, or use the continue token in this response to retrieve the remainder of "
    "the results. Continuing with the provided token results in an inconsistent list - objects that were "
    "created, modified, or deleted between the time the first chunk was returned and now may show up in the list."
)


@dataclass(frozen=True, slots=True)
class ListOptions:
    """What a list may ask for."""

    namespace: str = ""
    """Empty for all namespaces."""
    matches: Predicate | None = None
    """Label and field selectors together; None takes everything."""
    limit: int = 0
    """Most objects in a page; 0 for all."""
    token: str = ""
    """`continue` of the page before."""
    revision: str = ""
    """`resourceVersion`."""
    match: str = ""
    """`resourceVersionMatch`: Exact or NotOlderThan."""


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list."""

    keys: list[Key]
    """Of the objects, in order."""
    objects: list[Obj] | None
    """The objects where they are not the present ones (a look back); else None and `keys` says it all."""
    revision: int
    """`metadata.resourceVersion` of the list."""
    token: str = ""
    """`metadata.continue`; empty on the last page."""
    remaining: int | None = None
    """`metadata.remainingItemCount`; None where a selector makes it unknown."""


_MOST_DIGITS = 20
"""Of the largest uint64."""


def parse_revision(text: str) -> int:
    """Return the number in a resourceVersion.

    Raises:
        ApiError: 400, it is none.
    """
    why = "invalid syntax"
    if text.isascii() and text.isdecimal():
        if len(text) < _MOST_DIGITS:
            return int(text)
        why = "value out of range"
    raise bad_request(
        f'invalid resource version: resourceVersion: Invalid value: "{text}": '
        f'strconv.ParseUint: parsing "{text}": {why}'
    )


def too_large(wanted: int, present: int) -> ApiError:
    """Return the answer to a revision of the future."""
    return ApiError(
        504,
        "Timeout",
        f"Too large resource version: {wanted}, current: {present}",
        {
            "causes": [{"reason": "ResourceVersionTooLarge", "message": "Too large resource version"}],
            "retryAfterSeconds": 1,
        },
    )


def check_options(options: ListOptions) -> None:
    """Refuse combinations that mean nothing (ValidateListOptions).

    Raises:
        ApiError: 422.
    """
    problem = ""
    path = "resourceVersionMatch"
    if options.match:
        if options.token:
            problem = "Forbidden: resourceVersionMatch is forbidden when continue is provided"
        elif not options.revision:
            problem = "Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided"
        elif options.match not in ("Exact", "NotOlderThan"):
            problem = f'Unsupported value: "{options.match}": supported values: "Exact", "NotOlderThan"'
        elif options.match == "Exact" and options.revision == "0":
            problem = 'Forbidden: resourceVersionMatch "exact" is forbidden for resourceVersion "0"'
    if problem:
        details = {
            "group": "meta.k8s.io",
            "kind": "ListOptions",
            "causes": [
                {"reason": f"FieldValue{problem.partition(':')[0]}", "message": problem, "field": path}
            ],
        }
        raise ApiError(422, "Invalid", f'ListOptions.meta.k8s.io "" is invalid: {path}: {problem}', details)


def list_page(store: Store, resource: str, options: ListOptions) -> Page:
    """Return a page of a list.

    Args:
        store: where the objects are.
        resource: `pods`.
        options: what is asked for.

    Raises:
        ApiError: 400 bad token or revision, 410 too old, 422 bad combination, 504 a revision of the future.
    """
    check_options(options)
    if options.token:
        return _next_page(store, resource, options)
    if options.revision:
        wanted = parse_revision(options.revision)
        if wanted > store.revision:
            raise too_large(wanted, store.revision)
        exact = options.match == "Exact" or (options.limit > 0 and wanted > 0 and not options.match)
        if exact and wanted < store.revision:
            return _page(store, resource, options, wanted, _snapshot(store, resource, options, wanted), None)
    return _page(store, resource, options, store.revision, None, None)


def _next_page(store: Store, resource: str, options: ListOptions) -> Page:
    revision, start = _decode_token(options.token)
    if options.revision and options.revision != "0":
        raise bad_request("specifying resource version is not allowed when using continue")
    if revision < 0:
        revision = store.revision
    if revision == store.revision:
        return _page(store, resource, options, revision, None, start)
    try:
        objects = _snapshot(store, resource, options, revision)
    except ApiError as error:
        token = _encode_token(-1, start)
        raise ApiError(410, "Expired", _INCONSISTENT, {**error.details, "continue": token}) from error
    return _page(store, resource, options, revision, objects, start)


def _snapshot(store: Store, resource: str, options: ListOptions, revision: int) -> dict[Key, Obj]:
    """Return the objects as they were at a revision, by undoing the writes since."""
    objects: dict[Key, Obj] = {key_of(obj): obj for obj in store.items(resource, options.namespace)}
    for event in reversed(store.since(revision)):
        if event.resource != resource:
            continue
        key = key_of(event.obj)
        if options.namespace and key.namespace != options.namespace:
            continue
        if event.old is None:
            objects.pop(key, None)
        else:
            objects[key] = event.old
    return {key: objects[key] for key in sorted(objects)}


def _page(
    store: Store,
    resource: str,
    options: ListOptions,
    revision: int,
    snapshot: dict[Key, Obj] | None,
    start: Key | None,
) -> Page:
    keys = list(snapshot) if snapshot is not None else list(store.keys(resource, options.namespace))
    first = bisect_right(keys, start) if start is not None else 0
    if options.matches is None:
        last = first + options.limit if options.limit else len(keys)
        chosen = keys[first:last] if first or last < len(keys) else keys
        remaining = len(keys) - first - len(chosen)
    else:
        chosen = []
        remaining = 0
        for number in range(first, len(keys)):
            key = keys[number]
            obj = snapshot[key] if snapshot is not None else store.get(resource, key)
            if obj is None or not options.matches(obj):
                continue
            if options.limit and len(chosen) == options.limit:
                remaining = 1
                break
            chosen.append(key)
    objects = [snapshot[key] for key in chosen] if snapshot is not None else None
    if remaining > 0 and chosen:
        known = remaining if options.matches is None else None
        return Page(chosen, objects, revision, _encode_token(revision, chosen[-1]), known)
    return Page(chosen, objects, revision)


def _encode_token(revision: int, start: Key) -> str:
    body = orjson.dumps({"v": "meta.k8s.io/v1", "rv": revision, "start": f"{start.namespace}/{start.name}\0"})
    return base64.urlsafe_b64encode(body).decode().rstrip("=")


def _decode_token(token: str) -> tuple[int, Key]:
    try:
        text = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
    except (ValueError, binascii.Error) as error:
        raise _bad_token(f"illegal base64 data: {error}") from error
    try:
        body = orjson.loads(text)
    except orjson.JSONDecodeError:
        raise _bad_token(syntax_problem(text)) from None
    if not isinstance(body, dict) or body.get("v") != "meta.k8s.io/v1":
        raise bad_request(
            "invalid continue token: continue key is not valid: server does not recognize this encoded version"
        )
    revision, start = body.get("rv"), body.get("start")
    if not isinstance(revision, int) or not isinstance(start, str):
        raise _bad_token("incorrect encoded start resourceVersion")
    namespace, _, name = start.rstrip("\0").partition("/")
    return revision, Key(namespace, name)


def _bad_token(problem: str) -> ApiError:
    return bad_request(f"invalid continue token: continue key is not valid: {problem}")
