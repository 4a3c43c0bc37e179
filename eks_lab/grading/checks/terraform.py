"""`terraform`: the learner's Terraform, as `eks-lab check` reads it."""

from __future__ import annotations

from typing import Any

from eks_lab.content.queries import TerraformQuery
from eks_lab.errors import EksLabError, InputError
from eks_lab.grading.checks.expectation import compared
from eks_lab.grading.checks.manifest import against_rules
from eks_lab.grading.stage import Stage
from eks_lab.grading.verdict import Verdict

_SUFFIXES = (".tf", ".tfvars")


def look(value: TerraformQuery, stage: Stage, check: str) -> Verdict:
    """Look at a module.

    Args:
        value: which, and what is expected.
        stage: where the learner's files are.
        check: not needed.
    """
    del check
    try:
        texts = {
            name: text for name, text in stage.workspace.texts(value.file).items() if name.endswith(_SUFFIXES)
        }
    except InputError as error:
        return Verdict(False, error.message)
    if not texts:
        return Verdict(False, f"{value.file} has no Terraform")
    found = against_rules(value, texts, stage)
    if found is not None:
        return found
    if not value.resource:
        return Verdict(True, f"{len(texts)} files without such findings")
    try:
        values = _values(value, texts)
    except EksLabError as error:
        return Verdict(False, error.message)
    if values is None:
        return compared([], value, f"no {value.resource}")
    if not value.path:
        return compared([value.resource], value, "")
    return compared(values, value, f"{value.resource} has no {value.path}")


def _values(query: TerraformQuery, texts: dict[str, str]) -> list[Any] | None:
    """Return what an argument comes to; as it is written where that is known at apply only; None without resource."""
    from eks_lab.checker.terraform.configuration import configuration_of
    from eks_lab.checker.terraform.constant import OPEN, UNKNOWN, Evaluator
    from eks_lab.checker.terraform.reader import read_body

    configuration = configuration_of({name: read_body(text) for name, text in texts.items()})
    address = query.resource.removeprefix("data.")
    kind, _, name = address.partition(".")
    table = configuration.data if query.resource.startswith("data.") else configuration.resources
    entity = table.get((kind, name))
    if entity is None:
        return None
    if not query.path:
        return []
    argument = entity.argument(*query.path.split("."))
    if argument is None:
        return []
    found = Evaluator(configuration).value(argument.value)
    if found is UNKNOWN or (isinstance(found, str) and OPEN in found):
        line = texts[entity.file].splitlines()[argument.line - 1]
        return [line.partition("=")[2].strip()]
    return list(found) if isinstance(found, list) else [found]
