"""Refusals in AWS's own form: a code, a sentence and an HTTP status."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class AwsError(Exception):
    """A call that AWS refuses; the gateway shapes it for the protocol of the service."""

    def __init__(
        self, code: str, message: str, *, status: int = 400, fields: Mapping[str, Any] | None = None
    ) -> None:
        """Refuse a call.

        Args:
            code: as botocore's model of the service names it: `ResourceInUseException`, `AccessDenied`.
            message: AWS's own sentence.
            status: of the HTTP answer.
            fields: further members of the error's shape: `clusterName`, `nodegroupName`.
        """
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status
        self.fields = dict(fields or {})
