"""Commands of a page on this machine: what they see, where they run, what has to be agreed to. No sandbox runs here."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from eks_lab import locations
from eks_lab.errors import DataError, EksLabError, InputError, UnavailableError
from eks_lab.sandbox import client
from eks_lab.sandbox.backends import switching
from eks_lab.sandbox.state_directory import StateDirectory
from eks_lab.tui.child_shell import Limits
from eks_lab.tui.local_try import LocalTry, clean_environment, source_of
from eks_lab.tui.sandbox_access import SandboxAccess
from eks_lab.tui.try_access import Ending, Listener, Standing, TryPlace
from eks_lab.tui.try_block import TryBlock, TryLine
from tests.fake_labs import FakeLabs
from tests.fake_sandbox import FakeSandbox

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there is no sh")


class Runs:
    """Runs blocks with what is given and keeps what comes."""

    def __init__(self, folder: Path, *, source: str = "", limits: Limits | None = None) -> None:
        self.directory = StateDirectory(folder / "sandbox")
        self.lesson = folder / "lesson"
        (self.lesson / "manifests").mkdir(parents=True)
        (self.lesson / "lesson.md").write_text("# A page\n")
        (self.lesson / "manifests" / "pod.yaml").write_text("kind: Pod\n")
        self.sandbox, self.labs = FakeSandbox(), FakeLabs()
        self.labs.running = lambda: ""  # type: ignore[method-assign]
        self.tries = LocalTry(
            self.directory,
            folder / "cache",
            sandbox=lambda: cast("SandboxAccess", self.sandbox),
            labs=lambda: self.labs,
            source=source,
            limits=limits,
        )
        self.output: dict[int, str] = {}
        self.endings: dict[int, Ending] = {}

    place_id = "net.slots"

    def run(self, *lines: str, needs: str = "nothing", is_over: Callable[[], bool] = lambda: False) -> str:
        self.output, self.endings = {}, {}

        def printed(number: int, text: str) -> None:
            self.output[number] += text

        listener = Listener(
            lambda number: self.output.__setitem__(number, ""), printed, self.endings.__setitem__
        )
        self.tries.run(block(*lines, needs=needs), TryPlace(self.place_id, self.lesson), listener, is_over)
        return "".join(self.output.values())


def block(*lines: str, needs: str = "nothing") -> TryBlock:
    return TryBlock(tuple(TryLine(line) for line in lines), needs)


@pytest.fixture
def runs(tmp_path: Path) -> Runs:
    return Runs(tmp_path)


@pytest.fixture
def running(runs: Runs, monkeypatch: pytest.MonkeyPatch) -> Runs:
    """A sandbox that runs, as far as anybody can see from its files."""
    runs.directory.create()
    own = {
        "AWS_ENDPOINT_URL": "http://127.0.0.1:4566",
        "AWS_ACCESS_KEY_ID": "AKIASANDBOX",
        "AWS_SECRET_ACCESS_KEY": "sandbox",
        "AWS_REGION": "us-east-1",
    }
    runs.directory.aws_environment.write_text(json.dumps(own))
    monkeypatch.setattr(client, "running", lambda directory: SimpleNamespace(instance="one"))
    monkeypatch.setattr(client.Client, "status", lambda self: {"speed": "1x"})
    return runs


LEARNERS = {
    "AWS_PROFILE": "production",
    "AWS_ACCESS_KEY_ID": "AKIAREAL",
    "AWS_SECRET_ACCESS_KEY": "real",
    "AWS_SESSION_TOKEN": "real",
    "AWS_ENDPOINT_URL_EKS": "https://eks.eu-central-1.amazonaws.com",
    "AWS_ROLE_ARN": "arn:aws:iam::999999999999:role/admin",
    "AWS_CONFIG_FILE": "/home/you/.aws/config",
    "KUBECONFIG": "/home/you/.kube/config",
    "HTTPS_PROXY": "http://proxy.example:3128",
    "BASH_ENV": "/home/you/evil.sh",
    "ENV": "/home/you/evil.sh",
    "PYTHONPATH": "/home/you/evil",
    "LD_PRELOAD": "",
    "LC_ALL": "C.UTF-8",
    "HOME": "/home/you",
    "TERM": "xterm-256color",
}


def test_nothing_of_the_learners_names_an_account_a_cluster_or_a_proxy() -> None:
    found = clean_environment({**LEARNERS, "PATH": "/usr/bin"})
    assert not [name for name in found if name.startswith("AWS_") or "proxy" in name.lower()]
    assert not {"KUBECONFIG", "BASH_ENV", "ENV", "PYTHONPATH", "LD_PRELOAD"} & set(found)
    assert (found["HOME"], found["LC_ALL"], found["TERM"]) == ("/home/you", "C.UTF-8", "xterm-256color")
    assert found["PATH"] == f"{Path(sys.executable).parent}:/usr/bin", (
        "what came with the program is found first"
    )


def seen(text: str) -> dict[str, str]:
    return dict(line.partition("=")[::2] for line in text.splitlines() if "=" in line)


def test_without_a_sandbox_there_is_no_account_and_no_cluster(
    runs: Runs, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in LEARNERS.items():
        monkeypatch.setenv(name, value)
    found = seen(runs.run("env"))
    assert (
        found["KUBECONFIG"] == found["AWS_CONFIG_FILE"] == found["AWS_SHARED_CREDENTIALS_FILE"] == "/dev/null"
    )
    assert not {"AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_SESSION_TOKEN", "AWS_ROLE_ARN"} & set(found)


def test_with_the_sandbox_everything_points_at_it(running: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in LEARNERS.items():
        monkeypatch.setenv(name, value)
    found = seen(running.run("env", needs="sandbox"))
    assert found["KUBECONFIG"] == str(running.directory.kubeconfig)
    assert found["AWS_ENDPOINT_URL"] == "http://127.0.0.1:4566"
    assert found["AWS_ACCESS_KEY_ID"] == "AKIASANDBOX"
    assert found["AWS_CONFIG_FILE"] == str(running.directory.aws_config)
    assert not {"AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ROLE_ARN", "AWS_ENDPOINT_URL_EKS"} & set(found)


def test_a_sandbox_without_its_variables_is_not_used(running: Runs) -> None:
    running.directory.aws_environment.unlink()
    with pytest.raises(DataError, match="AWS variables are not there"):
        running.run("aws sts get-caller-identity", needs="sandbox")


def test_a_sandbox_that_has_ended_meanwhile_is_said(runs: Runs) -> None:
    with pytest.raises(UnavailableError, match="does not run"):
        runs.run("kubectl get pods", needs="sandbox")


@pytest.mark.parametrize("needs", ["aws", "tools", "internet", ""])
def test_what_the_page_does_not_run_is_refused_here_too(runs: Runs, needs: str) -> None:
    with pytest.raises(UnavailableError):
        runs.run("touch made", needs=needs)
    assert not runs.endings


def test_commands_run_beside_the_lessons_files_and_leave_them_alone(runs: Runs) -> None:
    assert runs.run(
        "cat manifests/pod.yaml", "echo changed > manifests/pod.yaml; echo new > kept.txt", "ls"
    ) == ("kind: Pod\nkept.txt\nmanifests\n")
    assert (runs.lesson / "manifests" / "pod.yaml").read_text() == "kind: Pod\n"
    assert runs.run("cat manifests/pod.yaml kept.txt") == "kind: Pod\nnew\n", (
        "files are fresh, what was made stays"
    )


@pytest.mark.parametrize("lesson_id", ["../../elsewhere", "/elsewhere", "..", "."])
def test_no_id_leads_out_of_the_cache(runs: Runs, tmp_path: Path, lesson_id: str) -> None:
    runs.place_id = lesson_id
    folder = Path(runs.run("pwd").strip())
    assert folder.parent == tmp_path / "cache" / "try"


def test_a_failed_command_does_not_keep_the_next_from_running(runs: Runs) -> None:
    assert runs.run("(exit 4)", "echo after") == "after\n"
    assert [ending.code for ending in runs.endings.values()] == [4, 0]


def test_after_the_time_limit_and_after_a_stop_nothing_more_is_run(tmp_path: Path) -> None:
    runs = Runs(tmp_path / "time", limits=Limits(seconds=0.1))
    runs.run("sleep 30", "echo after")
    assert [ending.reason for ending in runs.endings.values()] == ["time"]
    # With all the time it needs to be heard before it is stopped.
    runs = Runs(tmp_path / "stop")
    runs.run("echo one; sleep 30", "echo after", is_over=lambda: runs.output.get(0) == "one\n")
    assert [ending.reason for ending in runs.endings.values()] == ["stopped"]


def test_a_cache_that_cannot_be_written_is_said(tmp_path: Path, runs: Runs) -> None:
    (tmp_path / "cache").write_text("a file where a folder should be")
    with pytest.raises(DataError, match="cannot be copied"):
        runs.run("true")


def test_what_has_to_be_asked(running: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = block("kubectl get pods", needs="sandbox")
    assert running.tries.look(wanted) == Standing()
    monkeypatch.setattr(client.Client, "status", lambda self: {"speed": "pause"})
    running.labs.running = lambda: "first"  # type: ignore[method-assign]
    running.labs.about = lambda lab_id: cast("Any", SimpleNamespace(title=f"Title of {lab_id}"))  # type: ignore[method-assign]
    assert running.tries.look(wanted) == Standing(True, "Title of first", stands_still=True)

    def unknown(lab_id: str) -> Any:
        raise InputError("no such lab")

    running.labs.about = unknown  # type: ignore[method-assign]
    assert running.tries.look(wanted).lab == "first"


def test_a_sandbox_that_is_off_is_started_by_whoever_can(runs: Runs) -> None:
    assert runs.tries.look(block("kubectl get pods", needs="sandbox")) == Standing(is_on=False)
    runs.tries.start(lambda text, part: None)
    assert runs.sandbox.calls == ["start"]


def test_no_sandbox_is_looked_for_when_none_is_needed(runs: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "running", lambda directory: pytest.fail("asked"))
    assert runs.tries.look(block("true")) == Standing()


def test_another_backend_is_refused(runs: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(directory: StateDirectory, what: str) -> None:
        raise InputError(f"{what} works with the embedded backend, and the sandbox runs on aws")

    monkeypatch.setattr(switching, "require_embedded", refuse)
    with pytest.raises(EksLabError, match="running commands from the page works with the embedded backend"):
        runs.tries.look(block("aws s3 ls", needs="sandbox"))


def test_commands_of_other_courses_are_agreed_to_word_by_word(tmp_path: Path) -> None:
    runs = Runs(tmp_path, source="/srv/course")
    with pytest.raises(UnavailableError, match="not agreed to"):
        runs.run("echo one")
    assert runs.tries.look(block("echo one")).source == "/srv/course"
    runs.tries.agree(block("echo one"))
    assert runs.tries.look(block("echo one")).source == ""
    assert runs.run("echo one") == "one\n"
    assert runs.tries.look(block("echo one", "echo two")).source == "/srv/course", "the page has changed"
    with pytest.raises(UnavailableError, match="not agreed to"):
        runs.run("echo one", "echo two")


def test_only_the_course_of_the_program_is_its_own(tmp_path: Path) -> None:
    shipped = locations.content_root() / "lessons"
    assert source_of(shipped) == ""
    assert source_of(shipped / ".." / "lessons") == ""
    assert source_of(tmp_path) == str(tmp_path)
