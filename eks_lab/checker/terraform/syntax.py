"""HCL as a tree: bodies of arguments and blocks, and expressions. Every node knows its line, counted from 1."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass(slots=True)
class Literal:
    """A text, number, `true`, `false` or `null` without anything to work out."""

    value: str | int | float | bool | None
    line: int


@dataclass(slots=True)
class Template:
    """A text with interpolations; `"${x}"` alone is one as well."""

    parts: list[str | Expression]
    line: int
    loops: tuple[tuple[str, ...], ...] = ()
    """Names that `%{ for }` directives bring, for all of the text."""


@dataclass(slots=True)
class Step:
    """One step of a traversal."""

    kind: str
    """`attribute`, `index` or `splat`."""
    name: str
    """Of an attribute."""
    index: Expression | None
    """Of an index."""


@dataclass(slots=True)
class Traversal:
    """`aws_subnet.nodes[0].id`."""

    root: str
    steps: list[Step]
    line: int

    @property
    def text(self) -> str:
        """Return it as written, with `[…]` for an index that is no constant."""
        return self.root + steps_text(self.steps)


@dataclass(slots=True)
class Access:
    """Steps after something that is no name: `values(x)[*].id`."""

    target: Expression
    steps: list[Step]
    line: int


@dataclass(slots=True)
class Call:
    """A function call."""

    name: str
    arguments: list[Expression]
    line: int
    expands: bool = False
    """Whether the last argument ends in `...`."""


@dataclass(slots=True)
class TupleValue:
    """`[a, b]`."""

    items: list[Expression]
    line: int


@dataclass(slots=True)
class ObjectValue:
    """`{ a = 1 }`; a bare key is a Literal."""

    items: list[tuple[Expression, Expression]]
    line: int


@dataclass(slots=True)
class ForValue:
    """`[for x in y : z if c]` and `{for k, v in y : k => v}`."""

    names: tuple[str, ...]
    collection: Expression
    key: Expression | None
    """None for the form in square brackets."""
    value: Expression
    condition: Expression | None
    line: int
    groups: bool = False
    """Whether the value ends in `...`."""


@dataclass(slots=True)
class Conditional:
    """`a ? b : c`."""

    condition: Expression
    then: Expression
    otherwise: Expression
    line: int


@dataclass(slots=True)
class Operation:
    """Operands with operators between them, flat: who binds tighter does not matter to a checker."""

    operators: list[str]
    operands: list[Expression]
    line: int


Expression = (
    Literal
    | Template
    | Traversal
    | Access
    | Call
    | TupleValue
    | ObjectValue
    | ForValue
    | Conditional
    | Operation
)


@dataclass(slots=True)
class Attribute:
    """`name = expression`."""

    name: str
    value: Expression
    line: int


@dataclass(slots=True)
class Block:
    """`type "label" { … }`."""

    type: str
    labels: list[str]
    body: Body
    line: int


@dataclass(slots=True)
class Body:
    """What stands between two braces, or in a file."""

    attributes: dict[str, Attribute] = field(default_factory=dict)
    """By name; the first one where a name comes twice."""
    blocks: list[Block] = field(default_factory=list)
    """In their order."""
    duplicates: list[Attribute] = field(default_factory=list)
    """Arguments whose name came before."""

    def of_type(self, name: str) -> list[Block]:
        """Return the blocks of one type."""
        return [block for block in self.blocks if block.type == name]

    def value(self, name: str) -> Expression | None:
        """Return the expression of an argument, None when it is not set."""
        found = self.attributes.get(name)
        return found.value if found else None


def steps_text(steps: list[Step]) -> str:
    """Return steps as written, with `[…]` for an index that is no constant."""
    text = ""
    for step in steps:
        if step.kind == "attribute":
            text += f".{step.name}"
        elif step.kind == "splat":
            text += "[*]"
        elif isinstance(step.index, Literal):
            shown = f'"{step.index.value}"' if isinstance(step.index.value, str) else str(step.index.value)
            text += f"[{shown}]"
        elif isinstance(step.index, Traversal) and len(step.index.steps) <= 1:
            text += f"[{step.index.text}]"
        else:
            text += "[…]"
    return text


def children(node: Expression) -> Iterator[Expression]:
    """Yield the expressions directly inside one."""
    if isinstance(node, Template):
        yield from (part for part in node.parts if not isinstance(part, str))
    elif isinstance(node, Traversal | Access):
        if isinstance(node, Access):
            yield node.target
        yield from (step.index for step in node.steps if step.index is not None)
    elif isinstance(node, Call):
        yield from node.arguments
    elif isinstance(node, TupleValue):
        yield from node.items
    elif isinstance(node, ObjectValue):
        for key, value in node.items:
            yield key
            yield value
    elif isinstance(node, ForValue):
        yield node.collection
        if node.key is not None:
            yield node.key
        yield node.value
        if node.condition is not None:
            yield node.condition
    elif isinstance(node, Conditional):
        yield from (node.condition, node.then, node.otherwise)
    elif isinstance(node, Operation):
        yield from node.operands


def expressions(node: Expression) -> Iterator[Expression]:
    """Yield an expression and all below it, outermost first."""
    waiting = [node]
    while waiting:
        current = waiting.pop()
        yield current
        waiting.extend(reversed(list(children(current))))


def body_expressions(body: Body) -> Iterator[tuple[str, Expression]]:
    """Yield argument name and expression for each argument in a body and its blocks."""
    waiting = [body]
    while waiting:
        current = waiting.pop()
        for attribute in current.attributes.values():
            yield attribute.name, attribute.value
        waiting.extend(block.body for block in reversed(current.blocks))
