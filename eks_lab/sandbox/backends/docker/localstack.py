"""LocalStack: started by compose, asked over loopback."""

from __future__ import annotations

import http.client
import json
import os
import time
from dataclasses import dataclass

from eks_lab.errors import UnavailableError
from eks_lab.sandbox import serving
from eks_lab.sandbox.backends.commands import Outcome, Runner, TakeLine
from eks_lab.sandbox.backends.docker.engine import Engine
from eks_lab.sandbox.backends.docker.explanation import explained
from eks_lab.sandbox.backends.docker.place import COMPOSE_LABEL, LOCALSTACK_PORT, DockerPlace, infra
from eks_lab.sandbox.backends.interface import Cancel

IMAGE = "localstack/localstack:4.12.0"
"""As `infra/localstack/compose.yaml` has it; a test compares the two."""
HEALTHY_SECONDS = 120.0
POLL_SECONDS = 0.25
ANSWER_SECONDS = 5.0
COMPOSE_SECONDS = 300.0
LOG_LINES = "40"


@dataclass(frozen=True, slots=True)
class Health:
    """What LocalStack says of itself."""

    version: str
    edition: str
    """`community` or `pro`."""
    services: dict[str, str]
    """Service -> `available`, `running`, `disabled`, `error`."""


def health(port: int) -> Health | None:
    """Return what LocalStack says of itself; None while nothing answers, or something else does.

    Args:
        port: on loopback.
    """
    connection = http.client.HTTPConnection(serving.HOST, port, timeout=ANSWER_SECONDS)
    try:
        connection.request("GET", "/_localstack/health")
        response = connection.getresponse()
        document = json.loads(response.read())
        if response.status != 200:
            return None
        return Health(document["version"], document.get("edition", ""), dict(document["services"]))
    except (OSError, http.client.HTTPException, ValueError, KeyError, TypeError):
        return None
    finally:
        connection.close()


class LocalStack:
    """One LocalStack, under one compose project."""

    def __init__(
        self, runner: Runner, engine: Engine, place: DockerPlace, port: int = LOCALSTACK_PORT
    ) -> None:
        """Name it; nothing is started.

        Args:
            runner: runs compose.
            engine: that has it.
            place: its name.
            port: on loopback.
        """
        self._runner = runner
        self._engine = engine
        self._place = place
        self.port = port

    @property
    def url(self) -> str:
        """Return where it answers."""
        return f"http://{serving.HOST}:{self.port}"

    def _compose(
        self, *arguments: str, cancel: Cancel | None = None, line: TakeLine | None = None
    ) -> Outcome:
        variables = {
            **os.environ,
            "EKS_LAB_NAME": self._place.name,
            "EKS_LAB_LOCALSTACK_PORT": str(self.port),
        }
        file = str(infra("localstack", "compose.yaml"))
        return self._runner.run(
            (
                self._engine.program, "compose", "--project-name", self._place.name, "--file", file,
                *arguments,
            ),
            timeout_seconds=COMPOSE_SECONDS,
            cancel=cancel,
            line=line,
            environment=variables,
        )  # fmt: skip

    def start(self, cancel: Cancel, line: TakeLine, *, anew: bool = False) -> None:
        """Start it, or find that it runs.

        Args:
            cancel: ends it.
            line: takes what compose prints.
            anew: with nothing in it: the free edition keeps its state in memory.

        Raises:
            StoppedError: it was cancelled.
            EksLabError: it cannot be started.
        """
        again = ("--force-recreate", "--renew-anon-volumes") if anew else ()
        outcome = self._compose("up", "--detach", *again, cancel=cancel, line=line)
        if outcome.code != 0:
            raise explained("start LocalStack", outcome)

    def await_healthy(self, cancel: Cancel, seconds: float = HEALTHY_SECONDS) -> Health:
        """Wait until it answers.

        Raises:
            StoppedError: it was cancelled.
            UnavailableError: it has ended, or does not answer in time; with what it logged.
        """
        end = time.monotonic() + seconds
        while True:
            found = health(self.port)
            if found is not None:
                return found
            states = [each.state for each in self._engine.containers(COMPOSE_LABEL, self._place.name)]
            if not states or any(state in ("exited", "dead") for state in states):
                raise explained("start LocalStack: its container has ended", self._log())
            if time.monotonic() > end:
                raise UnavailableError(
                    f"LocalStack does not answer on {self.url} after {seconds:g} s: {self._log().last_error}",
                    hint="Run it again; if that does not help: eks-lab sandbox down --purge, then up.",
                )
            cancel.wait(POLL_SECONDS)
            cancel.check()

    def _log(self) -> Outcome:
        done = self._compose("logs", "--no-color", "--no-log-prefix", "--tail", LOG_LINES)
        return Outcome(done.code, done.out, done.err or done.out)

    def stop(self) -> None:
        """Stop it; what was in it is lost, as the free edition keeps it in memory.

        Raises:
            EksLabError: it cannot be stopped.
        """
        outcome = self._compose("stop")
        if outcome.code != 0:
            raise explained("stop LocalStack", outcome)

    def remove(self) -> None:
        """Remove its container, network and volumes.

        Raises:
            EksLabError: they cannot be removed.
        """
        outcome = self._compose("down", "--volumes", "--remove-orphans")
        if outcome.code != 0:
            raise explained("remove LocalStack", outcome)
