"""Labs on a cluster that the backend has made, over HTTPS with presigned tokens, and on one that it only looks at."""

from __future__ import annotations

import json
from collections.abc import Iterator
from configparser import ConfigParser
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from eks_lab.clock import SystemClock
from eks_lab.errors import EksLabError
from eks_lab.grading.actions import play
from eks_lab.grading.award import is_solved, judge
from eks_lab.grading.catalogue import labs_root
from eks_lab.grading.cluster_target import ClusterTarget
from eks_lab.grading.lab_file import Lab, load_lab
from eks_lab.grading.looking import LookingTarget, NotLookingError, look_at, require_look
from eks_lab.grading.stage import Stage
from eks_lab.grading.workspace import Workspace
from eks_lab.sandbox import client, launch
from eks_lab.sandbox.backends.aws.backend import Aws
from eks_lab.sandbox.backends.aws.requests import is_read
from eks_lab.sandbox.backends.interface import Cancel, Wishes, tell_nobody
from eks_lab.sandbox.state_directory import StateDirectory
from tests.sandbox.backends.aws.own_account import ACCOUNT, PROFILE, write_profiles

MINE = Wishes(profile=PROFILE, region="us-east-1", new="mine", nodes=2, version="1.36")
LOOK = Wishes(profile=PROFILE, region="us-east-1", cluster="mine", read_only=True)


class Served:
    """The daemon in the place of AWS, and the time it plays while the backend waits."""

    def __init__(self, folder: Path) -> None:
        self.directory = StateDirectory(folder / "cloud")
        launch.start(self.directory, {"nodes": 0, "port": 0, "aws_port": 0, "speed": "60x"})
        self.daemon = client.required(self.directory)
        self.url = self.daemon.status()["aws"]
        self.home = folder
        keys = ConfigParser()
        keys.read_string(self.directory.aws_credentials.read_text())
        write_profiles(folder, {PROFILE: dict(keys["default"])})

    def wait(self, cancel: Cancel, seconds: float) -> bool:
        self.daemon.advance(timedelta(seconds=max(seconds, 120)))
        return cancel.is_cancelled

    def backend(self, name: str) -> Aws:
        directory = StateDirectory(self.home / name)
        directory.create()
        return Aws(directory, wait=self.wait, endpoint_url=self.url)


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    served = Served(tmp_path_factory.mktemp("cloud"))
    yield served
    launch.stop(served.directory)


@pytest.fixture
def own(cloud: Served, monkeypatch: pytest.MonkeyPatch) -> Served:
    """The learner's home, and a shell that points elsewhere."""
    monkeypatch.setenv("HOME", str(cloud.home))
    monkeypatch.setenv("AWS_PROFILE", "production")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAZ7REALLOOKING42Q")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "elsewhere")
    return cloud


def lab_of(name: str) -> Lab:
    return load_lab(labs_root() / name, 7)


