"""A learner's own account, played by the simulated one over HTTP on loopback, and what went over the wire."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import uvicorn

from eks_lab.aws.errors import AwsError
from eks_lab.clock import SimClock
from eks_lab.sandbox.backends.aws.backend import Aws
from eks_lab.sandbox.backends.aws.requests import Allowed, Api, is_read
from eks_lab.sandbox.backends.aws.site import SESSION_TAG
from eks_lab.sandbox.backends.interface import Cancel, Step, Wishes
from eks_lab.sandbox.state_directory import StateDirectory
from tests.aws.world_lab import WorldLab

ACCOUNT = "123456789012"
PROFILE = "school"
REGION = "us-east-1"
LEAP_SECONDS = 150.0
MORNING = datetime(2026, 11, 23, 8, tzinfo=UTC)
WISHES = Wishes(profile=PROFILE, region=REGION, new="mine", nodes=1, instance="t3.medium", version="1.36")

Hook = Callable[[str, str, dict[str, Any]], None]
"""Called with service, operation and parameters; may raise AwsError in the place of an answer."""


class Killed(BaseException):
    """The program was killed: nothing may catch it."""


class OwnAccount:
    """A world, served, and what was asked of it."""

    def __init__(self) -> None:
        self.lab = WorldLab(nodes=0)
        self.url = ""
        self.asked: list[tuple[str, str]] = []
        self.before: Hook | None = None
        self.after: Hook | None = None
        self.apis: dict[tuple[str, str], Api] = {}
        self._names = itertools.count()
        account = self.lab.world.account
        gateway = account.gateway
        own = gateway._decide

        def decide(service: str, operation: str, params: dict[str, Any], context: Any) -> None:
            if context.is_over_http:
                self.asked.append((service, operation))
                if self.before is not None:
                    self.before(service, operation, params)
            own(service, operation, params, context)

        gateway._decide = decide  # type: ignore[method-assign]

    @property
    def changes(self) -> list[tuple[str, str]]:
        """Return the calls that change something."""
        return [each for each in self.asked if not is_read(each[1])]

    def forget(self) -> None:
        """Begin a test: nothing was asked."""
        self.asked.clear()
        self.before = self.after = None

    def advance(self, seconds: float) -> None:
        """Let simulated time pass, while nobody asks."""
        self.lab.advance(seconds)

    def left(self) -> list[str]:
        """Return everything of any session that is still there, found without the backend's own code."""
        call = self.lab.call
        filters = [{"Name": "tag-key", "Values": [SESSION_TAG]}]
        found: list[str] = []
        for operation, member, id in (
            ("DescribeVpcs", "Vpcs", "VpcId"),
            ("DescribeSubnets", "Subnets", "SubnetId"),
            ("DescribeInternetGateways", "InternetGateways", "InternetGatewayId"),
            ("DescribeRouteTables", "RouteTables", "RouteTableId"),
            ("DescribeLaunchTemplates", "LaunchTemplates", "LaunchTemplateId"),
            ("DescribeSecurityGroups", "SecurityGroups", "GroupId"),
            ("DescribeVolumes", "Volumes", "VolumeId"),
            ("DescribeNetworkInterfaces", "NetworkInterfaces", "NetworkInterfaceId"),
        ):
            found += [each[id] for each in call("ec2", operation, Filters=filters)[member]]
        for one in call("ec2", "DescribeInstances", Filters=filters)["Reservations"]:
            found += [
                each["InstanceId"] for each in one["Instances"] if each["State"]["Name"] != "terminated"
            ]
        found += [each for each in call("eks", "ListClusters")["clusters"] if each != "lab"]
        found += [
            each["RoleName"]
            for each in call("iam", "ListRoles")["Roles"]
            if each["RoleName"].startswith("eks-lab-")
            and each["RoleName"] not in ("eks-lab-cluster", "eks-lab-node")
        ]
        budgets = call("budgets", "DescribeBudgets", AccountId=ACCOUNT).get("Budgets") or ()
        found += [each["BudgetName"] for each in budgets]
        vpcs = {each["VpcId"] for each in call("ec2", "DescribeVpcs")["Vpcs"]}
        found += [
            each["GroupId"]
            for each in call("ec2", "DescribeSecurityGroups")["SecurityGroups"]
            if each["VpcId"] not in vpcs
        ]
        return found


