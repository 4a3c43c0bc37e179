"""Managed node groups."""

from __future__ import annotations

from collections.abc import Iterator

from eks_lab.checker.model import Finding
from eks_lab.checker.rule import ERROR, NOTE, WARNING, Rule
from eks_lab.checker.terraform.configuration import Entity
from eks_lab.checker.terraform.constant import UNKNOWN
from eks_lab.checker.terraform.syntax import Block, Traversal, expressions
from eks_lab.checker.terraform.view import View

_LESSON = "terraform.nodes"
LATEST = Rule(
    "eks-launch-template-latest", WARNING, "A launch template version of $Latest or $Default: EKS stores a number, so each plan shows a change.",
    "Write aws_launch_template.NAME.latest_version.", _LESSON,
)  # fmt: skip
AMI_TYPE = Rule(
    "eks-ami-type-missing", NOTE, "No AMI type: EKS chooses one, and its choice changes over time.",
    'Set ami_type = "AL2023_x86_64_STANDARD", or AL2023_ARM_64_STANDARD for Graviton.', _LESSON,
)  # fmt: skip
AL2 = Rule(
    "eks-ami-al2", ERROR, "An Amazon Linux 2 AMI: EKS has published none since 2025-11-26, and none at all from 1.33 on.",
    'Set ami_type = "AL2023_x86_64_STANDARD".', "compute.nodes-and-amis",
)  # fmt: skip
POLICY_ORDER = Rule(
    "eks-node-policy-order", WARNING,
    "A node group that does not wait for its role's policies: nodes start without rights and fail to join.",
    "Add depends_on with the aws_iam_role_policy_attachment resources of its role.", _LESSON,
)  # fmt: skip
SCALING = Rule(
    "eks-scaling-order",
    ERROR,
    "Sizes of a node group that contradict each other.",
    "Keep min ≤ desired ≤ max, and max at least 1.",
    _LESSON,
)
DRIFT = Rule(
    "eks-desired-size-drift", NOTE, "A desired size that Terraform resets each time an autoscaler has moved it.",
    "Add lifecycle { ignore_changes = [scaling_config[0].desired_size] }.", _LESSON,
)  # fmt: skip
BURSTABLE = Rule(
    "eks-burstable-nodes", NOTE, "Burstable instances as nodes: few pods fit, and CPU runs out of credits under load.",
    "Take m7i.large, m7g.large or the like, several types of one size.", _LESSON,
)  # fmt: skip
SPOT = Rule(
    "eks-spot-one-type", WARNING, "Spot capacity of a single instance type: when its pool runs dry, there are no nodes.",
    "Name several instance types of one size.", _LESSON,
)  # fmt: skip
RULES = (LATEST, AMI_TYPE, AL2, POLICY_ORDER, SCALING, DRIFT, BURSTABLE, SPOT)
_BURSTABLE = ("t2.", "t3.", "t3a.", "t4g.")


def check(view: View) -> Iterator[Finding]:
    """Yield what is wrong with each node group."""
    for group in view.node_groups:
        templates = view.reached_by(group, "launch_template", "id", type="aws_launch_template")
        templates += view.reached_by(group, "launch_template", "name", type="aws_launch_template")
        yield from _image(view, group, templates)
        yield from _types(view, group, templates)
        yield from _scaling(view, group)
        yield from _order(view, group)
        version = view.value(group, "launch_template", "version")
        if version in ("$Latest", "$Default"):
            place = ("launch_template", "version")
            fix = f"Write {templates[0].address}.latest_version." if templates else ""
            yield view.finding(LATEST, group, *place, says=f"{group.address} uses version {version}", fix=fix)


def _image(view: View, group: Entity, templates: list[Entity]) -> Iterator[Finding]:
    ami = view.value(group, "ami_type")
    if isinstance(ami, str) and ami.startswith("AL2_"):
        yield view.finding(AL2, group, "ami_type", says=f"{group.address} uses {ami}, Amazon Linux 2")
    own = any(template.argument("image_id") is not None for template in templates)
    named = group.argument("launch_template", "id") is not None and not templates
    if ami is None and not own and not named:
        yield view.finding(AMI_TYPE, group, "ami_type", says=f"{group.address} does not say its AMI type")


def _types(view: View, group: Entity, templates: list[Entity]) -> Iterator[Finding]:
    types = view.value(group, "instance_types")
    place, where = "instance_types", group
    if types is None:
        for template in templates:
            found = view.value(template, "instance_type")
            if isinstance(found, str):
                types, place, where = [found], "instance_type", template
    if not isinstance(types, list):
        return
    slow = [each for each in types if isinstance(each, str) and each.startswith(_BURSTABLE)]
    if slow:
        yield view.finding(BURSTABLE, where, place, says=f"{group.address} runs on {slow[0]}")
    if view.value(group, "capacity_type") == "SPOT" and len(types) == 1 and types[0] is not UNKNOWN:
        says = f"{group.address} takes Spot capacity of {types[0]} alone"
        yield view.finding(SPOT, where, place, says=says)


def _scaling(view: View, group: Entity) -> Iterator[Finding]:
    least, desired, most = (
        view.value(group, "scaling_config", name) for name in ("min_size", "desired_size", "max_size")
    )
    numbers = [each for each in (least, desired, most) if isinstance(each, int | float)]
    if len(numbers) == 3 and not (least <= desired <= most and most >= 1):
        says = f"{group.address} has min {least}, desired {desired}, max {most}"
        yield view.finding(SCALING, group, "scaling_config", "desired_size", says=says)
    if group.argument("scaling_config", "desired_size") is not None and not _is_ignored(
        group.body.of_type("lifecycle")
    ):
        place = ("scaling_config", "desired_size")
        yield view.finding(
            DRIFT, group, *place, says=f"{group.address} does not ignore changes of desired_size"
        )


def _is_ignored(blocks: list[Block]) -> bool:
    for block in blocks:
        ignored = block.body.value("ignore_changes")
        for each in expressions(ignored) if ignored is not None else ():
            if isinstance(each, Traversal) and each.root in ("scaling_config", "all"):
                return True
    return False


def _order(view: View, group: Entity) -> Iterator[Finding]:
    roles = view.reached_by(group, "node_role_arn", type="aws_iam_role")
    policies = {
        each.entity.address: each.entity for each in view.attachments if set_of(each.roles) & set_of(roles)
    }
    policies = {address: each for address, each in policies.items() if each.type != "aws_iam_role"}
    waits_for = view.dependencies(group)
    missing = [address for address in policies if address not in waits_for]
    if missing and len(missing) == len(policies):
        says = f"{group.address} does not wait for {missing[0]}"
        fix = f"Add depends_on = [{', '.join(missing)}]."
        yield view.finding(POLICY_ORDER, group, "depends_on", says=says, fix=fix)


def set_of(entities: list[Entity] | tuple[Entity, ...]) -> set[str]:
    """Return the addresses of entities."""
    return {each.address for each in entities}
