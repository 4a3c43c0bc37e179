"""Terraform's own blocks: variable, output, locals, module, provider, terraform, moved, import, removed, check."""

from __future__ import annotations

from collections.abc import Iterator

from eks_lab.catalog.suggestion import did_you_mean
from eks_lab.checker.model import Finding
from eks_lab.checker.rule import ERROR, Rule
from eks_lab.checker.terraform.configuration import Configuration, Entity, text_of
from eks_lab.checker.terraform.inference import constraint_type
from eks_lab.checker.terraform.syntax import Block, Body, Literal, Traversal
from eks_lab.checker.terraform.value_check import ValueCheck
from eks_lab.checker.terraform.value_type import BOOL, STRING

_LESSON = "terraform.verify"
CORE_BLOCK = Rule(
    "tf-core-block", ERROR,
    "A block of Terraform itself that is unknown, lacks a label or an argument, or holds one that it does not take.",
    "Write it as Terraform's documentation says.", _LESSON,
)  # fmt: skip
DUPLICATE_NAME = Rule(
    "tf-duplicate-name",
    ERROR,
    "Two declarations with one name in one module.",
    "Rename or remove one of them.",
    _LESSON,
)
DUPLICATE_ARGUMENT = Rule(
    "tf-duplicate-argument",
    ERROR,
    "An argument that is set twice in one block.",
    "Keep one of them.",
    _LESSON,
)
MODULE_INPUT = Rule(
    "tf-module-input", ERROR, "A local module that is called without an input it needs, or with one it does not have.",
    "Pass what the module's variables ask for.", _LESSON,
)  # fmt: skip
UNDECLARED_PROVIDER = Rule(
    "tf-undeclared-provider", ERROR, "A provider alias that no provider block has.",
    "Add provider \"aws\" { alias = … }, or write an alias that is there.", _LESSON,
)  # fmt: skip
RULES = (CORE_BLOCK, DUPLICATE_NAME, DUPLICATE_ARGUMENT, MODULE_INPUT, UNDECLARED_PROVIDER)

_LABELS = {
    "terraform": 0, "locals": 0, "moved": 0, "import": 0, "removed": 0,
    "variable": 1, "output": 1, "module": 1, "provider": 1, "check": 1,
    "resource": 2, "data": 2, "ephemeral": 2,
}  # fmt: skip
_ARGUMENTS = {
    "variable": (
        "type",
        "default",
        "description",
        "sensitive",
        "nullable",
        "ephemeral",
        "deprecated",
        "const",
    ),
    "output": ("value", "description", "sensitive", "depends_on", "ephemeral", "type", "deprecated"),
    "moved": ("from", "to"),
    "import": ("to", "id", "identity", "provider", "for_each"),
    "removed": ("from",),
    "check": (),
    "terraform": ("required_version", "experiments", "language"),
    "lifecycle": (
        "create_before_destroy",
        "prevent_destroy",
        "ignore_changes",
        "replace_triggered_by",
        "enabled",
    ),
    "validation": ("condition", "error_message"),
    "precondition": ("condition", "error_message"),
    "postcondition": ("condition", "error_message"),
    "assert": ("condition", "error_message"),
}
_REQUIRED = {
    "output": ("value",), "moved": ("from", "to"), "import": ("to",), "removed": ("from",), "module": ("source",),
    "validation": ("condition", "error_message"), "precondition": ("condition", "error_message"),
    "postcondition": ("condition", "error_message"), "assert": ("condition", "error_message"),
}  # fmt: skip
_BLOCKS = {
    "variable": ("validation",),
    "output": ("precondition",),
    "check": ("data", "assert"),
    "terraform": ("required_providers", "backend", "cloud", "provider_meta"),
    "removed": ("lifecycle", "provisioner"),
    "lifecycle": ("precondition", "postcondition", "action_trigger"),
}
_MODULE_META = (
    "source",
    "version",
    "providers",
    "count",
    "for_each",
    "depends_on",
    "ignore_nested_deprecations",
)