def test_up_labs_looked_at_and_down(own: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One story, because a daemon and a cluster take their time."""
    backend = own.backend("mine")
    status = backend.up(MINE, tell_nobody, Cancel(), ACCOUNT)
    target = ClusterTarget(backend, status, SystemClock(), own.daemon.advance)
    assert len(target.kubernetes.list("nodes", "*")) == 2
    assert target.aws("sts", "GetCallerIdentity", {})["Account"] == ACCOUNT
    for name in ("first-deployment", "first-rollout"):
        lab = lab_of(name)
        (tmp_path / name).mkdir()
        stage = Stage(lab, target, Workspace(tmp_path / name))
        for action in lab.file.start.steps:
            play(action, stage, is_learner=False)
        assert not is_solved(judge(stage))
        if name == "first-deployment":
            for action in lab.file.solutions[0].steps:
                play(action, stage, is_learner=True)
            assert stage.wait(lambda stage=stage: is_solved(judge(stage)), timedelta(minutes=2))  # type: ignore[misc]
    target.close()

    looking = own.backend("looking")
    seen = looking.up(LOOK, tell_nobody, Cancel(), ACCOUNT)
    assert "writable" not in seen.capabilities
    place = LookingTarget(looking, seen, SystemClock())
    sent: list[tuple[str, str]] = []
    real = type(place.kubernetes).raw

    def raw(self: Any, method: str, path: str, *rest: Any, **named: Any) -> bytes:
        found = real(self, method, path, *rest, **named)
        sent.append((method, path))
        return found

    monkeypatch.setattr(type(place.kubernetes), "raw", raw)
    revision = own.daemon.account()
    (tmp_path / "look").mkdir()
    found = look_at(lab_of("first-deployment"), place, tmp_path / "look")
    assert found.holds
    assert found.not_judged == ()
    assert {method for method, _ in sent} == {"GET"}
    assert [each["name"] for each in own.daemon.account()["clusters"]] == [
        each["name"] for each in revision["clusters"]
    ]
    (tmp_path / "other").mkdir()
    assert not look_at(lab_of("service-no-endpoints"), place, tmp_path / "other").holds
    refuses_changes(place, tmp_path)
    place.close()
    left = looking.down(purge=False, tell=tell_nobody)
    assert left.is_clean
    assert "nothing was made" in left.looked_at[0]

    gone = backend.down(purge=True, tell=tell_nobody)
    assert gone.is_clean
    assert list(own.daemon.status()["clusters"]) == ["lab"]


def refuses_changes(place: LookingTarget, folder: Path) -> None:
    """Nothing of this is sent."""
    for method, path in (("POST", "/api/v1/namespaces/default/pods"), ("DELETE", "/api/v1/nodes/x")):
        with pytest.raises(NotLookingError, match="was not sent"):
            place.kubernetes.request(method, path, {})
    with pytest.raises(NotLookingError):
        place.aws("eks", "DeleteCluster", {"name": "mine"})
    for words in (
        ["apply", "-f", "-"],
        ["delete", "pod", "x"],
        ["exec", "x", "--", "sh"],
        ["-n", "shop", "scale"],
    ):
        with pytest.raises(NotLookingError):
            place.run_kubectl(words, folder)
    with pytest.raises(NotLookingError):
        place.run_aws(["eks", "delete-cluster", "--name", "mine"], folder)
    with pytest.raises(EksLabError):
        place.advance(timedelta(minutes=1))
    allowed, _ = place.kubernetes.may(
        {"user": "somebody", "resourceAttributes": {"verb": "get", "resource": "pods"}}
    )
    assert not allowed
    assert place.aws("eks", "ListClusters", {})["clusters"]


def test_what_looking_cannot_judge_is_listed(own: Served, tmp_path: Path) -> None:
    backend = own.backend("again")
    status = backend.up(replace(LOOK, cluster="lab"), tell_nobody, Cancel(), ACCOUNT)
    place = LookingTarget(backend, status, SystemClock())
    found = look_at(lab_of("irsa-subject"), place, tmp_path)
    reasons = {check.id: why for check, why in found.not_judged}
    assert reasons
    assert all(why for why in reasons.values())
    assert len(found.judged) + len(reasons) == len(lab_of("irsa-subject").file.checks)
    place.close()
    backend.down(purge=True, tell=tell_nobody)


@pytest.mark.parametrize(
    ("method", "path", "is_sent"),
    [
        ("GET", "/api/v1/pods?watch=true", True),
        ("GET", "/api/v1/namespaces/a/pods/b/log", True),
        ("GET", "/api/v1/namespaces/a/pods/b/exec?command=sh", False),
        ("GET", "/api/v1/namespaces/a/services/b/proxy/path", False),
        ("POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", True),
        ("POST", "/apis/authorization.k8s.io/v1/subjectaccessreviews", True),
        ("POST", "/apis/authorization.k8s.io/v1/subjectaccessreviews/../../x", False),
        ("POST", "/api/v1/namespaces/a/serviceaccounts/b/token", False),
        ("PATCH", "/api/v1/nodes/a", False),
        ("PUT", "/api/v1/nodes/a", False),
        ("DELETE", "/api/v1/nodes/a", False),
    ],
)
def test_what_is_a_look(method: str, path: str, is_sent: bool) -> None:
    if is_sent:
        require_look(method, path)
    else:
        with pytest.raises(NotLookingError):
            require_look(method, path)


def test_the_record_of_a_look_names_nothing_made(own: Served) -> None:
    backend = own.backend("look-only")
    asked: list[str] = []
    real = backend._api

    def api(*arguments: Any) -> Any:
        made = real(*arguments)
        made.session.register("before-call", lambda model, **_: asked.append(model.name))
        return made

    backend._api = api  # type: ignore[method-assign, assignment]
    backend.up(replace(LOOK, cluster="lab"), tell_nobody, Cancel(), ACCOUNT)
    backend.status()
    assert asked
    assert all(map(is_read, asked))
    text = (own.home / "look-only" / "own-account" / "ledger.json").read_text()
    assert json.loads(text)["entries"] == []
    kubeconfig = (own.home / "look-only" / "own-account" / "kubeconfig").read_text()
    assert "AKIA" not in kubeconfig
    backend.down(purge=True, tell=tell_nobody)
