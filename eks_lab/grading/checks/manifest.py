"""`manifest`: the learner's manifests, as `eks-lab check` reads them."""

from __future__ import annotations

from typing import Any

import yaml

from eks_lab.checker.check import check_texts
from eks_lab.checker.model import CheckOptions, Finding
from eks_lab.content.queries import ManifestQuery, TerraformQuery
from eks_lab.errors import InputError
from eks_lab.grading.checks.expectation import compared
from eks_lab.grading.stage import Stage
from eks_lab.grading.verdict import Verdict
from eks_lab.kube.jsonpath import find

SEVERITIES = frozenset({"error", "warning", "note"})


def look(value: ManifestQuery, stage: Stage, check: str) -> Verdict:
    """Look at files.

    Args:
        value: which, and what is expected.
        stage: where the learner's files are.
        check: not needed.
    """
    del check
    try:
        texts = {
            name: text
            for name, text in stage.workspace.texts(value.file).items()
            if name.endswith((".yaml", ".yml", ".json"))
        }
    except InputError as error:
        return Verdict(False, error.message)
    found = against_rules(value, texts, stage)
    if found is not None:
        return found
    if not (value.kind or value.path or value.name):
        return Verdict(bool(texts), f"{len(texts)} files without such findings")
    try:
        documents = [each for text in texts.values() for each in yaml.safe_load_all(text)]
    except yaml.YAMLError as error:
        return Verdict(False, f"not valid YAML: {error}")
    chosen = [each for each in documents if isinstance(each, dict) and _is_meant(each, value)]
    if not value.path:
        return compared(chosen, value, f"no {value.kind} {value.name}".rstrip())
    values = [part for each in chosen for part in find(value.path, each) if part is not None]
    return compared(values, value, f"{value.path} is not set" if chosen else f"no {value.kind} {value.name}")


def _is_meant(document: dict[str, Any], query: ManifestQuery) -> bool:
    name = (document.get("metadata") or {}).get("name", "")
    return (not query.kind or document.get("kind") == query.kind) and (not query.name or name == query.name)


def against_rules(
    query: ManifestQuery | TerraformQuery, texts: dict[str, str], stage: Stage
) -> Verdict | None:
    """Return what the checker finds that must not be found; None when there is nothing.

    Args:
        query: with its rules.
        texts: name -> text.
        stage: knows the day.
    """
    if not query.rules:
        return None
    report = check_texts(texts, CheckOptions(today=stage.today))
    if report.unreadable:
        return Verdict(False, _said(report.unreadable[0]))
    bad = [each for each in report.findings if each.rule in query.rules or each.severity.value in query.rules]
    if bad:
        more = f" (and {len(bad) - 1} more)" if len(bad) > 1 else ""
        return Verdict(False, f"{_said(bad[0])}{more}")
    return None


def _said(finding: Finding) -> str:
    return f"{finding.file}:{finding.line}: {finding.message} [{finding.rule}]"