def check_core(configuration: Configuration, values: ValueCheck) -> Iterator[Finding]:
    """Yield what is wrong with Terraform's own blocks.

    Args:
        configuration: the module.
        values: judges its expressions.
    """
    for file, body in configuration.files.items():
        for attribute in _duplicates(body):
            yield DUPLICATE_ARGUMENT.at(file, attribute[1], f"{attribute[0]} is set twice in one block")
        if file.endswith(".tfvars"):
            continue
        for attribute_ in body.attributes.values():
            yield CORE_BLOCK.at(
                file,
                attribute_.line,
                f"{attribute_.name} = … stands outside of any block",
                fix=f"Put it into a block; values for variables belong into terraform.tfvars, locals into locals {{ {attribute_.name} = … }}.",
            )
        for block in body.blocks:
            yield from _top_level(file, block)
    for first, later in configuration.duplicates:
        yield DUPLICATE_NAME.at(
            later.file,
            later.line,
            f"{later.address} is declared a second time, first in {first.file}:{first.line}",
        )
    for entity in configuration.entities():
        yield from _entity(entity, configuration, values)
    for provider in configuration.providers:
        yield from values_of(provider.body, provider, values)


def _duplicates(body: Body) -> Iterator[tuple[str, int]]:
    waiting = [body]
    while waiting:
        current = waiting.pop()
        yield from ((each.name, each.line) for each in current.duplicates)
        waiting += [block.body for block in current.blocks]


def _top_level(file: str, block: Block) -> Iterator[Finding]:
    wanted = _LABELS.get(block.type)
    if wanted is None:
        near = did_you_mean(block.type, _LABELS)
        known = ", ".join(_LABELS)
        yield CORE_BLOCK.at(
            file, block.line, f"Terraform has no block {block.type!r}", fix=near or f"Known: {known}."
        )
        return
    if len(block.labels) != wanted:
        example = {
            0: f"{block.type} {{ … }}",
            1: f'{block.type} "name" {{ … }}',
            2: f'{block.type} "type" "name" {{ … }}',
        }
        yield CORE_BLOCK.at(
            file,
            block.line,
            f"{block.type} takes {wanted or 'no'} label{'s' * (wanted != 1)}, {len(block.labels)} are given",
            fix=f"Write {example[wanted]}.",
        )
    yield from _body(file, block)
    if block.type in ("resource", "data", "module") and {"count", "for_each"} <= set(block.body.attributes):
        yield CORE_BLOCK.at(
            file,
            block.line,
            f"{' '.join([block.type, *block.labels])} has both count and for_each",
            fix="Keep one of them.",
        )
    for inner in block.body.of_type("lifecycle"):
        yield from _body(file, inner)


def _body(file: str, block: Block) -> Iterator[Finding]:
    title = " ".join([block.type, *(f'"{label}"' for label in block.labels)])
    arguments = _ARGUMENTS.get(block.type)
    if arguments is not None:
        blocks = _BLOCKS.get(block.type, ())
        for attribute in block.body.attributes.values():
            if attribute.name not in arguments:
                is_block = attribute.name in blocks
                near = (
                    f"Write {attribute.name} {{ … }}."
                    if is_block
                    else did_you_mean(attribute.name, arguments)
                )
                yield CORE_BLOCK.at(
                    file, attribute.line, f"{title} takes no argument {attribute.name!r}", fix=near
                )
        for inner in block.body.blocks:
            if inner.type not in blocks:
                near = did_you_mean(inner.type, [*blocks, *arguments])
                yield CORE_BLOCK.at(file, inner.line, f"{title} takes no block {inner.type!r}", fix=near)
            elif inner.type != "data":
                yield from _body(file, inner)
    for name in _REQUIRED.get(block.type, ()):
        if name not in block.body.attributes:
            yield CORE_BLOCK.at(file, block.line, f"{title} has no {name}", fix=f"Add {name} = ….")


def _entity(entity: Entity, configuration: Configuration, values: ValueCheck) -> Iterator[Finding]:
    if entity.kind == "variable":
        yield from _variable(entity, configuration, values)
    elif entity.kind == "local" and entity.value is not None:
        yield from values.inside(entity.value, entity, {})
    elif entity.kind == "output":
        yield from values_of(entity.body, entity, values)
    elif entity.kind == "module":
        yield from _module(entity, configuration, values)
    if entity.kind in ("resource", "data", "module"):
        yield from _provider_alias(entity, configuration)


