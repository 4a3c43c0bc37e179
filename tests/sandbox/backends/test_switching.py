"""Choosing a backend, keeping the choice, and never running two."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest

from eks_lab.errors import DataError, InputError, UnavailableError
from eks_lab.sandbox.backends import choice, registry, switching
from eks_lab.sandbox.backends.choice import Choice
from eks_lab.sandbox.backends.interface import (
    CAPABILITIES,
    PROGRAMS,
    BackendStatus,
    Cancel,
    Finding,
    Leftovers,
    Plan,
    Tell,
    Wishes,
    lacking,
    tell_nobody,
)
from eks_lab.sandbox.state_directory import StateDirectory


@dataclass
class FakeBackend:
    """Runs or does not."""

    name: str
    takes: frozenset[str] = frozenset({"nodes", "profile"})
    remembers: frozenset[str] = frozenset({"profile"})
    runs: bool = False
    findings: tuple[Finding, ...] = ()
    consent: str = ""
    left: tuple[str, ...] = ()
    log: list[object] = field(default_factory=list)

    def preflight(self) -> tuple[Finding, ...]:
        return self.findings

    def plan(self, wishes: Wishes) -> Plan:
        return Plan((), (), consent=self.consent)

    def up(self, wishes: Wishes, tell: Tell, cancel: Cancel, consent: str = "") -> BackendStatus:
        self.log.append((wishes.said(), consent))
        self.runs = True
        return self.status()

    def status(self) -> BackendStatus:
        return BackendStatus(name=self.name, running=self.runs)

    def environment(self, inherited: Mapping[str, str]) -> dict[str, str]:
        return {}

    def reset(self, wishes: Wishes, tell: Tell, cancel: Cancel) -> BackendStatus:
        return self.status()

    def down(self, *, purge: bool, tell: Tell) -> Leftovers:
        was, self.runs = self.runs, False
        return Leftovers(was, self.left)


@pytest.fixture
def backends(monkeypatch: pytest.MonkeyPatch) -> dict[str, FakeBackend]:
    """Put fakes in the place of all backends."""
    fakes = {name: FakeBackend(name) for name in registry.ENTRIES}
    monkeypatch.setattr(registry, "backend", lambda name, directory: fakes[name])
    return fakes


def bring_up(directory: StateDirectory, name: str = "", typed: str = "", **wishes: object) -> BackendStatus:
    return switching.bring_up(
        directory, name, Wishes(**wishes), tell_nobody, Cancel(), lambda plan: typed  # type: ignore[arg-type]
    )  # fmt: skip


@pytest.mark.usefixtures("backends")
def test_the_embedded_backend_is_the_default(directory: StateDirectory) -> None:
    assert bring_up(directory).name == "embedded"


def test_the_choice_stays(directory: StateDirectory, backends: dict[str, FakeBackend]) -> None:
    bring_up(directory, "aws", profile="mine", nodes=2)
    assert choice.read(directory) == Choice("aws", {"profile": "mine"})
    assert choice.path_of(directory).stat().st_mode & 0o777 == 0o600
    bring_up(directory)
    assert backends["aws"].log[-1] == ({"profile": "mine"}, "")


def test_two_backends_never_run_at_once(directory: StateDirectory, backends: dict[str, FakeBackend]) -> None:
    bring_up(directory, "docker")
    with pytest.raises(InputError, match="runs already on the backend docker") as refused:
        bring_up(directory, "aws")
    assert "sandbox down" in refused.value.hint
    assert not backends["aws"].runs
    switching.take_down(directory, purge=False, tell=tell_nobody)
    assert bring_up(directory, "aws").name == "aws"


def test_a_purge_goes_back_to_the_default_unless_something_is_left(
    directory: StateDirectory, backends: dict[str, FakeBackend]
) -> None:
    bring_up(directory, "docker")
    backends["docker"].left = ("container x",)
    assert not switching.take_down(directory, purge=True, tell=tell_nobody).is_clean
    assert choice.read(directory).backend == "docker"
    backends["docker"].left = ()
    switching.take_down(directory, purge=True, tell=tell_nobody)
    assert choice.read(directory) == Choice()


def test_what_is_missing_is_said_all_at_once_and_nothing_is_kept(
    directory: StateDirectory, backends: dict[str, FakeBackend]
) -> None:
    backends["docker"].findings = (
        Finding("docker", "missing", "is not installed", "Install docker."),
        Finding("memory", "warn", "little"),
        Finding("kind", "missing", "is not installed", "Install kind."),
    )
    with pytest.raises(UnavailableError, match="docker: is not installed; kind: is not installed") as refused:
        bring_up(directory, "docker")
    assert refused.value.hint == "Install docker.\nInstall kind."
    assert choice.read(directory) == Choice()


def test_what_was_typed_reaches_the_backend_that_asks(
    directory: StateDirectory, backends: dict[str, FakeBackend]
) -> None:
    backends["aws"].consent = "123456789012"
    bring_up(directory, "aws", typed="123456789012")
    assert backends["aws"].log == [({}, "123456789012")]


@pytest.mark.usefixtures("backends")
def test_an_option_of_another_backend_is_refused_by_name(directory: StateDirectory) -> None:
    with pytest.raises(InputError, match="--aws-port: the backend docker has no such option") as refused:
        bring_up(directory, "docker", aws_port=4)
    assert "--nodes, --profile" in refused.value.hint


@pytest.mark.parametrize("content", ["{", "[]", '{"backend": "moon"}', '{"backend": "aws", "wishes": 3}'])
def test_a_damaged_choice_is_not_guessed(
    directory: StateDirectory, backends: dict[str, FakeBackend], content: str
) -> None:
    choice.path_of(directory).write_text(content)
    with pytest.raises(DataError, match=r"backend\.json: cannot tell") as refused:
        bring_up(directory)
    assert "--backend" in refused.value.hint
    assert bring_up(directory, "docker").name == "docker"
    assert backends["docker"].runs


def test_there_is_no_backend_of_another_name(directory: StateDirectory) -> None:
    with pytest.raises(InputError, match="there is no 'moon'"):
        registry.backend("moon", directory)


def test_every_named_capability_is_described() -> None:
    for entry in registry.ENTRIES.values():
        assert entry.capabilities <= set(CAPABILITIES)
        assert not entry.capabilities & set(PROGRAMS)
    assert list(registry.ENTRIES) == list(choice.NAMES)


def test_the_backend_that_can_is_found_by_what_is_needed() -> None:
    assert registry.carrying({"cluster", "kubectl"}) == ["embedded", "docker", "aws"]
    assert registry.carrying({"node-groups"}) == ["embedded", "aws"]
    assert registry.carrying({"simulated-time"}) == ["embedded"]


def test_what_a_running_backend_lacks() -> None:
    status = BackendStatus(name="docker", running=True, capabilities=frozenset({"cluster"}))
    assert lacking(frozenset({"faults", "cluster", "eks-api"}), status) == ("eks-api", "faults")


def test_the_command_line_offers_the_same_backends() -> None:
    from eks_lab.cli.sandbox import up

    option = next(each for each in up.params if each.name == "backend_name")
    assert re.findall(r"\w+", str(getattr(option.type, "choices", ()))) == list(choice.NAMES)


def test_a_purge_takes_the_states_of_terraform_with_it(
    directory: StateDirectory, backends: dict[str, FakeBackend]
) -> None:
    choice.write(directory, Choice(backends["docker"].name))
    states = directory.root / "terraform" / "docker" / "shop-1"
    states.mkdir(parents=True)
    other = directory.root / "terraform" / "embedded"
    other.mkdir()
    leftovers = switching.take_down(directory, purge=True, tell=tell_nobody)
    assert not states.exists()
    assert other.exists()
    assert f"folder {states.parent}" in leftovers.looked_at
