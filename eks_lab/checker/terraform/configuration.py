"""One Terraform module: what its files declare, by kind and name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from eks_lab.checker.terraform.schema import BlockShape, Kind, provider_schema
from eks_lab.checker.terraform.syntax import Attribute, Block, Body, Expression, Literal


@dataclass(slots=True)
class Entity:
    """A resource, a data source, a variable …: something with a name that others refer to."""

    kind: str
    """`resource`, `data`, `variable`, `local`, `module`, `output`, `provider`."""
    type: str
    """Of a resource or data source; empty else."""
    name: str
    """Its own name."""
    file: str
    """Where it is declared."""
    line: int
    """Of its first line."""
    body: Body
    """What it holds; empty for a local."""
    value: Expression | None = None
    """Of a local."""

    @property
    def address(self) -> str:
        """Return how others write it: `aws_vpc.main`, `data.aws_region.here`, `var.name`."""
        prefix = {"data": "data.", "variable": "var.", "ephemeral": "ephemeral."}
        if self.type:
            return f"{prefix.get(self.kind, '')}{self.type}.{self.name}"
        return f"{prefix.get(self.kind, self.kind + '.')}{self.name}"

    @property
    def repetition(self) -> str:
        """Return `count`, `for_each` or nothing."""
        return next((name for name in ("for_each", "count") if name in self.body.attributes), "")

    @property
    def shape(self) -> BlockShape | None:
        """Return what the provider takes for it, None when it is not on record."""
        if self.kind not in ("resource", "data"):
            return None
        kind: Kind = "resource" if self.kind == "resource" else "data"
        return provider_schema().shape(kind, self.type)

    def blocks(self, name: str) -> list[Block]:
        """Return its blocks of a type; the content of a dynamic one counts as one."""
        return blocks_of(self.body, name)

    def argument(self, *path: str) -> Attribute | None:
        """Return an argument, below blocks when the path has several names; the first that is there."""
        bodies = [self.body]
        for name in path[:-1]:
            bodies = [block.body for body in bodies for block in blocks_of(body, name)]
        return next((body.attributes[path[-1]] for body in bodies if path[-1] in body.attributes), None)


def blocks_of(body: Body, name: str) -> list[Block]:
    """Return the blocks of a type in a body, with what dynamic blocks would write."""
    found = body.of_type(name)
    for dynamic in body.of_type("dynamic"):
        if dynamic.labels[:1] == [name]:
            found = [*found, *dynamic.body.of_type("content")]
    return found


@dataclass(slots=True)
class Configuration:
    """A module with everything its files declare."""

    files: Mapping[str, Body]
    """By name, as the learner named them."""
    folder: str = ""
    """Of the module."""
    complete: bool = True
    """False when a file could not be read: a name nobody declares may be in it."""
    variables: dict[str, Entity] = field(default_factory=dict)
    locals: dict[str, Entity] = field(default_factory=dict)
    resources: dict[tuple[str, str], Entity] = field(default_factory=dict)
    data: dict[tuple[str, str], Entity] = field(default_factory=dict)
    ephemerals: dict[tuple[str, str], Entity] = field(default_factory=dict)
    outputs: dict[str, Entity] = field(default_factory=dict)
    modules: dict[str, Entity] = field(default_factory=dict)
    providers: list[Entity] = field(default_factory=list)
    settings: list[tuple[str, Block]] = field(default_factory=list)
    """File and `terraform` block."""
    values: dict[str, tuple[str, Attribute]] = field(default_factory=dict)
    """From terraform.tfvars and *.auto.tfvars: name -> file and argument."""
    duplicates: list[tuple[Entity, Entity]] = field(default_factory=list)
    """The first and a later declaration of one name."""
    children: dict[str, Configuration] = field(default_factory=dict)
    """Local modules by the name of their module block, when their files were read."""

    def of_type(self, *types: str) -> list[Entity]:
        """Return the resources of some types, in their order."""
        return [entity for (type_, _), entity in self.resources.items() if type_ in types]

    def data_of_type(self, name: str) -> list[Entity]:
        """Return the data sources of a type."""
        return [entity for (type_, _), entity in self.data.items() if type_ == name]

    def entities(self) -> Iterator[Entity]:
        """Yield everything that has a name."""
        for table in (self.variables, self.locals, self.outputs, self.modules):
            yield from table.values()
        for typed in (self.resources, self.data, self.ephemerals):
            yield from typed.values()

    def setting(self, name: str) -> list[tuple[str, Block]]:
        """Return file and block of each block of a type in `terraform { }`."""
        return [(file, inner) for file, block in self.settings for inner in block.body.of_type(name)]


def configuration_of(files: Mapping[str, Body], *, folder: str = "", complete: bool = True) -> Configuration:
    """Return what files declare together.

    Args:
        files: name -> what stands in it; `.tfvars` files give values.
        folder: of the module.
        complete: whether these are all its files.
    """
    found = Configuration(files=files, folder=folder, complete=complete)
    for file, body in files.items():
        if file.endswith(".tfvars"):
            short = file.rsplit("/", 1)[-1]
            if short == "terraform.tfvars" or short.endswith(".auto.tfvars"):
                found.values |= {name: (file, attribute) for name, attribute in body.attributes.items()}
            continue
        for block in body.blocks:
            _declare(found, file, block)
    return found


def _declare(found: Configuration, file: str, block: Block) -> None:
    if block.type == "locals":
        for attribute in block.body.attributes.values():
            local = Entity("local", "", attribute.name, file, attribute.line, Body(), attribute.value)
            _add(found, found.locals, local)
    elif block.type == "terraform":
        found.settings.append((file, block))
    elif block.type in ("resource", "data", "ephemeral") and len(block.labels) == 2:
        typed = {"resource": found.resources, "data": found.data, "ephemeral": found.ephemerals}[block.type]
        entity = Entity(block.type, block.labels[0], block.labels[1], file, block.line, block.body)
        first = typed.setdefault((entity.type, entity.name), entity)
        if first is not entity:
            found.duplicates.append((first, entity))
    elif block.type in ("variable", "output", "module") and len(block.labels) == 1:
        table = {"variable": found.variables, "output": found.outputs, "module": found.modules}[block.type]
        _add(found, table, Entity(block.type, "", block.labels[0], file, block.line, block.body))
    elif block.type == "provider" and len(block.labels) == 1:
        found.providers.append(Entity("provider", "", block.labels[0], file, block.line, block.body))
    elif block.type == "check":
        for inner in block.body.of_type("data"):
            _declare(found, file, inner)


def _add(found: Configuration, table: dict[str, Entity], entity: Entity) -> None:
    first = table.setdefault(entity.name, entity)
    if first is not entity:
        found.duplicates.append((first, entity))


def text_of(expression: Expression | None) -> str | None:
    """Return a text that stands there as it is, None for anything else."""
    if isinstance(expression, Literal) and isinstance(expression.value, str):
        return expression.value
    return None
