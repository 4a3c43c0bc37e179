"""Arguments and blocks of resources and data sources against what the AWS provider takes."""

from __future__ import annotations

from collections.abc import Iterator

from eks_lab.catalog.suggestion import did_you_mean
from eks_lab.checker.model import Finding
from eks_lab.checker.rule import ERROR, NOTE, Rule
from eks_lab.checker.terraform.configuration import Configuration, Entity
from eks_lab.checker.terraform.inference import Names
from eks_lab.checker.terraform.schema import BlockShape, Kind, provider_schema
from eks_lab.checker.terraform.syntax import Attribute, Block, Body, Traversal
from eks_lab.checker.terraform.value_check import ValueCheck
from eks_lab.checker.terraform.value_type import NUMBER, STRING, ValueType, element_of

_LESSON = "terraform.verify"
UNKNOWN_TYPE = Rule(
    "tf-unknown-type", ERROR, "A resource or data source type that the AWS provider does not have.",
    "Use one that it has.", _LESSON,
)  # fmt: skip
UNKNOWN_ARGUMENT = Rule(
    "tf-unknown-argument", ERROR, "An argument or block that the provider does not know there.",
    "Remove it, or write the name that the provider has.", _LESSON,
)  # fmt: skip
MISSING_ARGUMENT = Rule(
    "tf-missing-argument", ERROR, "An argument or block that has to be there and is not.", "Add it.", _LESSON
)
READ_ONLY = Rule(
    "tf-read-only-argument",
    ERROR,
    "A value set for something that only the provider sets.",
    "Remove it.",
    _LESSON,
)
BLOCK_SHAPE = Rule(
    "tf-block-shape", ERROR, "A block written as an argument, or an argument written as a block.",
    "Write name { … } for a block, name = … for an argument.", _LESSON,
)  # fmt: skip
BLOCK_COUNT = Rule(
    "tf-block-count", ERROR, "More blocks of one type than the provider takes.", "Keep one of them.", _LESSON
)
DEPRECATED = Rule(
    "tf-deprecated-argument", NOTE, "An argument that the provider warns of and a later version removes.",
    "Use what replaced it.", _LESSON,
)  # fmt: skip
FOR_EACH = Rule(
    "tf-for-each-type", ERROR, "for_each over a list: it takes a map or a set of strings.",
    "Write toset(…), or { for x in … : x.name => x }.", _LESSON,
)  # fmt: skip
RULES = (
    UNKNOWN_TYPE, UNKNOWN_ARGUMENT, MISSING_ARGUMENT, READ_ONLY, BLOCK_SHAPE, BLOCK_COUNT, DEPRECATED, FOR_EACH,
)  # fmt: skip
META_ARGUMENTS = ("count", "for_each", "depends_on", "provider")
_DYNAMIC = ("for_each", "iterator", "labels", "content")
_META_BLOCKS = ("lifecycle", "provisioner", "connection")


