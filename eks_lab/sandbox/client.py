"""Talks to a running sandbox: the control API's client."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from eks_lab.errors import DataError, EksLabError, InputError, UnavailableError
from eks_lab.sandbox.process_lock import is_held
from eks_lab.sandbox.state_directory import StateDirectory

HOST = "127.0.0.1"
TIMEOUT_SECONDS = 10.0
LONG_TIMEOUT_SECONDS = 3600.0
"""For an advance: a long stretch of a busy cluster takes its time."""

_ERRORS: dict[int, type[EksLabError]] = {2: InputError, 3: UnavailableError, 4: DataError}


@dataclass(frozen=True, slots=True)
class Process:
    """A running sandbox, as its file describes it."""

    pid: int
    identity: str
    """See `process_identity`."""
    instance: str
    """Drawn at its start."""
    control_port: int
    api_port: int


def running(directory: StateDirectory) -> Process | None:
    """Return the process that runs a sandbox, or None.

    Args:
        directory: of the sandbox; what a crashed process left there does not count.
    """
    if not is_held(directory.lock):
        return None
    try:
        document = json.loads(directory.process.read_bytes())
        ports = document["ports"]
        return Process(
            document["pid"], document["identity"], document["instance"], ports["control"], ports["api"]
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None


def required(directory: StateDirectory) -> Client:
    """Return a client of the running sandbox.

    Raises:
        UnavailableError: none runs.
    """
    process = running(directory)
    if process is None:
        raise UnavailableError("the sandbox does not run", hint="Start it with: eks-lab sandbox up")
    return Client(directory, process)


class Client:
    """Calls of the control API."""

    def __init__(self, directory: StateDirectory, process: Process) -> None:
        """Name whom to call.

        Args:
            directory: of the sandbox: the token is there.
            process: that runs.
        """
        self._directory = directory
        self._process = process

    @property
    def instance(self) -> str:
        """Drawn at the start of the process that is called."""
        return self._process.instance

    def status(self) -> dict[str, Any]:
        """Return what runs: server, options, speed, now, nodes, pods, notices."""
        return self._call("GET", "/v1/status")

    def account(self) -> dict[str, Any]:
        """Return the account at a glance; see `eks_lab.aws.overview`."""
        return self._call("GET", "/v1/account")

    def costs(self) -> dict[str, Any]:
        """Return what the account would have cost; see `eks_lab.aws.billing.costs.Costs`."""
        return self._call("GET", "/v1/costs")

    def journal(self, instance_id: str) -> list[str]:
        """Return what an instance's kubelet said.

        Raises:
            InputError: there is no such instance.
        """
        return list(self._call("GET", f"/v1/journal/{instance_id}")["lines"])

    def violations(self) -> list[str]:
        """Return what does not agree between the account and its clusters; empty when all is well."""
        return list(self._call("GET", "/v1/invariants")["violations"])

    def advance(self, by: timedelta) -> dict[str, Any]:
        """Play simulated time; returns start, end, reconciles, happenings, dropped, cancelled.

        Raises:
            InputError: not so far, or another advance is under way.
        """
        return self._call("POST", "/v1/advance", {"seconds": by.total_seconds()}, LONG_TIMEOUT_SECONDS)

    def faults(self) -> list[dict[str, Any]]:
        """Return all faults: id, title, number, mark, says, cause, remedy, sources, armed, visible, commands."""
        found: list[dict[str, Any]] = self._call("GET", "/v1/faults")["faults"]
        return found

    def arm_fault(self, id: str, seed: int | None = None) -> dict[str, Any]:
        """Bring a fault about; returns it.

        Raises:
            InputError: there is no such fault, or it is armed, or another one is in its way.
            UnavailableError: the cluster lacks what it needs.
        """
        return self._call("POST", "/v1/faults/arm", {"id": id, "seed": seed}, LONG_TIMEOUT_SECONDS)

    def clear_fault(self, id: str) -> dict[str, Any]:
        """Take a fault back; returns it, and as `left` what could not be taken back.

        Raises:
            InputError: it is not armed.
        """
        return self._call("POST", "/v1/faults/clear", {"id": id}, LONG_TIMEOUT_SECONDS)

    def cancel_advance(self) -> bool:
        """End the advance that somebody else waits for; returns whether there was one."""
        return bool(self._call("POST", "/v1/advance/cancel")["cancelled"])

    def set_speed(self, speed: str) -> dict[str, Any]:
        """Go on at another speed (`60x`, `pause`, `max`); returns the status.

        Raises:
            InputError: it is no speed.
        """
        return self._call("POST", "/v1/speed", {"speed": speed})

    def snapshot(self) -> dict[str, Any]:
        """Have everything written to disk; returns the status."""
        return self._call("POST", "/v1/snapshot")

    def reset(self, **options: Any) -> dict[str, Any]:
        """Begin anew; returns the status.

        Args:
            options: nodes, instance, version, seed; None and what is missing stay as they are.

        Raises:
            InputError: an option cannot be had.
        """
        return self._call("POST", "/v1/reset", options)

    def lab(self, what: str, **body: Any) -> dict[str, Any]:
        """Make one of the calls that labs need; see `eks_lab.sandbox.laboratory`.

        Args:
            what: `keep`, `restore`, `record`, …
            body: its fields.

        Raises:
            EksLabError: the sandbox refuses.
        """
        return self._call("POST", f"/v1/lab/{what}", body)

    def stop(self) -> None:
        """Ask the process to end; it is still there when this returns."""
        self._call("POST", "/v1/stop")

    def events(self) -> Iterator[dict[str, str]]:
        """Yield what happens from now on, until the sandbox ends."""
        connection = self._connect("GET", "/v1/events", None, None)
        try:
            response = connection.getresponse()
            for line in response:
                yield json.loads(line)
        finally:
            connection.close()

    def _connect(
        self, method: str, path: str, document: dict[str, Any] | None, timeout: float | None
    ) -> http.client.HTTPConnection:
        try:
            token = self._directory.token.read_text()
        except OSError as error:
            raise DataError(f"{self._directory.token}: {error.strerror or error}") from error
        connection = http.client.HTTPConnection(HOST, self._process.control_port, timeout=timeout)
        body = json.dumps(document).encode() if document is not None else None
        try:
            connection.request(method, path, body, {"Authorization": f"Bearer {token}"})
        except OSError as error:
            raise self._silent(error) from error
        return connection

    def _call(
        self,
        method: str,
        path: str,
        document: dict[str, Any] | None = None,
        timeout: float = TIMEOUT_SECONDS,
    ) -> dict[str, Any]:
        connection = self._connect(method, path, document, timeout)
        try:
            response = connection.getresponse()
            answer: dict[str, Any] = json.loads(response.read())
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise self._silent(error) from error
        finally:
            connection.close()
        if response.status != 200:
            kind = _ERRORS.get(answer.get("code", 1), EksLabError)
            raise kind(answer.get("error", f"{path}: status {response.status}"), hint=answer.get("hint", ""))
        return answer

    def _silent(self, error: Exception) -> UnavailableError:
        return UnavailableError(
            f"the sandbox (process {self._process.pid}) does not answer: {error}",
            hint=f"Stop it with: eks-lab sandbox down. Its log is {self._directory.log}.",
        )
