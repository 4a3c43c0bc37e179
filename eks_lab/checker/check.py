"""The checker: finds what each file is and hands it to those who can judge it."""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Literal

from eks_lab.checker.iam.documents import check_document, is_policy
from eks_lab.checker.model import CheckOptions, Finding, Report
from eks_lab.checker.rule import ERROR, Rule
from eks_lab.checker.sources import UNREADABLE, decode, read_sources

Kind = Literal["terraform", "manifest", "policy", "terraform-json", "broken-json", "other"]
BROKEN_JSON = Rule(
    "json-syntax",
    ERROR,
    "A file that is not JSON.",
    "Check quotes, commas and braces there.",
    "terraform.verify",
)
RULES = (UNREADABLE, BROKEN_JSON)
STDIN = "-"
_HCL = re.compile(
    r'^\s*(?:terraform|locals|moved|import|removed|(?:variable|output|module|provider|check)\s+"[^"\n]*"'
    r'|(?:resource|data|ephemeral)\s+"[^"\n]*"\s+"[^"\n]*")\s*\{',
    re.MULTILINE,
)


def kind_of(name: str, text: str) -> Kind:
    """Return what a file is, told by its name and, where that is not enough, by what stands in it.

    Args:
        name: as the learner named it; `-` for standard input.
        text: its text.
    """
    lowered = name.lower()
    if lowered.endswith((".tf", ".tfvars")):
        return "terraform"
    if lowered.endswith((".yaml", ".yml")):
        return "manifest"
    if lowered.endswith(".tf.json"):
        return "terraform-json"
    if lowered.endswith(".json") or text.lstrip()[:1] in ("{", "["):
        return _kind_of_json(text)
    return "terraform" if _HCL.search(text) else "manifest"


def _kind_of_json(text: str) -> Kind:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return "broken-json"
    if is_policy(document):
        return "policy"
    first = document[0] if isinstance(document, list) and document else document
    return "manifest" if isinstance(first, dict) and {"apiVersion", "kind"} & set(first) else "other"


def check_texts(files: Mapping[str, str], options: CheckOptions) -> Report:
    """Judge files in memory.

    Args:
        files: name -> text; the name says what it is, else the text does. Names with forward slashes;
            Terraform of one folder is one module.
        options: what to judge against.

    Returns:
        The findings, sorted; files that are not what their name says are in `unreadable`.
    """
    return _check(files, {}, options)


def _check(files: Mapping[str, str], context: Mapping[str, str], options: CheckOptions) -> Report:
    findings: list[Finding] = []
    unreadable: list[Finding] = []
    by_kind: dict[Kind, dict[str, str]] = {}
    for name, text in files.items():
        by_kind.setdefault(kind_of(name, text), {})[name] = text.removeprefix("﻿").replace("\r\n", "\n")
    if terraform := by_kind.get("terraform"):
        from eks_lab.checker.terraform.judge import check_terraform

        judged = check_terraform({**terraform, **context}, options)
        asked = _folders(terraform)
        findings += [each for each in judged.findings if each.file in terraform]
        unreadable += [
            each
            for each in judged.unreadable
            if each.file in terraform or posixpath.dirname(each.file) in asked
        ]
    for name, text in by_kind.get("policy", {}).items():
        findings += check_document(name, text)
    if manifests := by_kind.get("manifest"):
        from eks_lab.checker.manifests import check_manifests

        for finding in check_manifests(manifests, options):
            (unreadable if finding.rule in _SYNTAX_OF_MANIFESTS else findings).append(finding)
    for name, text in by_kind.get("broken-json", {}).items():
        unreadable.append(_broken_json(name, text))
    for name in by_kind.get("terraform-json", {}):
        fix = "Write it in Terraform's own language; terraform validate reads both."
        unreadable.append(UNREADABLE.at(name, 0, "Terraform written as JSON is not checked", fix=fix))
    return Report(
        findings=tuple(sorted(set(findings))),
        files=tuple(name for name in files if not any(each.file == name for each in unreadable)),
        unreadable=tuple(sorted(set(unreadable))),
    )


_SYNTAX_OF_MANIFESTS = frozenset({"k8s-syntax"})


def _folders(files: Mapping[str, str]) -> set[str]:
    return {posixpath.dirname(name) for name in files}


def _broken_json(name: str, text: str) -> Finding:
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        return BROKEN_JSON.at(name, error.lineno, f"this is no JSON: {error.msg} in column {error.colno}")
    except (ValueError, RecursionError):
        pass
    return BROKEN_JSON.at(name, 1, "this JSON is nested too deep to be read", fix="Give a smaller document.")


def check_paths(paths: Sequence[Path], options: CheckOptions, *, stdin: bytes = b"") -> Report:
    """Judge files and folders.

    Args:
        paths: Terraform folders and files, manifests, IAM policies; `-` is standard input. Local modules and
            the other files of a Terraform folder are read along, but only what was asked for is reported.
        options: what to judge against.
        stdin: what stood on standard input.

    Returns:
        The findings, sorted; what could not be judged is in `unreadable`, each with the reason.
    """
    sources = read_sources([path for path in paths if str(path) != STDIN])
    texts, unreadable = dict(sources.texts), list(sources.unreadable)
    if any(str(path) == STDIN for path in paths):
        found = decode(STDIN, stdin)
        if isinstance(found, Finding):
            unreadable.append(found)
        elif not found.strip():
            unreadable.append(
                UNREADABLE.at(STDIN, 0, "nothing came from standard input", fix="Pipe a file into it.")
            )
        else:
            texts[STDIN] = found
    named = {path.as_posix() for path in paths}
    for name in [name for name, text in texts.items() if kind_of(name, text) == "other"]:
        # A folder may hold any JSON; a file that was named is meant to be judged.
        del texts[name]
        if name in named:
            says = "this JSON is neither a manifest nor an IAM policy"
            unreadable.append(UNREADABLE.at(name, 0, says))
    report = _check(texts, sources.context, options)
    return replace(report, unreadable=tuple(sorted({*report.unreadable, *unreadable})))
