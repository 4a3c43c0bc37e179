"""A bench in another process judges the same, can be cancelled, may die, and leaves nobody behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from eks_lab.errors import ContentError, UnavailableError
from eks_lab.grading.practical.remote import CancelledError, RemoteBench
from eks_lab.grading.target import Done
from tests.grading.bench import kubectl
from tests.grading.practical.questions import command_question, manifest_question

RIGHT = "kubectl scale deployment web --replicas=3"
ENDLESS = command_question(lines=40)
ENDLESS_LINES = "kubectl get pods -w\n" * 40
"""Some minutes of judgement."""
PATIENCE = 60.0


@pytest.fixture(scope="module")
def shared() -> Iterator[RemoteBench]:
    with RemoteBench(kubectl()) as found:
        yield found


def child_of(bench: RemoteBench) -> psutil.Process:
    child = bench._child
    assert child is not None
    return psutil.Process(child.process.pid)


def awaited(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    tick = threading.Event()
    while not holds():
        assert time.monotonic() < end, "it did not come about"
        tick.wait(0.02)


def is_gone(process: psutil.Process) -> bool:
    try:
        return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def course(words: list[str], folder: str) -> Done:
    del folder
    print("this must not get between the answers")
    return Done(0, " ".join(words), "")


def test_it_judges_as_a_bench_does(shared: RemoteBench) -> None:
    item = command_question()
    shared.prepare(item, 7)
    practice = shared.judge(item, 7, RIGHT)
    assert practice.result.correct
    assert practice.transcript[0].out == "deployment.apps/web scaled\n"
    assert shared.judge(item, 7, "kubectl get deploy").result.detail == "Ready: 1."
    assert shared.judge(manifest_question(), 7, "a: [").refused.startswith("web.yaml:")
    assert "U+D800" in shared.judge(item, 7, "kubectl \ud800").refused


def test_a_broken_question_is_the_same_error(shared: RemoteBench) -> None:
    broken = command_question(vars={"a": {"choose": [1, 2]}}, prompt="{{ b }}")
    with pytest.raises(ContentError, match="prompt"):
        shared.judge(broken, 7, RIGHT)
    assert shared.judge(command_question(), 7, RIGHT).result.correct


def test_cancel_ends_the_judgement_and_everything_it_started(shared: RemoteBench) -> None:
    shared.start()
    child = child_of(shared)
    started: list[psutil.Process] = []

    def watch() -> bool:
        started[:] = child.children(recursive=True)
        return bool(started)

    def cancel() -> None:
        awaited(watch)
        shared.cancel()

    other = threading.Thread(target=cancel)
    other.start()
    with pytest.raises(CancelledError):
        shared.judge(ENDLESS, 7, ENDLESS_LINES)
    other.join()
    awaited(lambda: is_gone(child) and all(is_gone(each) for each in started))
    assert shared.judge(command_question(), 7, RIGHT).result.correct


def test_a_child_that_dies_is_an_error_and_the_next_call_starts_another(shared: RemoteBench) -> None:
    shared.start()
    child = child_of(shared)

    def kill() -> None:
        awaited(lambda: bool(child.children()))
        child.kill()

    other = threading.Thread(target=kill)
    other.start()
    with pytest.raises(UnavailableError, match=r"has ended \(signal 9\)"):
        shared.judge(ENDLESS, 7, ENDLESS_LINES)
    other.join()
    assert shared.judge(command_question(), 7, RIGHT).result.correct
    child_of(shared).kill()
    awaited(lambda: is_gone(child_of(shared)))
    assert shared.judge(command_question(), 7, RIGHT).result.correct


def test_a_judgement_that_takes_too_long_is_given_up() -> None:
    with (
        RemoteBench(kubectl(), patience=0.2) as bench,
        pytest.raises(UnavailableError, match=r"not judged the answer in 0\.2 seconds"),
    ):
        bench.judge(ENDLESS, 7, ENDLESS_LINES)


def test_a_program_that_is_not_there_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    with RemoteBench("/nowhere/kubectl") as bench, pytest.raises(Exception, match="cannot be started"):
        bench.judge(command_question(), 7, RIGHT)
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    with pytest.raises(UnavailableError, match="cannot be started"):
        RemoteBench(kubectl()).start()


def test_close_leaves_no_process_and_no_folder() -> None:
    bench = RemoteBench(kubectl(), course)
    item = command_question(prints={"contains": ["calc"]}, checks=[], setup=[])
    assert bench.judge(item, 7, "eks-lab calc max-pods").result.correct
    child, folder = child_of(bench), Path(bench._child.folder.name)  # type: ignore[union-attr]
    bench.close()
    assert is_gone(child)
    assert not folder.exists()
    with pytest.raises(CancelledError):
        bench.judge(item, 7, RIGHT)
    bench.close()


@pytest.mark.skipif(sys.platform == "win32", reason="a process group is needed")
def test_the_child_ends_with_its_parent_even_in_a_judgement(tmp_path: Path) -> None:
    script = (
        "from eks_lab.grading.practical.remote import RemoteBench\n"
        "from tests.grading.practical.test_remote import ENDLESS, ENDLESS_LINES\n"
        "import sys\n"
        "bench = RemoteBench(sys.argv[1])\n"
        "bench.start()\n"
        "print(bench._child.process.pid, bench._child.folder.name, flush=True)\n"
        "bench.judge(ENDLESS, 7, ENDLESS_LINES)\n"
    )
    root = Path(__file__).parents[3]
    with subprocess.Popen(
        [sys.executable, "-c", script, kubectl()], stdout=subprocess.PIPE, cwd=root, text=True
    ) as parent:
        assert parent.stdout is not None
        pid, folder = parent.stdout.readline().split()
        child = psutil.Process(int(pid))
        awaited(lambda: bool(child.children()))
        left = [child, *child.children(recursive=True)]
        os.kill(parent.pid, signal.SIGKILL)
    awaited(lambda: all(is_gone(each) for each in left))
    awaited(lambda: not Path(folder).exists())
