"""What is told about CEL before it is taken: syntax, unknown names and fields, types that can be seen."""

from __future__ import annotations

import pytest

from eks_lab.kube.types import Schema
from eks_lab.sim.resources import expressions
from eks_lab.sim.resources.expression_checks import (
    chain_type,
    condition_problem,
    undeclared_problem,
    unknown_field_problem,
)

pytestmark = pytest.mark.skipif(not expressions.available(), reason="no CEL interpreter")

_DECLARED = ("object", "oldObject", "request", "variables")
_SCHEMA = Schema(
    {
        "type": "object",
        "properties": {
            "size": {"type": "integer"},
            "ready": {"type": "boolean"},
            "labels": {"type": "object", "additionalProperties": {"type": "string"}},
            "free": {"type": "object", "x-kubernetes-preserve-unknown-fields": True},
            "parts": {"type": "array", "items": {"type": "object", "properties": {"a": {"type": "string"}}}},
            "inner": {"type": "object", "properties": {"name": {"type": "string"}}},
        },
    }
)


@pytest.mark.parametrize(
    "text",
    [
        "object.spec.replicas <= 5",
        "object.spec.containers.all(c, c.image != '') && !has(oldObject.spec)",
        "variables.names.exists(name, name == 'nothing.here')",
        "request.userInfo.groups.map(g, g + 'x').size() > 0",
        "type(object.spec.replicas) == int",
        "[1, 2].exists_one(i, i == 1)",
    ],
)
def test_good_conditions_pass(text: str) -> None:
    assert condition_problem(text, _DECLARED) == ""


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("1 + 1", "must evaluate to bool but got int"),
        ("'a' + 'b'", "must evaluate to bool but got string"),
        (
            "true &&\n  other.x",
            "compilation failed: ERROR: <input>:2:3: undeclared reference to 'other' (in container '')\n |   other.x\n | ..^",
        ),
    ],
)
def test_bad_conditions_are_named(text: str, problem: str) -> None:
    assert condition_problem(text, _DECLARED) == problem


def test_syntax_errors_point_at_their_place() -> None:
    problem = condition_problem("object.metadata.name +", _DECLARED)
    assert problem.startswith(
        "compilation failed: ERROR: <input>:1:23: Syntax error: mismatched input '<EOF>'"
    )
    assert problem.endswith("\n | object.metadata.name +\n | ......................^")


def test_a_bound_name_is_only_known_when_a_macro_binds_it() -> None:
    assert undeclared_problem("object.a.all(x, x > 1)", _DECLARED) == ""
    assert "undeclared reference to 'x'" in undeclared_problem("object.a == x", _DECLARED)


@pytest.mark.parametrize(
    "text",
    [
        "self.size > 1 && self.inner.name.startsWith('a')",
        "self.labels.anything == 'x' || self.free.anything.more",
        "self.parts.all(p, p.a != '')",
        "self.inner.name == 'self.nothing'",
        "!has(self.inner) || oldSelf.ready",
    ],
)
def test_fields_of_the_schema_are_known(text: str) -> None:
    assert unknown_field_problem(text, _SCHEMA, is_root=False) == ""


def test_a_field_that_is_not_there_is_pointed_at() -> None:
    problem = unknown_field_problem("self.inner.nam == 'a'", _SCHEMA, is_root=False)
    assert problem == (
        "compilation failed: ERROR: <input>:1:11: undefined field 'nam'\n | self.inner.nam == 'a'\n | ..........^"
    )


def test_a_whole_object_always_has_a_kind() -> None:
    assert unknown_field_problem("self.metadata.name != self.kind", _SCHEMA, is_root=True) == ""
    assert "undefined field 'kind'" in unknown_field_problem("self.kind", _SCHEMA, is_root=False)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("self.size", "integer"),
        ("self.ready", "boolean"),
        ("self.size > 1", ""),
        ("self.inner.name", "string"),
    ],
)
def test_the_type_of_a_chain_is_its_fields(text: str, kind: str) -> None:
    assert chain_type(text, _SCHEMA) == kind
