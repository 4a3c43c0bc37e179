"""Which type an expression has, told from the provider's schema, declared types and the functions used."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from eks_lab.checker.terraform.configuration import Configuration, Entity
from eks_lab.checker.terraform.functions import result_type
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
from eks_lab.checker.terraform.value_type import (
    BOOL,
    NULL,
    NUMBER,
    OPEN_OBJECT,
    STRING,
    ValueType,
    element_of,
)

Names = Mapping[str, ValueType | None]
NO_NAMES: Names = {}
_MOST_PARTS = 5000
_MOST_LEVELS = 40
_DEEPEST = 100
"""Expressions inside expressions, locals that lead to locals included."""
_ARITHMETIC = frozenset("+-*/%")


@dataclass(frozen=True, slots=True)
class StepProblem:
    """Why a step of a traversal cannot be taken."""

    kind: str
    """`attribute` (there is none of that name) or `instance` (an index too much or too little)."""
    message: str
    """What is wrong, to go after the name of the traversal."""
    fix: str
    """What to write."""
    name: str = ""
    """Of the attribute that is not there."""
    known: tuple[str, ...] = ()
    """Names that are there."""


class Inference:
    """Tells the types of one module."""

    def __init__(self, configuration: Configuration) -> None:
        """Tell nothing before it is asked.

        Args:
            configuration: the module.
        """
        self.configuration = configuration
        self._depth = 0
        self._locals: dict[str, ValueType | None] = {}
        self._wholes: dict[str, ValueType | None] = {}

    def of(self, node: Expression, names: Names = NO_NAMES, owner: Entity | None = None) -> ValueType | None:
        """Return the type of an expression, None when it cannot be told.

        Args:
            node: the expression.
            names: types of names that a for or a dynamic block brings.
            owner: what it stands in, for `each` and `count`.
        """
        if self._depth > _DEEPEST:
            return None
        self._depth += 1
        try:
            return self._of(node, names, owner)
        finally:
            self._depth -= 1

    def _of(self, node: Expression, names: Names, owner: Entity | None) -> ValueType | None:
        if isinstance(node, Literal):
            if node.value is None:
                return NULL
            if isinstance(node.value, bool):
                return BOOL
            return STRING if isinstance(node.value, str) else NUMBER
        if isinstance(node, Template):
            if len(node.parts) == 1 and not isinstance(node.parts[0], str) and not node.loops:
                return self.of(node.parts[0], names, owner)
            return STRING
        if isinstance(node, Traversal):
            return self.traversal(node, names, owner)[0]
        if isinstance(node, Access):
            return self.steps(self.of(node.target, names, owner), node.steps)[0]
        if isinstance(node, Call):
            return result_type(node.name, [self.of(each, names, owner) for each in node.arguments])
        if isinstance(node, TupleValue):
            return ValueType("tuple", items=tuple(self.of(each, names, owner) for each in node.items))
        if isinstance(node, ObjectValue):
            return self._object(node, names, owner)
        if isinstance(node, ForValue):
            return self._for(node, names, owner)
        if isinstance(node, Conditional):
            then, other = self.of(node.then, names, owner), self.of(node.otherwise, names, owner)
            if then == NULL or other == NULL:
                return other if then == NULL else then
            return then if then == other else None
        return self._operation(node)

    def _operation(self, node: Operation) -> ValueType:
        if len(node.operands) == 1:
            return BOOL if node.operators == ["!"] else NUMBER
        return NUMBER if all(each in _ARITHMETIC for each in node.operators) else BOOL

    def _object(self, node: ObjectValue, names: Names, owner: Entity | None) -> ValueType:
        attributes: dict[str, ValueType | None] = {}
        is_open = False
        for key, value in node.items:
            if isinstance(key, Literal):
                attributes[str(key.value)] = self.of(value, names, owner)
            else:
                is_open = True
        return ValueType("object", attributes=attributes, is_open=is_open)

    def _for(self, node: ForValue, names: Names, owner: Entity | None) -> ValueType:
        collection = self.of(node.collection, names, owner)
        inner = dict(names) | self.loop_names(node, collection)
        value = self.of(node.value, inner, owner)
        if node.key is None:
            return ValueType("list", element=value)
        return ValueType("map", element=None if node.groups else value)

    def loop_names(self, node: ForValue, collection: ValueType | None) -> dict[str, ValueType | None]:
        """Return the types of the names that a for expression brings.

        Args:
            node: the for expression.
            collection: type of what it goes over.
        """
        element = element_of(collection)
        if collection is not None and collection.kind == "object" and not collection.whole:
            kinds = list(collection.attributes.values())
            same = bool(kinds) and all(kind == kinds[0] for kind in kinds)
            element = kinds[0] if same and not collection.is_open else None
        if len(node.names) == 1:
            return {node.names[0]: element}
        is_list = collection is not None and collection.kind in ("list", "tuple")
        key = NUMBER if is_list else STRING if collection is not None else None
        return {node.names[0]: key, node.names[1]: element}

    def traversal(
        self, node: Traversal, names: Names = NO_NAMES, owner: Entity | None = None
    ) -> tuple[ValueType | None, StepProblem | None]:
        """Return the type of a traversal and what is wrong with its steps.

        Args:
            node: the traversal.
            names: types of bound names.
            owner: what it stands in.
        """
        if node.root in names:
            return self.steps(names[node.root], node.steps)
        first = node.steps[0].name if node.steps else ""
        if node.root == "var" and first in self.configuration.variables:
            return self.steps(self.variable(self.configuration.variables[first]), node.steps[1:])
        if node.root == "local" and first in self.configuration.locals:
            return self.steps(self.local(first), node.steps[1:])
        if node.root == "each" and owner is not None:
            return self.steps(self._each(owner, first), node.steps[1:])
        if node.root == "count":
            return NUMBER, None
        if node.root in ("path", "terraform"):
            return STRING, None
        if node.root == "module":
            return self._module_output(node)
        if node.root == "data" and len(node.steps) > 1:
            entity = self.configuration.data.get((first, node.steps[1].name))
            return self.steps(self.whole(entity), node.steps[2:]) if entity else (None, None)
        entity = self.configuration.resources.get((node.root, first))
        return self.steps(self.whole(entity), node.steps[1:]) if entity else (None, None)

    def _module_output(self, node: Traversal) -> tuple[ValueType | None, StepProblem | None]:
        names = [step.name for step in node.steps[:2]]
        child = self.configuration.children.get(names[0]) if names else None
        module = self.configuration.modules.get(names[0]) if names else None
        if child is None or module is None or module.repetition or len(names) < 2:
            return None, None
        output = child.outputs.get(names[1])
        value = output.body.value("value") if output else None
        if value is None:
            return None, None
        return self.steps(Inference(child).of(value), node.steps[2:])

    def whole(self, entity: Entity) -> ValueType | None:
        """Return the type of a resource or data source without any step."""
        key = f"{entity.kind}.{entity.address}"
        if key not in self._wholes:
            shape = entity.shape
            kind = None if shape is None else replace(shape.type, whole=entity.address)
            if kind is not None and entity.repetition:
                container = "list" if entity.repetition == "count" else "map"
                kind = ValueType(container, element=kind, whole=entity.address)
            self._wholes[key] = kind
        return self._wholes[key]

    def local(self, name: str) -> ValueType | None:
        """Return the type of a local."""
        if name not in self._locals:
            # A local that leads back to itself is told as unknown; the cycle is reported elsewhere.
            self._locals[name] = None
            value = self.configuration.locals[name].value
            found = self.of(value) if value is not None else None
            self._locals[name] = None if _is_huge(found) else found
        return self._locals[name]

    def variable(self, entity: Entity) -> ValueType | None:
        """Return the declared type of a variable, None without one."""
        constraint = entity.body.value("type")
        return None if constraint is None else constraint_type(constraint)

    def _each(self, owner: Entity, name: str) -> ValueType | None:
        if name == "key":
            return STRING
        over = owner.body.value("for_each")
        kind = self.of(over) if over is not None else None
        if kind is not None and kind.kind == "object":
            kinds = list(kind.attributes.values())
            return (
                kinds[0] if kinds and not kind.is_open and all(each == kinds[0] for each in kinds) else None
            )
        return element_of(kind)

    def steps(self, kind: ValueType | None, steps: list[Step]) -> tuple[ValueType | None, StepProblem | None]:
        """Return the type behind some steps, and the first step that cannot be taken.

        Args:
            kind: of what the steps start from.
            steps: in their order.
        """
        for number, step in enumerate(steps):
            if kind is None:
                return None, None
            if step.kind == "splat":
                return self._splat(kind, steps[number + 1 :])
            name = step.name
            if step.kind == "index" and isinstance(step.index, Literal) and isinstance(step.index.value, str):
                name = step.index.value
            by_name = step.kind == "attribute" or (bool(name) and kind.kind == "object" and not kind.whole)
            kind, problem = _attribute(kind, name) if by_name else _index(kind)
            if problem is not None:
                return None, problem
        return kind, None

    def _splat(self, kind: ValueType, rest: list[Step]) -> tuple[ValueType | None, StepProblem | None]:
        if kind.kind == "map" and kind.whole:
            return None, StepProblem(
                "instance",
                "has for_each, so it is a map, and [*] takes lists only",
                f"Write values({kind.whole})[*] or [for each in {kind.whole} : each.id].",
            )
        if kind.kind not in ("list", "set", "tuple"):
            inner, problem = self.steps(kind, rest)
            return ValueType("list", element=inner), problem
        inner, problem = self.steps(element_of(kind), rest)
        return ValueType("list", element=inner), problem


def _is_huge(kind: ValueType | None) -> bool:
    """Whether a type has grown beyond use: locals that hold each other twice double it each time."""
    waiting, seen = [(kind, 0)], 0
    while waiting:
        current, depth = waiting.pop()
        seen += 1
        if seen > _MOST_PARTS or depth > _MOST_LEVELS:
            return True
        if current is not None and not current.whole:
            inner = (current.element, *current.items, *current.attributes.values())
            waiting += [(each, depth + 1) for each in inner]
    return False


def _attribute(kind: ValueType, name: str) -> tuple[ValueType | None, StepProblem | None]:
    if kind.kind == "object":
        if name in kind.attributes or kind.is_open:
            return kind.attributes.get(name), None
        return None, StepProblem(
            "attribute", f"has no attribute {name!r}", "Use one that it has.", name, tuple(kind.attributes)
        )
    if kind.kind == "map" and not kind.whole:
        return kind.element, None
    if kind.whole:
        key = "[count.index] or [0]" if kind.kind == "list" else "[each.key]"
        word = "count" if kind.kind == "list" else "for_each"
        return None, StepProblem(
            "instance",
            f"has {word}, so it is {'a list' if word == 'count' else 'a map'} of instances; .{name} needs one of them",
            f"Write {kind.whole}{key}.{name}.",
        )
    if kind.kind in ("list", "set", "tuple"):
        how = f"[0].{name}" if kind.kind != "set" else f" through one(…[*].{name})"
        return None, StepProblem("instance", f"meets {kind.words} before .{name}", f"Take one of it: …{how}.")
    return None, StepProblem(
        "attribute", f"meets {kind.words} before .{name}, which has no attributes", "Stop before it.", name
    )


def _index(kind: ValueType) -> tuple[ValueType | None, StepProblem | None]:
    if kind.kind in ("list", "tuple", "map"):
        return element_of(kind), None
    if kind.kind == "set":
        return None, StepProblem(
            "instance", "indexes a set, which has no order", "Write tolist(…)[0] or one(…)."
        )
    if kind.whole:
        return None, StepProblem(
            "instance",
            "has neither count nor for_each, so there is nothing to index",
            f"Write {kind.whole} without […].",
        )
    if kind.kind == "object":
        return None, None
    return None, StepProblem("instance", f"indexes {kind.words}", "Remove the index.")


def constraint_type(node: Expression) -> ValueType | None:
    """Return the type that a variable's `type` asks for, None for `any` or what cannot be read.

    Args:
        node: `list(string)`, `object({ name = string })`, an old quoted `"string"`.
    """
    simple = {"string": STRING, "number": NUMBER, "bool": BOOL}
    if isinstance(node, Literal) and isinstance(node.value, str):
        return simple.get(node.value)
    if isinstance(node, Traversal):
        if node.root in ("list", "set", "map") and not node.steps:
            return ValueType(node.root)
        return simple.get(node.root)
    if not isinstance(node, Call) or not node.arguments:
        return None
    inner = node.arguments[0]
    if node.name == "optional":
        return constraint_type(inner)
    if node.name in ("list", "set", "map"):
        return ValueType(node.name, element=constraint_type(inner))
    if node.name == "tuple" and isinstance(inner, TupleValue):
        return ValueType("tuple", items=tuple(constraint_type(each) for each in inner.items))
    if node.name == "object" and isinstance(inner, ObjectValue):
        return ValueType(
            "object",
            attributes={
                str(key.value): constraint_type(value)
                for key, value in inner.items
                if isinstance(key, Literal)
            },
        )
    return OPEN_OBJECT if node.name == "object" else None