class ArgumentCheck:
    """Judges the resources and data sources of one module."""

    def __init__(self, configuration: Configuration, values: ValueCheck) -> None:
        """Keep the module.

        Args:
            configuration: the module.
            values: judges its expressions.
        """
        self.configuration = configuration
        self.values = values

    def check(self) -> Iterator[Finding]:
        """Yield what is wrong."""
        for entity in (*self.configuration.resources.values(), *self.configuration.data.values()):
            yield from self._repetition(entity)
            if not entity.type.startswith("aws_"):
                yield from self._free(entity.body, entity, {})
                continue
            shape = entity.shape
            if shape is not None:
                yield from self.body(entity.body, shape, entity, entity.address, {})
            else:
                yield from self._unknown(entity)
                yield from self._free(entity.body, entity, {})

    def _unknown(self, entity: Entity) -> Iterator[Finding]:
        kind: Kind = "resource" if entity.kind == "resource" else "data"
        schema = provider_schema()
        if schema.exists(kind, entity.type):
            return
        other: Kind = "data" if kind == "resource" else "resource"
        near = did_you_mean(entity.type, schema.recorded(kind)) or did_you_mean(
            entity.type, schema.names(kind)
        )
        if schema.exists(other, entity.type):
            near = f'There is {other} "{entity.type}"; {near}'.rstrip("; ")
        word = "resource type" if kind == "resource" else "data source"
        yield UNKNOWN_TYPE.at(
            entity.file, entity.line, f"the AWS provider has no {word} {entity.type!r}", fix=near
        )

    def _repetition(self, entity: Entity) -> Iterator[Finding]:
        over = entity.body.attributes.get("for_each")
        count = entity.body.attributes.get("count")
        if over is not None:
            yield from self.values.inside(over.value, entity, {})
            kind = self.values.inference.of(over.value)
            if kind is not None and kind.kind in ("list", "tuple", "string", "number", "bool"):
                yield FOR_EACH.at(
                    entity.file,
                    over.line,
                    f"for_each of {entity.address} is {kind.words}, it takes a map or a set",
                )
        if count is not None:
            yield from self.values.argument(count.value, NUMBER, f"count of {entity.address}", entity, {})

    def _free(self, body: Body, owner: Entity, names: Names) -> Iterator[Finding]:
        """Judge the expressions where nothing is known about arguments."""
        for attribute in body.attributes.values():
            if attribute.name not in (
                "provider",
                "depends_on",
                "ignore_changes",
                "replace_triggered_by",
                "providers",
            ):
                yield from self.values.inside(attribute.value, owner, names)
        for block in body.blocks:
            if block.type == "dynamic":
                inner = self._dynamic_names(block, owner, names)
                for content in block.body.of_type("content"):
                    yield from self._free(content.body, owner, inner)
            else:
                # `self` has the type of the resource, which is not told here.
                yield from self._free(block.body, owner, {**names, "self": None})

    def body(
        self, body: Body, shape: BlockShape, owner: Entity, title: str, names: Names, *, line: int = 0
    ) -> Iterator[Finding]:
        """Yield what is wrong in a body.

        Args:
            body: of a resource or of a block in it.
            shape: what may stand there.
            owner: the resource.
            title: how to name the body.
            names: types of bound names.
            line: of the block; 0 for the resource's own body, which takes meta-arguments.
        """
        top = not line
        for attribute in body.attributes.values():
            if not (top and attribute.name in META_ARGUMENTS):
                yield from self._attribute(attribute, shape, owner, title, names)
        written: dict[str, int] = {}
        dynamic: set[str] = set()
        for block in body.blocks:
            if top and block.type in _META_BLOCKS:
                yield from self._free(block.body, owner, {**names, "self": None})
            elif block.type == "dynamic" and block.labels:
                dynamic.add(block.labels[0])
                yield from self._dynamic_shape(block, owner, title)
                inner = self._dynamic_names(block, owner, names)
                for content in block.body.of_type("content"):
                    yield from self._block(block.labels[0], content, shape, owner, title, inner)
            else:
                written[block.type] = written.get(block.type, 0) + 1
                inside = shape.blocks.get(block.type)
                if inside is not None and inside.most and written[block.type] == inside.most + 1:
                    yield BLOCK_COUNT.at(
                        owner.file,
                        block.line,
                        f"{title} has more than {inside.most} {block.type} block{'s' * (inside.most > 1)}",
                        fix="Keep one of them." if inside.most == 1 else f"Keep at most {inside.most}.",
                    )
                yield from self._block(block.type, block, shape, owner, title, names)
        yield from self._missing(body, shape, owner, title, dynamic, line or owner.line)

    def _dynamic_shape(self, block: Block, owner: Entity, title: str) -> Iterator[Finding]:
        place = f"dynamic {block.labels[0]} of {title}"
        if "for_each" not in block.body.attributes:
            yield MISSING_ARGUMENT.at(
                owner.file, block.line, f"{place} has no for_each", fix="Add for_each = …."
            )
        if not block.body.of_type("content"):
            yield MISSING_ARGUMENT.at(
                owner.file, block.line, f"{place} has no content", fix="Add content { … }."
            )
        for name, line in [(each.name, each.line) for each in block.body.attributes.values()] + [
            (each.type, each.line) for each in block.body.blocks
        ]:
            if name not in _DYNAMIC:
                near = did_you_mean(name, _DYNAMIC) or "Arguments of the block stand in content { … }."
                yield UNKNOWN_ARGUMENT.at(owner.file, line, f"{place} takes no {name!r}", fix=near)

    def _missing(
        self, body: Body, shape: BlockShape, owner: Entity, title: str, dynamic: set[str], line: int
    ) -> Iterator[Finding]:
        for name, argument in shape.arguments.items():
            if (
                argument.required
                and name not in body.attributes
                and not body.of_type(name)
                and name not in dynamic
            ):
                near = next((each for each in (*body.attributes, *dynamic) if each == f"{name}s"), "")
                fix = f"Add {name} = …." if not near else f"Rename {near} to {name}."
                yield MISSING_ARGUMENT.at(owner.file, line, f"{title} has no {name}", fix=fix)
        for name, block in shape.blocks.items():
            if block.least and name not in body.attributes and name not in dynamic and not body.of_type(name):
                yield MISSING_ARGUMENT.at(
                    owner.file, line, f"{title} has no {name} block", fix=f"Add {name} {{ … }}."
                )

    def _attribute(
        self, attribute: Attribute, shape: BlockShape, owner: Entity, title: str, names: Names
    ) -> Iterator[Finding]:
        name = attribute.name
        argument = shape.arguments.get(name)
        if argument is None:
            yield from self.values.inside(attribute.value, owner, names)
            block = shape.blocks.get(name)
            if block is None:
                yield self._no_such(name, shape, owner, attribute.line, title)
            elif block.nesting != "either":
                yield BLOCK_SHAPE.at(
                    owner.file,
                    attribute.line,
                    f"{name} of {title} is a block, here it is written as an argument",
                    fix=f'Write {name} {{ … }}, without =; for several, dynamic "{name}".',
                )
            return
        if not argument.writable:
            yield READ_ONLY.at(
                owner.file, attribute.line, f"{name} of {title} is set by the provider, not by you"
            )
        elif argument.deprecated:
            yield DEPRECATED.at(owner.file, attribute.line, f"{name} of {title} is deprecated")
        yield from self.values.argument(attribute.value, argument.type, f"{name} of {title}", owner, names)

    def _block(
        self, name: str, block: Block, shape: BlockShape, owner: Entity, title: str, names: Names
    ) -> Iterator[Finding]:
        inner = shape.blocks.get(name)
        place = f"{name} of {title}"
        if inner is not None:
            yield from self.body(block.body, inner, owner, place, names, line=block.line)
            return
        argument = shape.arguments.get(name)
        element = element_of(argument.type) if argument is not None else None
        if argument is None or (argument.type is None and not argument.writable):
            yield self._no_such(name, shape, owner, block.line, title)
        elif element is not None and element.kind == "object":
            yield from self._object_block(block.body, element, owner, place, names)
        elif argument.type is not None:
            yield BLOCK_SHAPE.at(
                owner.file,
                block.line,
                f"{place} is an argument, here it is written as a block",
                fix=f"Write {name} = {'{ … }' if argument.type.kind in ('map', 'object') else '…'}.",
            )

    def _object_block(
        self, body: Body, element: ValueType, owner: Entity, place: str, names: Names
    ) -> Iterator[Finding]:
        """Judge a block that the provider keeps as a list of objects, such as route of aws_route_table."""
        for attribute in body.attributes.values():
            if attribute.name not in element.attributes:
                near = did_you_mean(attribute.name, element.attributes)
                yield UNKNOWN_ARGUMENT.at(
                    owner.file, attribute.line, f"{place} takes no {attribute.name!r}", fix=near
                )
            wanted = element.attributes.get(attribute.name)
            yield from self.values.argument(
                attribute.value, wanted, f"{attribute.name} of {place}", owner, names
            )
        for block in body.blocks:
            if block.type not in element.attributes and block.type != "dynamic":
                near = did_you_mean(block.type, element.attributes)
                yield UNKNOWN_ARGUMENT.at(
                    owner.file, block.line, f"{place} takes no {block.type!r}", fix=near
                )

    def _no_such(self, name: str, shape: BlockShape, owner: Entity, line: int, title: str) -> Finding:
        known = [each for each, about in shape.arguments.items() if about.writable] + list(shape.blocks)
        near = did_you_mean(name, known)
        return UNKNOWN_ARGUMENT.at(owner.file, line, f"{title} takes no {name!r}", fix=near)

    def _dynamic_names(self, block: Block, owner: Entity, names: Names) -> Names:
        iterator = block.body.value("iterator")
        name = iterator.root if isinstance(iterator, Traversal) else (block.labels or [""])[0]
        over = block.body.value("for_each")
        kind = self.values.inference.of(over, names, owner) if over is not None else None
        key = STRING if kind is not None and kind.kind in ("map", "object") else None
        value = element_of(kind)
        return {**names, name: ValueType("object", attributes={"key": key, "value": value})}
