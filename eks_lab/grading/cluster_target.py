"""A cluster and an account that are not ours to wind: a kubeconfig, an AWS endpoint, and time as it passes.

What a simulated world can do besides (going back to a kept state, knowing who did what, faults) is not there; labs that
need it are not offered here, see `eks_lab.grading.carrying`.
"""

from __future__ import annotations

import os
import re
import subprocess
import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from eks_lab.clock import Clock
from eks_lab.content.actions import WorldOptions
from eks_lab.content.duration import parse_duration
from eks_lab.errors import DataError, InputError, UnavailableError
from eks_lab.grading.kubernetes_client import KubernetesClient
from eks_lab.grading.patience import ENDED, LONGEST_COMMAND
from eks_lab.grading.recording import Record
from eks_lab.grading.target import Done, RefusedError
from eks_lab.sandbox.backends.interface import Backend, BackendStatus, Cancel, Wishes, tell_nobody
from eks_lab.sandbox.backends.programs import find

_TIMEOUT = re.compile(r"--timeout=(\S+)")
_GRACE = timedelta(seconds=30)
"""Wall time that a command has on top of its own `--timeout`."""


def wait_on_the_wall(by: timedelta) -> None:
    """Let wall time pass."""
    threading.Event().wait(by.total_seconds())


class ClusterTarget:
    """A target over a running backend without simulated time."""

    def __init__(
        self,
        backend: Backend,
        status: BackendStatus,
        clock: Clock,
        wait: Callable[[timedelta], object] = wait_on_the_wall,
    ) -> None:
        """Take a running backend.

        Args:
            backend: gives the variables of a shell, and goes back to the state just after `up`.
            status: of it; it names the kubeconfig.
            clock: wall time.
            wait: lets time pass.

        Raises:
            UnavailableError: it names no cluster.
        """
        if status.kubeconfig is None:
            raise UnavailableError(
                f"the backend {status.name} has no cluster that can be reached",
                hint="See: eks-lab sandbox status",
            )
        self._backend = backend
        self._status = status
        self._clock = clock
        self._wait = wait
        self._kubeconfig = status.kubeconfig
        self._botocore: Any = None
        self._clients: dict[str, Any] = {}
        self.capabilities = status.capabilities
        self.kubernetes = KubernetesClient(status.kubeconfig)

    def close(self) -> None:
        """Hang up."""
        self.kubernetes.close()
        while self._clients:
            self._clients.popitem()[1].close()

    @property
    def kubeconfig(self) -> Path:
        """Return the file that KUBECONFIG names."""
        return self._kubeconfig

    @property
    def environment(self) -> Mapping[str, str]:
        """Return the variables of a learner's shell; one with an empty value is to be unset."""
        return self._backend.environment(os.environ)

    # --- the world -------------------------------------------------------------------------------------------

    def begin(self, world: WorldOptions, seed: int) -> None:
        """Go back to the state just after `up`; a cluster of the learner's stays as it is.

        Args:
            world: not needed: the nodes are those that the backend has.
            seed: not needed.

        Raises:
            EksLabError: the backend cannot go back.
        """
        del world, seed
        if "reset" in self.capabilities:
            self._backend.reset(Wishes(), tell_nobody, Cancel())
            self.kubernetes.forget()

    def arm_fault(self, fault: str, seed: int) -> None:
        """Refuse: nobody breaks a cluster that is not simulated.

        Raises:
            UnavailableError: always.
        """
        del seed
        raise UnavailableError(
            f"the fault {fault} exists in the simulator only",
            hint="Have it there: eks-lab sandbox up --backend embedded",
        )

    def advance(self, by: timedelta) -> None:
        """Wait: time is real here."""
        self._wait(by)

    def now(self) -> datetime:
        """Return the moment."""
        return self._clock.now()

    def snapshot(self, name: str) -> None:
        """Keep nothing: there is one state to go back to, the one after `up`."""

    def restore(self, name: str) -> None:
        """Refuse: nothing was kept.

        Raises:
            DataError: always.
        """
        raise DataError(
            f"{name}: the backend {self._status.name} keeps no states",
            hint="Go back to the state after `up`: eks-lab sandbox reset",
        )

    def forget(self, name: str) -> None:
        """Forget nothing: nothing was kept."""

    def state_hash(self) -> str:
        """Refuse: no two states of a real cluster are alike.

        Raises:
            InputError: always.
        """
        raise InputError(f"states of the backend {self._status.name} cannot be compared")

    def begin_record(self) -> None:
        """Record nothing: nobody knows here who did what."""

    def end_record(self) -> None:
        """Record nothing."""

    def record(self) -> Record:
        """Return an empty record."""
        return Record()

    def spent_usd(self) -> float:
        """Return what was spent on it, US dollars; nothing where it costs nothing."""
        return self._status.spent_usd or 0.0

    # --- calls -----------------------------------------------------------------------------------------------

    def aws(self, service: str, operation: str, params: Mapping[str, Any]) -> dict[str, Any]:
        """Make an AWS call with the backend's credentials; moments in the answer are ISO texts.

        Raises:
            RefusedError: AWS refuses, or there is no such operation.
            UnavailableError: the endpoint does not answer, or nobody has credentials.
        """
        from botocore import xform_name
        from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError

        try:
            method = getattr(self._client(service), xform_name(operation), None)
            if method is None:
                raise RefusedError("UnknownOperation", f"there is no operation {operation} of {service}")
            answer = method(**params)
        except ClientError as error:
            found = error.response["Error"]
            raise RefusedError(found.get("Code", ""), found.get("Message", "")) from error
        except ParamValidationError as error:
            raise RefusedError("ValidationError", str(error)) from error
        except BotoCoreError as error:
            raise UnavailableError(
                f"the AWS API of the backend {self._status.name} does not answer: {error}",
                hint="See: eks-lab sandbox status",
            ) from error
        plain: dict[str, Any] = _plain(
            {name: each for name, each in answer.items() if name != "ResponseMetadata"}
        )
        return plain

    def _client(self, service: str) -> Any:
        """Return a client that takes nothing from the learner's own environment."""
        from botocore.config import Config
        from botocore.exceptions import UnknownServiceError

        if service not in self._clients:
            own = self.environment
            endpoint = own.get("AWS_ENDPOINT_URL") or None
            if self._botocore is None:
                self._botocore = _session(own)
            settings = Config(ignore_configured_endpoint_urls=True, proxies={} if endpoint else None)
            region = own.get("AWS_REGION") or self._status.region or None
            try:
                self._clients[service] = self._botocore.create_client(
                    service, region_name=region, endpoint_url=endpoint, config=settings
                )
            except UnknownServiceError as error:
                raise RefusedError("UnknownOperation", f"there is no service {service}") from error
        return self._clients[service]

    def run_aws(self, arguments: Sequence[str], folder: Path) -> Done:
        """Run aws in a folder.

        Raises:
            UnavailableError: there is none.
        """
        return self._run("aws", arguments, folder, "")

    def run_kubectl(self, arguments: Sequence[str], folder: Path, stdin: str = "") -> Done:
        """Run kubectl in a folder.

        Raises:
            UnavailableError: there is none.
        """
        return self._run("kubectl", arguments, folder, stdin)

    def _run(self, name: str, arguments: Sequence[str], folder: Path, stdin: str) -> Done:
        program = find(name)
        if not program:
            raise UnavailableError(
                f"{name} is not installed", hint="Install it, or: pip install 'eks-lab[tools]'"
            )
        own = self.environment
        merged = {**os.environ, **own}
        try:
            done = subprocess.run(
                [program, *arguments],
                cwd=folder,
                env={each: value for each, value in merged.items() if value or each not in own},
                input=stdin,
                capture_output=True,
                text=True,
                errors="replace",
                timeout=_longest(arguments).total_seconds(),
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            said = error.stdout or b""
            out = said.decode(errors="replace") if isinstance(said, bytes) else said
            return Done(ENDED, out, "the command was ended: it waits for ever")
        except OSError as error:
            raise UnavailableError(f"{program} cannot be started: {error.strerror or error}") from error
        return Done(done.returncode, done.stdout, done.stderr)


def _longest(arguments: Sequence[str]) -> timedelta:
    """Return the wall time after which a command is ended."""
    for word in arguments:
        match = _TIMEOUT.fullmatch(word)
        if match:
            try:
                return min(parse_duration(match.group(1)) + _GRACE, LONGEST_COMMAND)
            except InputError:
                break
    return LONGEST_COMMAND


def _session(own: Mapping[str, str]) -> Any:
    """Return a botocore session with the credentials of a shell's variables, and no others."""
    from botocore.session import Session

    if own.get("AWS_PROFILE"):
        from eks_lab.sandbox.backends.aws.profile import session_of

        # The learner's own account: that profile, and nothing of our environment.
        return session_of(own["AWS_PROFILE"])
    # Without this entry botocore would take the profile of our own environment.
    nobodys = {"profile": (None, None, None, None)}
    made = Session(session_vars=nobodys)
    for name, variable in (
        ("config_file", "AWS_CONFIG_FILE"),
        ("credentials_file", "AWS_SHARED_CREDENTIALS_FILE"),
    ):
        if own.get(variable):
            made.set_config_variable(name, own[variable])
    # Set in any case: an empty key is refused by AWS, a learner's own would be taken.
    made.set_credentials(
        own.get("AWS_ACCESS_KEY_ID", ""),
        own.get("AWS_SECRET_ACCESS_KEY", ""),
        own.get("AWS_SESSION_TOKEN") or None,
    )
    return made


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return value.isoformat() if isinstance(value, datetime) else value
