"""Who refers to what: every traversal of a module with the names that are bound around it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from eks_lab.checker.terraform.configuration import Configuration, Entity
from eks_lab.checker.terraform.syntax import (
    Block,
    Body,
    Call,
    Expression,
    ForValue,
    Template,
    Traversal,
    children,
)

_NO_REFERENCES = frozenset({"provider", "providers", "ignore_changes"})
_META_BLOCKS = frozenset({"lifecycle", "provisioner", "connection"})
NOWHERE = Entity("file", "", "", "", 0, Body())


@dataclass(slots=True)
class Use:
    """One traversal where it stands."""

    traversal: Traversal
    file: str
    owner: Entity
    """The entity it stands in; one of kind `file` when it has no name of its own."""
    bound: frozenset[str]
    """Names that a for expression or a dynamic block brings."""
    is_dependency: bool = False
    """Whether it stands in depends_on or replace_triggered_by, where whole objects are meant."""
    has_self: bool = False
    """Whether `self` means something here."""


@dataclass(slots=True)
class CallUse:
    """One function call where it stands."""

    call: Call
    file: str
    owner: Entity
    bound: frozenset[str]


class UseFinder:
    """Collects the uses and the calls of a module."""

    def __init__(self, configuration: Configuration) -> None:
        """Walk everything once.

        Args:
            configuration: the module.
        """
        self.uses: list[Use] = []
        self.calls: list[CallUse] = []
        for entity in configuration.entities():
            self._entity(entity)
        for provider in configuration.providers:
            self._body(provider.body, provider, frozenset())
        for file, body in configuration.files.items():
            if not file.endswith(".tfvars"):
                for block in body.blocks:
                    self._nameless(file, block)

    def _nameless(self, file: str, block: Block) -> None:
        owner = Entity("file", "", "", file, block.line, block.body)
        if block.type == "check":
            for inner in block.body.of_type("assert"):
                self._body(inner.body, owner, frozenset())
        elif block.type in ("import", "moved", "removed"):
            identity = block.body.value("id")
            if identity is not None:
                bound = frozenset({"each"}) if "for_each" in block.body.attributes else frozenset()
                self._expression(identity, owner, bound)

    def _entity(self, entity: Entity) -> None:
        if entity.kind == "variable":
            for block in entity.body.of_type("validation"):
                self._body(block.body, entity, frozenset())
        elif entity.kind == "local" and entity.value is not None:
            self._expression(entity.value, entity, frozenset())
        else:
            self._body(entity.body, entity, frozenset())

    def _body(self, body: Body, owner: Entity, bound: frozenset[str], *, has_self: bool = False) -> None:
        for attribute in body.attributes.values():
            if attribute.name in _NO_REFERENCES:
                continue
            whole = attribute.name in ("depends_on", "replace_triggered_by")
            self._expression(attribute.value, owner, bound, is_dependency=whole, has_self=has_self)
        for block in body.blocks:
            if block.type == "dynamic":
                self._dynamic(block, owner, bound, has_self=has_self)
            else:
                self._body(block.body, owner, bound, has_self=has_self or block.type in _META_BLOCKS)

    def _dynamic(self, block: Block, owner: Entity, bound: frozenset[str], *, has_self: bool) -> None:
        iterator = block.body.value("iterator")
        name = iterator.root if isinstance(iterator, Traversal) else (block.labels or [""])[0]
        for attribute in block.body.attributes.values():
            if attribute.name == "for_each":
                self._expression(attribute.value, owner, bound, has_self=has_self)
            elif attribute.name == "labels":
                self._expression(attribute.value, owner, bound | {name})
        for inner in block.body.of_type("content"):
            self._body(inner.body, owner, bound | {name}, has_self=has_self)

    def _expression(
        self,
        expression: Expression,
        owner: Entity,
        bound: frozenset[str],
        *,
        is_dependency: bool = False,
        has_self: bool = False,
    ) -> None:
        waiting: list[tuple[Expression, frozenset[str]]] = [(expression, bound)]
        while waiting:
            node, names = waiting.pop()
            if isinstance(node, Traversal):
                self.uses.append(Use(node, owner.file, owner, names, is_dependency, has_self))
            elif isinstance(node, Call):
                self.calls.append(CallUse(node, owner.file, owner, names))
            inner = names
            if isinstance(node, ForValue):
                waiting.append((node.collection, names))
                inner = names | set(node.names)
                rest = (node.key, node.value, node.condition)
                waiting += [(each, inner) for each in rest if each is not None]
                continue
            if isinstance(node, Template):
                inner = names | {name for loop in node.loops for name in loop}
            waiting += [(each, inner) for each in children(node)]


def target_of(use: Use, configuration: Configuration) -> Entity | None:
    """Return what a use means, None when it is no entity of this module or is not declared.

    Args:
        use: a traversal.
        configuration: its module.
    """
    traversal = use.traversal
    if traversal.root in use.bound:
        return None
    names = [step.name for step in traversal.steps[:2] if step.kind == "attribute"]
    first = names[0] if names else ""
    single = {
        "var": configuration.variables,
        "local": configuration.locals,
        "module": configuration.modules,
    }.get(traversal.root)
    if single is not None:
        return single.get(first)
    if traversal.root in ("data", "ephemeral") and len(names) == 2:
        typed = configuration.data if traversal.root == "data" else configuration.ephemerals
        return typed.get((names[0], names[1]))
    return configuration.resources.get((traversal.root, first))


def addresses(uses: list[Use], configuration: Configuration) -> Iterator[tuple[Entity, Entity, Use]]:
    """Yield owner, target and use for each use that is resolved."""
    for use in uses:
        target = target_of(use, configuration)
        if target is not None:
            yield use.owner, target, use