class ThriftyAws(Aws):
    """The backend, with botocore's clients kept from one test to the next: making them takes most of the time."""

    kept: dict[tuple[str, str], Api]

    def _api(self, profile: str, region: str, cancel: Cancel) -> Api:
        key = (self._endpoint_url, profile)
        if key not in self.kept:
            self.kept[key] = super()._api(profile, region, cancel)
        found = self.kept[key]
        found.cancel, found._wait = cancel, self._wait
        found.allow(Allowed.NOTHING)
        return found


class Learner:
    """Somebody with a profile for that account, at a machine of their own."""

    def __init__(self, account: OwnAccount, home: Path) -> None:
        self.account = account
        self.home = home
        self.directory = StateDirectory(home / "sandbox")
        self.directory.create()
        self.clock = SimClock(MORNING)
        self.steps: list[Step] = []
        self.cancel = Cancel()
        self.on_wait: Callable[[], None] | None = None
        key, secret = account.lab.world.account.student_key
        write_profiles(home, {PROFILE: {"aws_access_key_id": key, "aws_secret_access_key": secret}})

    @property
    def backend(self) -> Aws:
        """Return the backend, as a new command makes it."""
        number = next(self.account._names)
        made = ThriftyAws(
            self.directory,
            clock=self.clock,
            wait=self._wait,
            endpoint_url=self.account.url,
            new_session=lambda: f"{number:08x}",
        )
        made.kept = self.account.apis
        return made

    def _wait(self, cancel: Cancel, seconds: float) -> bool:
        if self.on_wait is not None:
            self.on_wait()
        if not cancel.is_cancelled:
            # Longer than was asked for: a cluster takes ten minutes, and every look at it costs the test some.
            self.account.advance(max(seconds, LEAP_SECONDS))
            self.clock.advance(timedelta(seconds=max(seconds, LEAP_SECONDS)))
        return cancel.is_cancelled

    def up(self, wishes: Wishes = WISHES, consent: str = ACCOUNT) -> Any:
        """Bring it up, as after both questions were answered."""
        return self.backend.up(wishes, self.steps.append, self.cancel, consent)

    def down(self, *, purge: bool = False) -> Any:
        """Take it down."""
        return self.backend.down(purge=purge, tell=self.steps.append)

    @property
    def done(self) -> list[str]:
        """Return the ids of the steps that ended well."""
        return [each.id for each in self.steps if each.state == "done"]

    @property
    def ledger(self) -> dict[str, Any]:
        """Return the record as it stands in its file."""
        path = self.directory.root / "own-account" / "ledger.json"
        found: dict[str, Any] = json.loads(path.read_bytes())
        return found


def write_profiles(home: Path, profiles: Mapping[str, Mapping[str, str]]) -> None:
    """Write `~/.aws/config`."""
    folder = home / ".aws"
    folder.mkdir(parents=True, exist_ok=True)
    sections = []
    for name, values in profiles.items():
        lines = "".join(f"{key} = {value}\n" for key, value in values.items())
        sections.append(f"[{'default' if name == 'default' else f'profile {name}'}]\n{lines}")
    (folder / "config").write_text("\n".join(sections))


@contextlib.contextmanager
def served() -> Iterator[OwnAccount]:
    """Serve an account for as long as the context lasts."""
    account = OwnAccount()
    gateway = account.lab.world.account.gateway
    # asyncio switches Nagle's algorithm off for sockets that say they are TCP; with it every answer takes 40 ms.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", 0))
    # Who asks before the thread has come as far as to listen would be refused; now the request waits for it.
    listener.listen()
    config = uvicorn.Config(gateway, log_level="error", lifespan="off", ws="none", loop="asyncio")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=lambda: asyncio.run(server.serve([listener])), daemon=True)
    thread.start()
    account.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    try:
        yield account
    finally:
        server.should_exit = True
        thread.join(60)
        listener.close()


def refusing(operation: str, code: str, times: int = 1_000, status: int = 400) -> Hook:
    """Return a hook that refuses an operation some times."""
    left = [times]

    def refuse(service: str, name: str, params: dict[str, Any]) -> None:
        if name == operation and left[0]:
            left[0] -= 1
            raise AwsError(code, f"refused for the test: {name}", status=status)

    return refuse
