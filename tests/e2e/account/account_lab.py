"""A learner's shell: the real `aws` and `kubectl` with what `sandbox env` prints, and boto3 to look behind them."""

from __future__ import annotations

import base64
import http.client
import json
import os
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from botocore.config import Config
from botocore.session import Session

from tests.e2e.sandbox_lab import KUBECTL, Lab

BIN = Path(sys.executable).parent
AWS = BIN / "aws"
ACCOUNT = "123456789012"
REFUSED = -1
"""For the exit code of an `aws` whose call was refused: 255 of version 1, 254 of version 2."""
LEARNERS_KEY = "AKIAZ7REALLOOKING42Q"
"""Of the learner's own account: nothing may ever be signed by it."""
GUARD = Path(__file__).with_name("loopback_only")
"""Folder of a sitecustomize that refuses every address but loopback."""


class AccountLab(Lab):
    """The program, `aws`, `kubectl`, and clients of botocore."""

    def __init__(self, home: Path) -> None:
        """Use a home, and put a learner's own credentials where programs find them."""
        super().__init__(home)
        self.calls = 0
        """How often the real `aws` was run."""
        self._clients_of_aws: dict[tuple[str, str], Any] = {}
        self._exports: dict[str, str] = {}
        self._tokens: dict[str, str] = {}
        folder = home / ".aws"
        folder.mkdir(parents=True, exist_ok=True)
        keys = f"aws_access_key_id = {LEARNERS_KEY}\naws_secret_access_key = dG9wLXNlY3JldC1vZi10aGUtbGVhcm5lcg\n"
        (folder / "credentials").write_text(f"[default]\n{keys}[production]\n{keys}")
        (folder / "config").write_text(
            "[default]\nregion = eu-west-1\n[profile production]\nregion = eu-west-1\n"
        )

    # --- programs --------------------------------------------------------------------------------------------

    def shell(self, **more: str) -> dict[str, str]:
        """Return the variables of a shell in which `eval "$(eks-lab sandbox env)"` was typed.

        Before that it was a shell in which a learner works on an account of their own.
        """
        found = {
            "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
            "HOME": str(self.home),
            "EKS_LAB_HOME": str(self.home),
            "LC_ALL": "C.UTF-8",
            "PYTHONPATH": str(GUARD),
            "EKS_LAB_GUARD_LOG": str(self.home / "guard.log"),
            "HTTPS_PROXY": "http://127.0.0.1:9",
            "HTTP_PROXY": "http://127.0.0.1:9",
            "AWS_PROFILE": "production",
            "AWS_ACCESS_KEY_ID": LEARNERS_KEY,
            "AWS_SECRET_ACCESS_KEY": "dG9wLXNlY3JldC1vZi10aGUtbGVhcm5lcg",
            "AWS_SESSION_TOKEN": "FwoGZXIvYXdzEXAMPLEtoken",
            "AWS_REGION": "eu-west-1",
            "AWS_DEFAULT_REGION": "eu-west-1",
        }
        if not self._exports:
            self._exports = exports(self.run("env").stdout)
        for name, value in self._exports.items():
            if value:
                found[name] = value
            else:
                found.pop(name, None)
        return {**found, **more}

    def aws(self, *arguments: str, code: int = 0, environment: Mapping[str, str] | None = None) -> Any:
        """Run the real `aws`.

        Args:
            arguments: of the program.
            code: that it must end with.
            environment: variables to add.

        Returns:
            What it printed: read as JSON where it is JSON; for a code other than 0, what it said on stderr.
        """
        self.calls += 1
        done = subprocess.run(
            [str(AWS), *arguments],
            env=self.shell(**(environment or {})),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        said = f"{arguments}: {done.returncode}\n{done.stdout}{done.stderr}"
        assert done.returncode == code or (code == REFUSED and done.returncode in (254, 255)), said
        assert LEARNERS_KEY not in said
        if code:
            return done.stderr.strip()
        try:
            return json.loads(done.stdout)
        except ValueError:
            return done.stdout.strip()

    def kubectl_as(
        self, kubeconfig: Path, *arguments: str, code: int = 0, stdin: str = "", **environment: str
    ) -> str:
        """Run kubectl with a kubeconfig that `aws eks update-kubeconfig` wrote; return all that it prints."""
        done = subprocess.run(
            [KUBECTL, "--request-timeout=20s", *arguments],
            env=self.shell(**{"KUBECONFIG": str(kubeconfig), **environment}),
            input=stdin,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == code, f"{arguments}: {done.returncode}\n{done.stdout}{done.stderr}"
        return done.stdout + done.stderr

    def refused_addresses(self) -> list[str]:
        """Return what a program asked for that is not loopback."""
        try:
            return (self.home / "guard.log").read_text().splitlines()
        except FileNotFoundError:
            return []

    # --- looking behind them ---------------------------------------------------------------------------------

    def client(self, service: str, key: str = "", secret: str = "") -> Any:
        """Return a client of botocore for the sandbox's user, or for another key."""
        shell = self.shell()
        found = self._clients_of_aws.get((service, key))
        if found is None:
            session = Session()
            session.set_credentials(
                key or shell["AWS_ACCESS_KEY_ID"], secret or shell["AWS_SECRET_ACCESS_KEY"], None
            )
            config = Config(
                retries={"max_attempts": 1, "mode": "standard"},
                s3={"addressing_style": "path"},
                proxies={},
            )
            found = session.create_client(
                service, region_name="us-east-1", endpoint_url=shell["AWS_ENDPOINT_URL"], config=config
            )
            self._clients_of_aws[service, key] = found
        return found

    def forget_clients(self) -> None:
        """Close connections; after a restart the keys and ports are read anew."""
        for client in self._clients_of_aws.values():
            client.close()
        self._clients_of_aws.clear()
        self._exports = {}

    def token(self, cluster: str) -> str:
        """Return a token as `aws eks get-token` makes it, asked for once."""
        if cluster not in self._tokens:
            found = self.aws("eks", "get-token", "--cluster-name", cluster)
            self._tokens[cluster] = found["status"]["token"]
        return self._tokens[cluster]

    def cluster(self, name: str) -> ClusterClient:
        """Return a connection to a cluster's endpoint, as the learner's user."""
        return ClusterClient(self.client("eks").describe_cluster(name=name)["cluster"], self.token(name))

    def advance(self, seconds: float) -> None:
        """Play simulated time at once."""
        self.control.advance(timedelta(seconds=seconds))

    def play_until(self, is_true: Callable[[], bool], minutes: float, step: float = 15) -> None:
        """Play simulated time until something is true; fail when it is not after so many minutes."""
        left = minutes * 60
        while not is_true():
            assert left > 0, f"not so after {minutes:g} simulated minutes"
            self.advance(step)
            left -= step

    def agree(self, *clusters: str) -> None:
        """Check that both halves agree: by the checker, and by what `aws` and `kubectl` would show."""
        assert self.control.violations() == []
        interfaces = self.client("ec2").describe_network_interfaces()["NetworkInterfaces"]
        held = {each["PrivateIpAddress"] for one in interfaces for each in one["PrivateIpAddresses"]}
        held |= {
            address for one in interfaces for each in one.get("Ipv4Prefixes", ()) for address in _inside(each)
        }
        for name in clusters:
            pods = self.cluster(name).items("/api/v1/pods")
            used = [
                (each["status"]["podIP"], each["metadata"]["name"])
                for each in pods
                if each["status"].get("podIP")
                and each["status"]["phase"] not in ("Succeeded", "Failed")
                and not each["spec"].get("hostNetwork")
                and not each["metadata"].get("deletionTimestamp")
            ]
            assert [each for each in used if each[0] not in held] == []
            assert len({address for address, _ in used}) == len(used), used


class ClusterClient:
    """HTTPS to one cluster with a bearer token; a connection a request, so that nothing stays open."""

    def __init__(self, cluster: Mapping[str, Any], token: str) -> None:
        """Trust what `describe-cluster` says."""
        authority = base64.b64decode(cluster["certificateAuthority"]["data"]).decode()
        self._context = ssl.create_default_context(cadata=authority)
        self._address = urlsplit(cluster["endpoint"])
        self._token = token

    def get(self, path: str) -> tuple[int, Any]:
        """Return status and decoded answer."""
        connection = http.client.HTTPSConnection(
            self._address.hostname or "", self._address.port, timeout=15, context=self._context
        )
        try:
            connection.request("GET", path, headers={"Authorization": f"Bearer {self._token}"})
            response = connection.getresponse()
            return response.status, json.loads(response.read())
        finally:
            connection.close()

    def items(self, path: str) -> list[dict[str, Any]]:
        """Return the objects of a list."""
        status, found = self.get(path)
        assert status == 200, found
        items: list[dict[str, Any]] = found["items"]
        return items

    def ready_nodes(self) -> list[str]:
        """Return the names of the nodes that are Ready."""
        return [
            each["metadata"]["name"]
            for each in self.items("/api/v1/nodes")
            if any(one["type"] == "Ready" and one["status"] == "True" for one in each["status"]["conditions"])
        ]

    def running(self, namespace: str, selector: str) -> list[dict[str, Any]]:
        """Return the pods that are Ready and not being deleted."""
        pods = self.items(f"/api/v1/namespaces/{namespace}/pods?labelSelector={quote(selector)}")
        return [each for each in pods if _is_ready(each)]


def _is_ready(pod: Mapping[str, Any]) -> bool:
    conditions = pod["status"].get("conditions", ())
    return "deletionTimestamp" not in pod["metadata"] and any(
        each["type"] == "Ready" and each["status"] == "True" for each in conditions
    )


def exports(text: str) -> dict[str, str]:
    """Return what a POSIX shell makes of the lines of `sandbox env`; unset variables are empty."""
    found = {}
    for line in text.splitlines():
        word, _, rest = line.partition(" ")
        name, _, value = rest.partition("=")
        assert word in ("export", "unset"), line
        found[name] = value.strip("'\"") if word == "export" else ""
    return found


def _inside(prefix: Mapping[str, str]) -> list[str]:
    from ipaddress import IPv4Network

    return [str(each) for each in IPv4Network(prefix["Ipv4Prefix"])]


def until(is_true: Callable[[], bool], seconds: float = 60.0) -> None:
    """Wait until something is true in real time."""
    pause, end = threading.Event(), time.monotonic() + seconds
    while not is_true():
        assert time.monotonic() < end, "waited too long"
        pause.wait(0.02)
