"""Rules about the text itself: what cannot be read, and what YAML reads otherwise than it was meant."""

from __future__ import annotations

import re
from collections.abc import Iterator

from eks_lab.checker.manifests.reader import Document, Surprise
from eks_lab.checker.model import Finding
from eks_lab.checker.rule import ERROR, WARNING, Rule
from eks_lab.kube.structure import shown_path

SYNTAX = Rule(
    "k8s-syntax",
    ERROR,
    "The file is no YAML or JSON, is binary, is too large, or its aliases grow without bound; nothing in it was judged "
    "from there on.",
    "Correct the text; `kubectl apply --dry-run=client -f FILE` says the same.",
    "start.workstation",
)
DUPLICATE_KEY = Rule(
    "k8s-duplicate-key",
    WARNING,
    "A key stands twice in one map: kubectl keeps the last one and says nothing, so the first is silently lost.",
    "Keep one of the two.",
)
BOOLEAN = Rule(
    "k8s-yaml-boolean",
    WARNING,
    "A bare y, n, yes, no, on or off is a boolean for kubectl, not the word that was written.",
    "Put it into quotes when it is a word; write true or false when it is a boolean.",
)
NUMBER = Rule(
    "k8s-yaml-number",
    WARNING,
    "A bare 1.10 is the number 1.1: versions lose their last zero.",
    "Put it into quotes.",
)
OCTAL = Rule(
    "k8s-yaml-octal",
    WARNING,
    "A bare number that starts with 0 is octal for kubectl: 010 is 8. Only file modes are meant that way.",
    "Put it into quotes, or leave out the leading zero.",
)
RULES = (SYNTAX, DUPLICATE_KEY, BOOLEAN, NUMBER, OCTAL)
_MODES = re.compile(r"(?i)mode|permission|umask")


def surprises(document: Document) -> Iterator[Finding]:
    """Yield what the YAML of a document means that nobody would guess."""
    for surprise in document.surprises:
        finding = _finding(document, surprise)
        if finding is not None:
            yield finding


def _finding(document: Document, surprise: Surprise) -> Finding | None:
    place = shown_path(surprise.path) or "the document"
    match surprise.kind:
        case "duplicate-key":
            return DUPLICATE_KEY.at(
                document.file, surprise.line, f"{place} is written twice; the last value wins"
            )
        case "boolean":
            value = "true" if surprise.value else "false"
            return BOOLEAN.at(document.file, surprise.line, f"{place}: {surprise.text} is read as {value}")
        case "number":
            return NUMBER.at(
                document.file, surprise.line, f"{place}: {surprise.text} is read as {surprise.value:g}"
            )
    if any(isinstance(step, str) and _MODES.search(step) for step in surprise.path[-2:]):
        return None
    return OCTAL.at(document.file, surprise.line, f"{place}: {surprise.text} is read as {surprise.value}")
