"""Reads what generators write: every file by its ending, and the names in its documents."""

from __future__ import annotations

import email
import json
import re
from collections.abc import Iterator
from typing import Any

import hcl2
import yaml

from eks_lab.generate.model import Bundle, GeneratedFile

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
SUBDOMAIN = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
GO_TEMPLATE = re.compile(r"\{\{ \.[\w.]+ \}\}")


def parse(file: GeneratedFile) -> list[Any]:
    """Return the documents of a file; an unreadable one raises what its parser raises."""
    text = file.text
    if file.name.endswith(".json"):
        return [json.loads(text)]
    if file.name.endswith(".tf"):
        return [hcl2.loads(text)]
    if file.name.endswith(".txt"):
        (part,) = (part for part in email.message_from_string(text).walk() if not part.is_multipart())
        assert part.get_content_type() == "application/node.eks.aws"
        text = str(part.get_payload())
    if file.name.endswith(".sh"):
        assert text.startswith("#!/bin/sh\n")
        # A line that goes on is followed by one that is indented, and never by a comment or the end.
        lines = text.splitlines()
        for line, following in zip(lines, [*lines[1:], ""], strict=True):
            if line.endswith("\\"):
                assert following.startswith("  "), text
        return []
    return [document for document in yaml.load_all(text, Loader=_LOADER) if document is not None]


def objects(bundle: Bundle) -> Iterator[dict[str, Any]]:
    """Yield the Kubernetes objects of a bundle."""
    for file in bundle.files:
        for document in parse(file):
            if isinstance(document, dict) and "apiVersion" in document:
                yield document


def name_of(document: dict[str, Any]) -> tuple[str, str, str]:
    """Return kind, namespace and name."""
    metadata = document.get("metadata", {})
    return document["kind"], metadata.get("namespace", ""), metadata.get("name", "")
