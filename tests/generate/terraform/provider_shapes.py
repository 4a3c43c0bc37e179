"""The AWS provider's arguments as another project ships them, read from its source files without importing it.

`pulumi-aws` is generated from the provider's schema. Its Python names differ from Terraform's in one
way that matters here: what may be given several times has a plural name (`route` is `routes`).
"""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_REPOSITORY = Path(__file__).parents[3]
_MODULES = {
    "aws_cloudwatch_event_rule": ("cloudwatch", "event_rule"),
    "aws_cloudwatch_event_target": ("cloudwatch", "event_target"),
    "aws_cloudwatch_log_group": ("cloudwatch", "log_group"),
    "aws_default_security_group": ("ec2", "default_security_group"),
    "aws_ec2_tag": ("ec2", "tag"),
    "aws_eip": ("ec2", "eip"),
    "aws_flow_log": ("ec2", "flow_log"),
    "aws_internet_gateway": ("ec2", "internet_gateway"),
    "aws_launch_template": ("ec2", "launch_template"),
    "aws_nat_gateway": ("ec2", "nat_gateway"),
    "aws_route_table": ("ec2", "route_table"),
    "aws_route_table_association": ("ec2", "route_table_association"),
    "aws_security_group": ("ec2", "security_group"),
    "aws_subnet": ("ec2", "subnet"),
    "aws_vpc": ("ec2", "vpc"),
    "aws_vpc_endpoint": ("ec2", "vpc_endpoint"),
    "aws_vpc_ipv4_cidr_block_association": ("ec2", "vpc_ipv4_cidr_block_association"),
    "aws_vpc_security_group_ingress_rule": ("vpc", "security_group_ingress_rule"),
    "data.aws_availability_zones": (".", "get_availability_zones"),
    "data.aws_caller_identity": (".", "get_caller_identity"),
    "data.aws_partition": (".", "get_partition"),
}
"""Where the package keeps a type when the name does not say it: `aws_eks_addon` is in eks/addon.py."""
_META = {"count", "for_each", "depends_on", "lifecycle", "provider", "provisioner"}
_WORD = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


@dataclass(frozen=True, slots=True)
class Shape:
    """What a resource, data source or block takes."""

    arguments: dict[str, str]
    """Name in the package -> name of the class of its nested block; empty when it is a value."""
    required: frozenset[str]
    """Names in the package."""

    def found(self, name: str) -> str | None:
        """Return the package's name for one of Terraform's; None when there is none."""
        plurals = [name, f"{name}s", f"{name}es", f"{name.removesuffix('y')}ies"]
        return next((plural for plural in plurals if plural in self.arguments), None)


def package() -> Path | None:
    """Return the folder of the package in the environment of `make judges`, if it is there."""
    found = sorted((_REPOSITORY / ".venv-judges").glob("lib/python3*/site-packages/pulumi_aws"))
    return found[-1] if found else None


def place(kind: str, name: str) -> tuple[str, str]:
    """Return folder and module of a type: `resource aws_eks_cluster` is in eks/cluster.py."""
    prefix = "data." if kind == "data" else ""
    if prefix + name in _MODULES:
        return _MODULES[prefix + name]
    _, folder, rest = name.split("_", 2)
    return folder, f"get_{rest}" if prefix else rest


@functools.cache
def _classes(path: Path) -> dict[str, ast.AST]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {node.name: node for node in ast.walk(tree) if isinstance(node, ast.ClassDef | ast.FunctionDef)}


def _nested(annotation: ast.expr | None) -> str:
    if annotation is None:
        return ""
    for node in ast.walk(annotation):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.endswith("Args"):
            return node.value
    return ""


def _signature(function: ast.FunctionDef) -> Shape:
    spec = function.args
    arguments = [*spec.args, *spec.kwonlyargs]
    defaults = [*[None] * (len(spec.args) - len(spec.defaults)), *spec.defaults, *spec.kw_defaults]
    return Shape(
        {found.arg: _nested(found.annotation) for found in arguments},
        frozenset(
            found.arg
            for found, default in zip(arguments, defaults, strict=True)
            if default is None and not found.arg.startswith("_") and found.arg != "self"
        ),
    )


def _constructor(node: ast.AST) -> ast.FunctionDef:
    return next(
        inner for inner in ast.walk(node) if isinstance(inner, ast.FunctionDef) and inner.name == "__init__"
    )


def shape_of(root: Path, kind: str, name: str) -> tuple[Shape, Path]:
    """Return the shape of a resource or data source and the file with the shapes of its blocks."""
    folder, module = place(kind, name)
    path = root / folder / f"{module}.py"
    classes = _classes(path)
    if kind == "data":
        return _signature(_function(classes[module])), path.parent / "_inputs.py"
    title = "".join(part.capitalize() for part in module.split("_"))
    wanted = next(key for key in classes if key.lower() == f"{title}args".lower())
    return _signature(_constructor(classes[wanted])), path.parent / "_inputs.py"


def _function(node: ast.AST) -> ast.FunctionDef:
    assert isinstance(node, ast.FunctionDef)
    return node


def complaints(root: Path, kind: str, name: str, body: dict[str, object]) -> Iterator[str]:
    """Yield what the package knows nothing of, or misses, in a resource or data source."""
    try:
        shape, inputs = shape_of(root, kind, name)
    except (FileNotFoundError, KeyError, StopIteration):
        yield f"{kind} {name}: the package has no such type"
        return
    yield from _in_body(shape, inputs, body, f"{kind} {name}")


def _in_body(shape: Shape, inputs: Path, body: dict[str, object], where: str) -> Iterator[str]:
    given: set[str] = set()
    for name, value in body.items():
        # `provider` is also the name of a block inside encryption_config.
        if name.startswith("__") or (name in _META and name not in shape.arguments):
            continue
        if name == "dynamic":
            for label, inner in _dynamic(value):
                yield from _argument(shape, inputs, label, [inner], where, given)
            continue
        yield from _argument(shape, inputs, name, value, where, given)
    for missing in sorted(shape.required - given):
        yield f"{where}: {missing} is missing"


def _argument(
    shape: Shape, inputs: Path, name: str, value: object, where: str, given: set[str]
) -> Iterator[str]:
    known = shape.found(name)
    if known is None:
        yield f"{where}: {name} is unknown"
        return
    given.add(known)
    bodies = [entry for entry in value if _is_block(entry)] if isinstance(value, list) else []
    nested = shape.arguments[known]
    if bodies and not nested:
        yield f"{where}: {name} is a block here and a value there"
    for entry in bodies:
        if nested:
            inner = _signature(_constructor(_classes(inputs)[nested]))
            yield from _in_body(inner, inputs, entry, f"{where}.{name}")


def _is_block(entry: object) -> bool:
    return isinstance(entry, dict) and bool(entry.get("__is_block__"))


def _dynamic(value: object) -> Iterator[tuple[str, dict[str, object]]]:
    assert isinstance(value, list)
    for entry in value:
        for label, body in entry.items():
            if isinstance(body, dict):
                yield label.strip('"'), body["content"][0]
