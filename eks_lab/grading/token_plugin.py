"""Tokens of a program that a kubeconfig names (`users[].user.exec`), as clients of EKS get theirs."""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Mapping
from typing import Any

from eks_lab.errors import UnavailableError

SECONDS = 30.0
FRESH_SECONDS = 600.0
"""After which another token is asked for; one of EKS is good for 14 minutes (aws eks get-token, expirationTimestamp)."""


class TokenPlugin:
    """Runs the program when a token is needed and the last one is not fresh any more.

    Source: https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins.
    """

    def __init__(self, config: Mapping[str, Any]) -> None:
        """Take the entry of a kubeconfig.

        Args:
            config: `command`, `args`, `env`.
        """
        self._command = [str(config["command"]), *map(str, config.get("args") or ())]
        self._variables = {str(each["name"]): str(each["value"]) for each in config.get("env") or ()}
        self._token = ""
        self._until = 0.0

    def token(self) -> str:
        """Return a token.

        Raises:
            UnavailableError: the program gives none.
        """
        if self._token and time.monotonic() < self._until:
            return self._token
        try:
            done = subprocess.run(
                self._command,
                env={**os.environ, **self._variables},
                capture_output=True,
                text=True,
                timeout=SECONDS,
                check=False,
            )
            found = json.loads(done.stdout)["status"]["token"] if done.returncode == 0 else ""
        except (OSError, subprocess.TimeoutExpired, ValueError, KeyError, TypeError) as error:
            raise UnavailableError(f"{self._command[0]}: gives no token for the cluster: {error}") from error
        if not found:
            raise UnavailableError(
                f"{self._command[0]}: gives no token for the cluster: {done.stderr.strip()}"
            )
        self._token, self._until = str(found), time.monotonic() + FRESH_SECONDS
        return self._token
