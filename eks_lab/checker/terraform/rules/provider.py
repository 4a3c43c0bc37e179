"""The providers a configuration asks for."""

from __future__ import annotations

import re
from collections.abc import Iterator

from eks_lab.checker.model import Finding
from eks_lab.checker.rule import NOTE, Rule
from eks_lab.checker.terraform.configuration import text_of
from eks_lab.checker.terraform.syntax import Literal, ObjectValue
from eks_lab.checker.terraform.view import View

_LESSON = "terraform.reading-the-guide"
UNUSED = Rule(
    "tf-unused-provider", NOTE, "A provider that is asked for and never used: it is downloaded with each init.",
    "Remove it from required_providers, or configure and use it.", _LESSON,
)  # fmt: skip
OLD = Rule(
    "tf-old-aws-provider", NOTE, "A version constraint that keeps the AWS provider below version 6.",
    'Write version = "~> 6.0", after reading its upgrade notes.', _LESSON,
)  # fmt: skip
UNPINNED = Rule(
    "tf-unpinned-provider", NOTE, "A provider without a version constraint: the next init may bring another major version.",
    'Name it in required_providers with version = "~> 6.0".', _LESSON,
)  # fmt: skip
LOCAL_STATE = Rule(
    "tf-local-state",
    NOTE,
    "A cluster whose state stays on one disk: nobody else can change it, and with the disk the state is gone.",
    'Add terraform { backend "s3" { … } } with use_lockfile = true.',
    _LESSON,
)
RULES = (UNUSED, OLD, UNPINNED, LOCAL_STATE)
_CONSTRAINT = re.compile(r"\s*(~>|=|<=|<|>=|>|!=)?\s*v?(\d+)(?:\.(\d+))?", re.ASCII)
_CURRENT_MAJOR = 6


def check(view: View) -> Iterator[Finding]:
    """Yield what is wrong with required providers."""
    if view.clusters and view.configuration.providers and view.is_whole:
        kept = view.configuration.setting("backend") + view.configuration.setting("cloud")
        if not kept:
            provider = view.configuration.providers[0]
            yield LOCAL_STATE.at(
                provider.file, provider.line, "the state of this configuration stays on this machine"
            )
    prefixes = {
        entity.type.split("_", 1)[0]
        for table in (view.configuration.resources, view.configuration.data, view.configuration.ephemerals)
        for entity in table.values()
    }
    configured = {provider.name for provider in view.configuration.providers}
    named: set[str] = set()
    for file, block in view.configuration.setting("required_providers"):
        for name, attribute in block.body.attributes.items():
            named.add(name)
            version = _version(attribute.value)
            if view.is_whole and name not in prefixes | configured:
                yield UNUSED.at(file, attribute.line, f"provider {name!r} is asked for and never used")
            if name == "aws" and version is not None and not _allows_current(version):
                yield OLD.at(
                    file, attribute.line, f"version {version!r} keeps the AWS provider below {_CURRENT_MAJOR}"
                )
            if version is None and not isinstance(attribute.value, Literal):
                yield UNPINNED.at(file, attribute.line, f"provider {name!r} has no version constraint")
    if "aws" in prefixes and "aws" not in named and view.options.whole_set and view.configuration.complete:
        first = next(each for each in view.configuration.entities() if each.type.startswith("aws_"))
        yield UNPINNED.at(first.file, first.line, "nothing says which version of the AWS provider is meant")


def _version(node: object) -> str | None:
    if isinstance(node, ObjectValue):
        for key, value in node.items:
            if isinstance(key, Literal) and key.value == "version":
                return text_of(value)
        return None
    return node.value if isinstance(node, Literal) and isinstance(node.value, str) else None


def _allows_current(text: str) -> bool:
    """Whether some version 6 fits a constraint such as `>= 5.0, < 6.0`."""
    for part in text.split(","):
        match = _CONSTRAINT.match(part)
        if match is None:
            continue
        operator, major = match.group(1) or "=", int(match.group(2))
        below = operator in ("~>", "=") and major < _CURRENT_MAJOR
        if operator == "~>" and match.group(3) is None:
            # ~> 5 allows 6: only the last part that is written may grow.
            below = False
        if (
            below
            or (operator == "<" and major <= _CURRENT_MAJOR)
            or (operator == "<=" and major < _CURRENT_MAJOR)
        ):
            return False
    return True
