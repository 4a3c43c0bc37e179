"""All checks of Terraform, on files in memory."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from eks_lab.checker.iam import rules as iam_rules
from eks_lab.checker.iam.terraform_documents import check_terraform_policies
from eks_lab.checker.model import CheckOptions, Finding
from eks_lab.checker.rule import ERROR, Rule
from eks_lab.checker.terraform import arguments, core, references, rules, value_check
from eks_lab.checker.terraform.arguments import ArgumentCheck
from eks_lab.checker.terraform.configuration import Configuration, configuration_of, text_of
from eks_lab.checker.terraform.core import check_core
from eks_lab.checker.terraform.cursor import HclError
from eks_lab.checker.terraform.inference import Inference
from eks_lab.checker.terraform.reader import read_body
from eks_lab.checker.terraform.references import check_references
from eks_lab.checker.terraform.syntax import Body
from eks_lab.checker.terraform.uses import UseFinder
from eks_lab.checker.terraform.value_check import ValueCheck
from eks_lab.checker.terraform.view import View

SYNTAX = Rule(
    "tf-syntax", ERROR, "A file that is not HCL, so nothing in it can be judged.", "Mend it; terraform fmt finds the same place.",
    "terraform.verify",
)  # fmt: skip
RULES: tuple[Rule, ...] = (
    SYNTAX, *core.RULES, *references.RULES, *value_check.RULES, *arguments.RULES, *rules.RULES, *iam_rules.RULES,
)  # fmt: skip
"""Every rule about Terraform and IAM, in the order of the documentation."""
_DEEPEST_MODULES = 8


@dataclass(frozen=True, slots=True)
class Judged:
    """What came of some files."""

    findings: list[Finding]
    """What is wrong."""
    unreadable: list[Finding]
    """Files that are not HCL."""


def check_terraform(files: Mapping[str, str], options: CheckOptions) -> Judged:
    """Judge Terraform files; those of one folder are one module.

    Args:
        files: name -> text, `.tf` and `.tfvars`; names with forward slashes.
        options: what to judge against.
    """
    unreadable: list[Finding] = []
    folders: dict[str, dict[str, Body]] = {}
    broken: set[str] = set()
    for name, text in files.items():
        folder = posixpath.dirname(name)
        bodies = folders.setdefault(folder, {})
        try:
            bodies[name] = read_body(text)
        except HclError as error:
            broken.add(folder)
            unreadable.append(SYNTAX.at(name, error.line, error.message, fix=error.hint))
    modules = {
        folder: configuration_of(bodies, folder=folder, complete=folder not in broken)
        for folder, bodies in folders.items()
    }
    for module in modules.values():
        _link(module, modules)
    findings: list[Finding] = []
    for module in modules.values():
        findings += check_configuration(module, options)
    return Judged(findings=findings, unreadable=unreadable)


def _link(module: Configuration, modules: Mapping[str, Configuration]) -> None:
    """Find the local modules that a module calls."""
    for name, entity in module.modules.items():
        source = text_of(entity.body.value("source"))
        if source is not None and source.startswith((".", "..")):
            child = modules.get(posixpath.normpath(posixpath.join(module.folder, source)))
            # A module that calls itself, through however many others, has no end.
            if child is not None and not _calls(child, module, modules, _DEEPEST_MODULES):
                module.children[name] = child


def _calls(
    module: Configuration, wanted: Configuration, modules: Mapping[str, Configuration], depth: int
) -> bool:
    if module is wanted or depth == 0:
        return True
    for entity in module.modules.values():
        source = text_of(entity.body.value("source"))
        if source is not None and source.startswith("."):
            child = modules.get(posixpath.normpath(posixpath.join(module.folder, source)))
            if child is not None and _calls(child, wanted, modules, depth - 1):
                return True
    return False


def check_configuration(module: Configuration, options: CheckOptions) -> Iterator[Finding]:
    """Yield what is wrong with one module.

    Args:
        module: its files.
        options: what to judge against.
    """
    finder = UseFinder(module)
    values = ValueCheck(Inference(module))
    yield from check_core(module, values)
    yield from check_references(module, finder, whole_set=options.whole_set)
    yield from ArgumentCheck(module, values).check()
    view = View(module, finder, options)
    for check in rules.CHECKS:
        yield from check(view)
    yield from check_terraform_policies(view)