def _variable(entity: Entity, configuration: Configuration, values: ValueCheck) -> Iterator[Finding]:
    wanted = values.inference.variable(entity)
    default = entity.body.value("default")
    if default is not None:
        yield from values.mismatches(default, wanted, f"default of {entity.address}", entity, {})
    for name, kind in (("description", STRING), ("sensitive", BOOL), ("nullable", BOOL), ("ephemeral", BOOL)):
        said = entity.body.value(name)
        if said is not None:
            yield from values.mismatches(said, kind, f"{name} of {entity.address}", entity, {})
    given = configuration.values.get(entity.name)
    if given is not None:
        file, attribute = given
        owner = Entity("file", "", "", file, attribute.line, Body())
        yield from values.mismatches(attribute.value, wanted, entity.address, owner, {})
    constraint = entity.body.value("type")
    is_simple = isinstance(constraint, Traversal) and not constraint.steps
    if (
        is_simple
        and isinstance(constraint, Traversal)
        and constraint_type(constraint) is None
        and constraint.root != "any"
    ):
        yield CORE_BLOCK.at(
            entity.file,
            constraint.line,
            f"{constraint.root!r} is no type",
            fix="Known: string, number, bool, list(…), set(…), map(…), object({…}), tuple([…]), any.",
        )
    for block in entity.body.of_type("validation"):
        yield from values_of(block.body, entity, values)


def values_of(body: Body, owner: Entity, values: ValueCheck) -> Iterator[Finding]:
    """Yield what is wrong with the expressions of a body whose arguments are not on record.

    Args:
        body: of an output, a provider, a validation.
        owner: what it stands in.
        values: judges expressions.
    """
    wanted = {"condition": BOOL, "error_message": STRING, "description": STRING}
    for attribute in body.attributes.values():
        if attribute.name not in ("depends_on", "providers", "provider"):
            place = f"{attribute.name} of {owner.address}"
            yield from values.argument(attribute.value, wanted.get(attribute.name), place, owner, {})
    for block in body.blocks:
        yield from values_of(block.body, owner, values)


def _module(entity: Entity, configuration: Configuration, values: ValueCheck) -> Iterator[Finding]:
    child = configuration.children.get(entity.name)
    for attribute in entity.body.attributes.values():
        if attribute.name in _MODULE_META:
            continue
        variable = child.variables.get(attribute.name) if child else None
        wanted = constraint_type(kind) if variable and (kind := variable.body.value("type")) else None
        yield from values.argument(
            attribute.value, wanted, f"{attribute.name} of {entity.address}", entity, {}
        )
        if child is not None and child.complete and variable is None:
            near = did_you_mean(attribute.name, child.variables)
            yield MODULE_INPUT.at(
                entity.file, attribute.line, f"{entity.address} has no variable {attribute.name!r}", fix=near
            )
    if child is not None:
        for name, variable in child.variables.items():
            if name not in entity.body.attributes and "default" not in variable.body.attributes:
                yield MODULE_INPUT.at(
                    entity.file,
                    entity.line,
                    f"{entity.address} needs {name}, which has no default",
                    fix=f"Add {name} = ….",
                )


def _provider_alias(entity: Entity, configuration: Configuration) -> Iterator[Finding]:
    wanted = entity.body.value("provider")
    if not isinstance(wanted, Traversal) or len(wanted.steps) != 1 or not configuration.complete:
        return
    aliases = {
        (provider.name, text_of(provider.body.value("alias")) or "") for provider in configuration.providers
    }
    passed = any(
        "configuration_aliases" in _keys(block.body, wanted.root)
        for _, block in configuration.setting("required_providers")
    )
    if not passed and (wanted.root, wanted.steps[0].name) not in aliases:
        near = did_you_mean(wanted.text, [f"{name}.{alias}" for name, alias in aliases if alias])
        yield UNDECLARED_PROVIDER.at(
            entity.file, wanted.line, f"no provider block has the alias {wanted.text}", fix=near
        )


def _keys(body: Body, name: str) -> set[str]:
    """Return the keys of one entry of required_providers."""
    from eks_lab.checker.terraform.syntax import ObjectValue

    value = body.value(name)
    items = value.items if isinstance(value, ObjectValue) else []
    return {str(key.value) for key, _ in items if isinstance(key, Literal)}
