"""Control planes behind ports of their own, and what is told of them."""

from __future__ import annotations

import asyncio
import socket
import ssl
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest

from eks_lab.clock import SimClock
from eks_lab.errors import UnavailableError
from eks_lab.sandbox import hosting as hosting_module
from eks_lab.sandbox.hosting import AWS_PORT, ClusterHosting, remembered_aws_port
from eks_lab.sandbox.state_directory import StateDirectory
from eks_lab.sim.cluster import Cluster, ClusterOptions

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


class Host:
    """A hosting, and what it told."""

    def __init__(self, folder: Path, port: int | None = None) -> None:
        self.told: list[tuple[str, bool]] = []
        self.asked = 0
        self.directory = StateDirectory(folder)
        self.directory.create()
        self.hosting = ClusterHosting(
            self.directory,
            SimClock(NOW),
            base="lab",
            port=port,
            catch_up=self._catch_up,
            changed=lambda name, cluster: self.told.append((name, cluster is not None)),
        )

    def _catch_up(self) -> None:
        self.asked += 1

    def cluster(self, name: str, version: str = "1.36") -> Cluster:
        made = Cluster(ClusterOptions(nodes=0, version=version), NOW, None, self.hosting.identity(name))
        made.bootstrap()
        return made

    async def ask(self, name: str, path: str) -> Any:
        """Send a request as the administrator; return the decoded answer."""
        keys = self.hosting.credentials(name)
        context = ssl.create_default_context(cadata=keys.authority.decode())
        pair = self.directory.root / "administrator.pem"
        pair.write_bytes(keys.administrator.certificate + keys.administrator.key)
        context.load_cert_chain(pair)
        port = self.hosting.ports[name]
        reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=context)
        writer.write(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".encode())
        answer = await reader.read()
        writer.close()
        await writer.wait_closed()
        return orjson.loads(answer.partition(b"\r\n\r\n")[2])


@pytest.fixture
def host(tmp_path: Path) -> Host:
    return Host(tmp_path / "sandbox")


async def test_each_cluster_has_a_port_and_an_authority_of_its_own(host: Host) -> None:
    hosting = host.hosting
    urls = {name: hosting.open(name, host.cluster(name)) for name in ("lab", "own")}
    await hosting.start()
    try:
        assert urls == {name: f"https://127.0.0.1:{port}" for name, port in hosting.ports.items()}
        assert len(set(urls.values())) == 2
        assert hosting.certificate_authority("lab") != hosting.certificate_authority("own")
        before = host.asked
        for name in urls:
            assert (await host.ask(name, "/version"))["minor"].startswith("36")
        assert host.asked > before
    finally:
        await hosting.stop()


async def test_a_cluster_may_be_replaced_behind_its_port(host: Host) -> None:
    """As an upgrade does; clients keep their kubeconfig."""
    hosting = host.hosting
    first = hosting.open("lab", host.cluster("lab"))
    await hosting.start()
    try:
        assert hosting.open("lab", host.cluster("lab", "1.35")) == first
        assert (await host.ask("lab", "/version"))["minor"].startswith("35")
        assert host.told == [("lab", True), ("lab", True)]
    finally:
        await hosting.stop()


async def test_one_that_comes_and_goes_while_others_are_served(host: Host) -> None:
    hosting = host.hosting
    hosting.open("lab", host.cluster("lab"))
    await hosting.start()
    try:
        hosting.open("own", host.cluster("own"))
        port = hosting.ports["own"]
        while not hosting._served["own"].server.started:
            await asyncio.sleep(0)
        assert (await host.ask("own", "/version"))["minor"].startswith("36")
        tasks = hosting._served["own"].tasks
        hosting.close("own")
        await asyncio.gather(*tasks, return_exceptions=True)
        assert (list(hosting.ports), hosting.url("own")) == (["lab"], "")
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port), 5)
        assert host.told[-1] == ("own", False)
        hosting.open("own", host.cluster("own"))
        assert host.told[-1] == ("own", True)
    finally:
        await hosting.stop()


def test_ports_are_remembered_unless_they_are_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # The preferred one is every sandbox's on this machine: another may take it while it is free between the two hosts.
    monkeypatch.setattr(hosting_module, "PREFERRED_PORT", 0)
    host = Host(tmp_path / "sandbox")
    assert remembered_aws_port(host.directory) == AWS_PORT
    host.hosting.open("lab", host.cluster("lab"))
    host.hosting.open("own", host.cluster("own"))
    ports = host.hosting.ports
    host.hosting.remember(45_660)
    for served in host.hosting._served.values():
        served.socket.close()
        served.audit.close()
    again = Host(tmp_path / "sandbox")
    assert remembered_aws_port(again.directory) == 45_660
    with socket.create_server(("127.0.0.1", ports["own"])):
        again.hosting.open("lab", again.cluster("lab"))
        again.hosting.open("own", again.cluster("own"))
        assert again.hosting.ports["lab"] == ports["lab"]
        assert again.hosting.ports["own"] != ports["own"]
    for name in ports:
        again.hosting.close(name)


def test_a_port_that_was_asked_for_must_be_had(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        host = Host(tmp_path / "sandbox", port)
        with pytest.raises(UnavailableError, match=str(port)):
            host.hosting.open("lab", host.cluster("lab"))


@pytest.mark.parametrize(
    "content", [b"", b"[]", b'{"clusters": 5, "aws": "x"}', b'{"clusters": {"lab": 70000}}']
)
def test_a_damaged_list_of_ports_is_no_list(tmp_path: Path, content: bytes) -> None:
    host = Host(tmp_path / "sandbox")
    host.directory.ports.write_bytes(content)
    assert remembered_aws_port(host.directory) == AWS_PORT
    assert Host(tmp_path / "sandbox").hosting._remembered == {}
