"""Policies that stand in Terraform: jsonencode, JSON in a heredoc, aws_iam_policy_document."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from eks_lab.calc.iam_policy import Policy, read_policy
from eks_lab.checker.iam import rules
from eks_lab.checker.iam.policy import OPEN, check_policy
from eks_lab.checker.model import Finding
from eks_lab.checker.terraform.configuration import Entity, blocks_of
from eks_lab.checker.terraform.constant import UNKNOWN, Known, json_text
from eks_lab.checker.terraform.syntax import (
    Block,
    Call,
    Expression,
    Literal,
    ObjectValue,
    Template,
    Traversal,
    TupleValue,
)
from eks_lab.errors import InputError

if TYPE_CHECKING:
    from eks_lab.checker.terraform.view import View

_POLICY_ARGUMENTS = {
    "aws_iam_role": ("assume_role_policy",),
    "aws_iam_role_policy": ("policy",),
    "aws_iam_policy": ("policy",),
    "aws_iam_user_policy": ("policy",),
    "aws_iam_group_policy": ("policy",),
    "aws_sqs_queue_policy": ("policy",),
    "aws_sns_topic_policy": ("policy",),
    "aws_kms_key": ("policy",),
    "aws_kms_key_policy": ("policy",),
    "aws_s3_bucket_policy": ("policy",),
    "aws_ecr_repository_policy": ("policy",),
    "aws_vpc_endpoint": ("policy",),
    "aws_eks_pod_identity_association": ("policy",),
}


def check_terraform_policies(view: View) -> Iterator[Finding]:
    """Yield what is wrong with the policies of a module.

    Args:
        view: the module.
    """
    for entity in view.configuration.data_of_type("aws_iam_policy_document"):
        statements = blocks_of(entity.body, "statement")
        if statements:
            lines = [block.line for block in statements]
            yield from _judge(_document(view, entity), entity, lines, view)
    for entity in view.configuration.resources.values():
        for name in _POLICY_ARGUMENTS.get(entity.type, ()):
            argument = entity.body.attributes.get(name)
            if argument is not None and not isinstance(argument.value, Traversal):
                value = _plain_value(view, entity, argument.value)
                text = value if isinstance(value, str) else ""
                lines = _statement_lines(argument.value, argument.line)
                yield from _judge(text, entity, lines, view)


def _plain_value(view: View, entity: Entity, node: Expression) -> Known:
    names = next(iter(view.names_of(entity)), {})
    return view.evaluator.fresh(node, names)


def _judge(text: str, entity: Entity, lines: list[int], view: View) -> Iterator[Finding]:
    if not text or text == OPEN:
        return

    def place(number: int) -> tuple[str, int]:
        return entity.file, lines[min(number, len(lines)) - 1]

    try:
        policy = read_policy(text, field=entity.address)
    except InputError as error:
        # A part that is only known at apply may be what is missing.
        if OPEN not in text and "\\u0000" not in text:
            message = (
                f"{error.message} ({entity.address})"
                if entity.address not in error.message
                else error.message
            )
            yield rules.GRAMMAR.at(entity.file, lines[0], message, fix=error.hint)
        return
    for finding in check_policy(policy, place):
        yield Finding(
            finding.file, finding.line, finding.rule, finding.severity,
            f"{entity.address}, {finding.message}", finding.fix, finding.lesson,
        )  # fmt: skip


def _statement_lines(node: Expression, default: int) -> list[int]:
    """Return the line of each statement of `jsonencode({ Statement = [ … ] })`."""
    if isinstance(node, Call) and node.name == "jsonencode" and node.arguments:
        document = node.arguments[0]
        for key, value in document.items if isinstance(document, ObjectValue) else []:
            if isinstance(key, Literal) and key.value == "Statement":
                items = value.items if isinstance(value, TupleValue) else [value]
                return [item.line for item in items] or [default]
    if isinstance(node, Template | Literal):
        return [node.line]
    return [default]


def trust_of(view: View, role: Entity) -> Policy | None:
    """Return the trust policy of a role, None when it cannot be told.

    Args:
        view: the module.
        role: an aws_iam_role.
    """
    argument = role.argument("assume_role_policy")
    if argument is None:
        return None
    documents = view.reached_by(role, "assume_role_policy", type="aws_iam_policy_document")
    if isinstance(argument.value, Traversal) and documents:
        text: Known = _document(view, documents[0])
    else:
        text = _plain_value(view, role, argument.value)
    if not isinstance(text, str) or text == OPEN:
        return None
    try:
        return read_policy(text)
    except InputError:
        return None


def _document(view: View, entity: Entity) -> str:
    """Return the JSON that an aws_iam_policy_document gives, with OPEN for what is only known at apply."""
    names = next(iter(view.names_of(entity)), {})
    statements = [_statement(view, block, names) for block in blocks_of(entity.body, "statement")]
    version = view.value(entity, "version")
    text = json_text(
        {"Version": version if isinstance(version, str) else "2012-10-17", "Statement": statements}
    )
    return text if isinstance(text, str) else ""


def _statement(view: View, block: Block, names: dict[str, Known]) -> dict[str, Any]:
    def value(name: str, of: Block = block) -> Known:
        found = view.evaluator.fresh(of.body.value(name), names)
        return OPEN if found is UNKNOWN else found

    found: dict[str, Any] = {"Effect": value("effect") or "Allow"}
    if found["Effect"] not in ("Allow", "Deny"):
        found["Effect"] = "Allow" if found["Effect"] == OPEN else found["Effect"]
    sid = value("sid")
    if isinstance(sid, str):
        found["Sid"] = sid
    for name, key in (("actions", "Action"), ("not_actions", "NotAction")):
        if name in block.body.attributes:
            found[key] = _actions(value(name))
    for name, key in (("resources", "Resource"), ("not_resources", "NotResource")):
        if name in block.body.attributes:
            found[key] = value(name)
    for name, key in (("principals", "Principal"), ("not_principals", "NotPrincipal")):
        people: dict[str, list[Known]] = {}
        for inner in blocks_of(block.body, name):
            identifiers = value("identifiers", inner)
            kind = value("type", inner)
            people.setdefault("AWS" if kind in (OPEN, "*") else str(kind), []).extend(
                identifiers if isinstance(identifiers, list) else [OPEN]
            )
        if people:
            found[key] = people
    conditions: dict[str, dict[str, list[Known]]] = {}
    for inner in blocks_of(block.body, "condition"):
        test, variable, values = value("test", inner), value("variable", inner), value("values", inner)
        keys = conditions.setdefault("StringLike" if test == OPEN else str(test), {})
        # A condition that a dynamic block writes may have any number of keys; one stands for all.
        keys.setdefault(str(variable), []).extend(values if isinstance(values, list) else [OPEN])
    if conditions:
        found["Condition"] = conditions
    return found


def _actions(found: Known) -> Known:
    """Return actions, with a service before what is unknown so that the document still reads as one."""
    items = found if isinstance(found, list) else [found]
    return [
        each if (isinstance(each, str) and ":" in each) or each == "*" else f"{OPEN}:{OPEN}" for each in items
    ]
