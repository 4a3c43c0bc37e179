"""Questions and judgements as JSON, between a bench and who asks it."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from eks_lab import errors
from eks_lab.content.items.model import CommandItem, ManifestItem
from eks_lab.content.items.result import Result
from eks_lab.content.validate import adapter
from eks_lab.errors import EksLabError
from eks_lab.grading.practical.practice import Practice, Typed
from eks_lab.grading.practical.situation import PracticalItem

_KINDS: dict[str, type[CommandItem | ManifestItem]] = {"command": CommandItem, "manifest": ManifestItem}


def item_document(item: PracticalItem) -> dict[str, Any]:
    """Return a question as JSON values."""
    kind = _KINDS[item.kind]
    found: dict[str, Any] = adapter(kind).dump_python(item, mode="json", exclude_defaults=True)
    return found


def item_of(document: dict[str, Any]) -> PracticalItem:
    """Return a question that was sent as JSON."""
    return adapter(_KINDS[document["kind"]]).validate_python(document)


def practice_document(practice: Practice) -> dict[str, Any]:
    """Return a judgement as JSON values."""
    return asdict(practice)


def practice_of(document: dict[str, Any]) -> Practice:
    """Return a judgement that was sent as JSON."""
    result = document["result"]
    return Practice(
        Result(result["score"], result["correct"], result["headline"], result["detail"]),
        tuple(Typed(**each) for each in document["transcript"]),
        document["refused"],
    )


def error_document(error: EksLabError) -> dict[str, str]:
    """Return an error as JSON values."""
    return {"kind": type(error).__name__, "message": error.message, "hint": error.hint}


def error_of(document: dict[str, str]) -> EksLabError:
    """Return an error that was sent as JSON; one of a kind that is not everybody's becomes a plain one."""
    kind = getattr(errors, document["kind"], EksLabError)
    found: EksLabError = kind(document["message"], hint=document["hint"])
    return found
