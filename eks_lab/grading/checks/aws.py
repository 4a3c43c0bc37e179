"""`aws`: the answer of a reading AWS call."""

from __future__ import annotations

import re
from typing import Any

from eks_lab.content.queries import AwsQuery
from eks_lab.errors import ContentError
from eks_lab.grading.checks.expectation import compared
from eks_lab.grading.stage import Stage
from eks_lab.grading.target import RefusedError
from eks_lab.grading.verdict import Verdict

_READS = re.compile(r"(Describe|List|Get|Head|Search|Lookup|Simulate|Batch(Get|Describe))")
_WRITES = frozenset({"GetSessionToken", "GetFederationToken"})


def operation_name(text: str) -> str:
    """Return `DescribeSubnets` for `describe-subnets`.

    Raises:
        ContentError: it is an operation that changes something.
    """
    name = "".join(part[:1].upper() + part[1:] for part in text.split("-")) if "-" in text else text
    name = name[:1].upper() + name[1:]
    if not _READS.match(name) or name in _WRITES:
        raise ContentError(
            f"{text} is no operation that only reads", hint="Checks may describe, list and get, nothing else."
        )
    return name


def look(value: AwsQuery, stage: Stage, check: str) -> Verdict:
    """Make the call.

    Args:
        value: which, and what is expected.
        stage: where.
        check: not needed.

    Raises:
        ContentError: the operation changes something, or the JMESPath cannot be read.
    """
    del check
    import jmespath
    from jmespath.exceptions import JMESPathError

    operation = operation_name(value.operation)
    try:
        answer = stage.target.aws(value.service, operation, value.params)
    except RefusedError as error:
        return Verdict(bool(value.error) and error.code == value.error, f"{error.code}: {error.message}")
    if value.error:
        return Verdict(False, f"{operation} is answered")
    if not value.query:
        return compared([answer], value, "an empty answer", "an answer")
    try:
        found: Any = jmespath.search(value.query, answer)
    except JMESPathError as error:
        raise ContentError(f"query {value.query!r} is no JMESPath: {error}", hint="Correct it.") from error
    values = found if isinstance(found, list) else [found] if found is not None else []
    return compared([each for each in values if each is not None], value, "nothing is found")
