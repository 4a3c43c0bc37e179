"""The honest answer to what is not simulated: which operation, what is nearest, what real AWS does."""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import get_close_matches
from html import unescape

from eks_lab.aws.errors import AwsError
from eks_lab.aws.gateway.destination import service_model

STATUS = 501
_TAG = re.compile(r"<[^>]+>")
_SENTENCE = re.compile(r"(.+?[.!?])(?:\s|$)", re.DOTALL)


def not_simulated(service: str, operation: str, simulated: Iterable[str] = (), note: str = "") -> AwsError:
    """Return the refusal of an operation that is not simulated.

    Args:
        service: botocore's name.
        operation: that was called.
        simulated: operations of the service that are.
        note: what real AWS does; the model's own documentation when empty.
    """
    parts = [f"eks-lab does not simulate {service} {operation}."]
    close = get_close_matches(operation, list(simulated), n=1, cutoff=0.0)
    parts.append(
        f"Nearest simulated operation: {close[0]}." if close else f"Nothing of {service} is simulated."
    )
    what = note or first_sentence(service, operation)
    if what:
        parts.append(f"On AWS: {what}")
    return AwsError("NotImplemented", " ".join(parts), status=STATUS)


def first_sentence(service: str, operation: str) -> str:
    """Return what botocore's model says an operation does, one sentence; empty when it says nothing."""
    text = service_model(service).operation_model(operation).documentation or ""
    plain = " ".join(unescape(_TAG.sub(" ", text)).split())
    found = _SENTENCE.match(plain)
    return (found.group(1) if found else plain).replace(" .", ".")[:400]
