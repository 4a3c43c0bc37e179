"""Pages of lists: maxResults and nextToken, as EKS has them."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from typing import Any, TypeVar

from eks_lab.aws.eks.refusals import invalid_parameter

Item = TypeVar("Item")

MOST = 100
"""Entries of one page, unless fewer are wanted."""


def page(items: Sequence[Item], params: dict[str, Any], member: str, *, most: int = MOST) -> dict[str, Any]:
    """Return one page of a list.

    Args:
        items: the whole list, in order.
        params: of the request: `maxResults`, `nextToken`.
        member: of the response that holds the list.
        most: entries of a page when nobody says.

    Returns:
        The member, and `nextToken` when there is more.

    Raises:
        AwsError: InvalidParameterException, the token is not one of ours or maxResults is out of range.
    """
    start = _offset(params["nextToken"]) if params.get("nextToken") else 0
    wanted = params.get("maxResults")
    if wanted is not None and not 1 <= wanted <= MOST:
        raise invalid_parameter(f"maxResults must be between 1 and {MOST}, but was {wanted}")
    end = start + (wanted or most)
    answer: dict[str, Any] = {member: list(items[start:end])}
    if end < len(items):
        answer["nextToken"] = _token(end)
    return answer


def _token(offset: int) -> str:
    return base64.urlsafe_b64encode(f"eks-page:{offset}".encode()).decode()


def _offset(token: str) -> int:
    try:
        word, _, number = base64.urlsafe_b64decode(token.encode()).decode().partition(":")
        if word == "eks-page":
            return int(number)
    except (binascii.Error, UnicodeError, ValueError):
        pass
    raise invalid_parameter("The specified nextToken is not valid.")
