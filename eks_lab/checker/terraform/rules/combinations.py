"""Arguments of which the provider takes only one, or wants one."""

from __future__ import annotations

from collections.abc import Iterator

from eks_lab.checker.model import Finding
from eks_lab.checker.rule import ERROR, Rule
from eks_lab.checker.terraform.configuration import Entity
from eks_lab.checker.terraform.constant import UNKNOWN
from eks_lab.checker.terraform.syntax import Literal, Template, Traversal
from eks_lab.checker.terraform.view import View

COMBINATION = Rule(
    "tf-argument-combination",
    ERROR,
    "Arguments that exclude each other, or none where the provider wants one of several.",
    "Keep one of them.",
    "terraform.verify",
)
RULES = (COMBINATION,)
# The provider's schema does not print these; they are in the arguments' descriptions of pulumi-aws 7.51.1 and in what
# terraform validate says with provider 5.100.0.
_ONE_OF: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("aws_route_table_association", ("subnet_id", "gateway_id")),
    ("aws_vpc_security_group_ingress_rule", ("cidr_ipv4", "cidr_ipv6", "prefix_list_id", "referenced_security_group_id")),
    ("aws_vpc_security_group_egress_rule", ("cidr_ipv4", "cidr_ipv6", "prefix_list_id", "referenced_security_group_id")),
)  # fmt: skip
_NOT_BOTH: tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...] = (
    ("aws_subnet", ("availability_zone",), ("availability_zone_id",)),
    ("aws_eks_node_group", ("launch_template", "id"), ("launch_template", "name")),
    (
        "aws_eks_node_group",
        ("update_config", "max_unavailable"),
        ("update_config", "max_unavailable_percentage"),
    ),
    ("aws_eks_node_group", ("launch_template", "version"), ("remote_access", "ec2_ssh_key")),
    ("aws_eks_node_group", ("launch_template", "version"), ("disk_size",)),
)
_PREFIXED = ("name", "node_group_name", "bucket", "alias")


def check(view: View) -> Iterator[Finding]:
    """Yield arguments that exclude each other and choices that nobody made."""
    for type_, names in _ONE_OF:
        for entity in view.configuration.of_type(type_):
            written = [name for name in names if name in entity.body.attributes]
            if not written:
                says = f"{entity.address} has none of {', '.join(names)}"
                yield view.finding(COMBINATION, entity, says=says, fix=f"Add one of {', '.join(names)}.")
            else:
                pairs = [(written[0], other) for other in written[1:]]
                for first, other in pairs:
                    yield from _both(view, entity, (first,), (other,))
    for type_, first_path, other_path in _NOT_BOTH:
        for entity in view.configuration.of_type(type_):
            yield from _both(view, entity, first_path, other_path)
    for entity in view.configuration.resources.values():
        for name in _PREFIXED:
            if entity.type.startswith("aws_"):
                yield from _both(view, entity, (name,), (f"{name}_prefix",))


def _both(view: View, entity: Entity, first: tuple[str, ...], other: tuple[str, ...]) -> Iterator[Finding]:
    if entity.argument(*first) is None or entity.argument(*other) is None:
        return
    # What is only known at apply may come out as null, which is as good as not written.
    if any(view.value(entity, *path) in (None, "") for path in (first, other)):
        return
    if any(view.value(entity, *path) is UNKNOWN and _may_be_null(entity, path) for path in (first, other)):
        return
    says = f"{entity.address} has both {'.'.join(first)} and {'.'.join(other)}"
    yield view.finding(COMBINATION, entity, *other, says=says)


def _may_be_null(entity: Entity, path: tuple[str, ...]) -> bool:
    argument = entity.argument(*path)
    if argument is None or isinstance(argument.value, Literal | Template):
        return False
    # A reference to another resource has a value; a variable, a local or a condition need not.
    return not (isinstance(argument.value, Traversal) and argument.value.root.startswith("aws_"))
