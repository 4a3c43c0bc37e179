"""Sets of fields behave like sets of paths."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from eks_lab.sim.patches.field_sets import (
    Fields,
    difference,
    intersection,
    is_member,
    paths,
    union,
)

PATHS = st.lists(st.sampled_from("abc"), min_size=1, max_size=3).map(tuple)
SETS = st.frozensets(PATHS, max_size=8)


def tree(members: frozenset[tuple[str, ...]]) -> Fields:
    nested: Fields = {}
    for path in sorted(members):
        here = nested
        for step in path:
            here = here.setdefault(f"f:{step}", {})
        here["."] = {}
    return shortest(nested)


def shortest(node: Fields) -> Fields:
    return {key: {} if set(inner) == {"."} else shortest(inner) for key, inner in node.items()}


def members(fields: Fields, prefix: tuple[str, ...] = ()) -> frozenset[tuple[str, ...]]:
    found = set()
    for element, node in fields.items():
        if element != ".":
            path = (*prefix, element[2:])
            if is_member(node):
                found.add(path)
            found |= members(node, path)
    return frozenset(found)


@given(SETS, SETS)
def test_operations_are_those_of_sets(
    one: frozenset[tuple[str, ...]], other: frozenset[tuple[str, ...]]
) -> None:
    first, second = tree(one), tree(other)
    assert members(first) == one
    assert union(first, second) == tree(one | other)
    assert difference(first, second) == tree(one - other)
    assert intersection(first, second) == tree(one & other)
    assert (first, second) == (tree(one), tree(other))


@given(SETS)
def test_paths_are_all_members(one: frozenset[tuple[str, ...]]) -> None:
    assert sorted(paths(tree(one))) == sorted("".join(f".{step}" for step in path) for path in one)


def test_elements_read_as_in_messages() -> None:
    fields: Fields = {
        "f:spec": {
            "f:ports": {'k:{"port":80,"protocol":"TCP"}': {".": {}, "f:name": {}}},
            "f:list": {'v:"x"': {}},
        }
    }
    assert list(paths(fields)) == [
        '.spec.list[="x"]',
        '.spec.ports[port=80,protocol="TCP"]',
        '.spec.ports[port=80,protocol="TCP"].name',
    ]
