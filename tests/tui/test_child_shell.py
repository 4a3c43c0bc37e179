"""Lines in a real shell: output as it comes, what is carried on, limits, and that nothing is left behind."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from eks_lab.errors import UnavailableError
from eks_lab.tui import child_shell
from eks_lab.tui.child_shell import Limits, Surroundings, run_line
from eks_lab.tui.try_access import Ending

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there is no sh")


class Shell:
    """Runs lines one after the other in one folder."""

    def __init__(self, folder: Path) -> None:
        (folder / "state").mkdir()
        (folder / "work").mkdir()
        self.around = Surroundings(folder / "work", {"PATH": os.environ["PATH"]}, folder / "state")
        self.heard: list[str] = []

    def run(
        self, line: str, limits: Limits | None = None, is_over: Callable[[], bool] = lambda: False
    ) -> Ending:
        self.heard = []
        return run_line(line, self.around, self.heard.append, is_over, limits or Limits(seconds=20))

    @property
    def said(self) -> str:
        return "".join(self.heard)


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    return Shell(tmp_path)


def test_output_and_errors_come_in_their_order_with_the_exit_code(shell: Shell) -> None:
    ending = shell.run("echo one; echo two >&2; echo three | tr a-z A-Z; (exit 3)")
    assert shell.said == "one\ntwo\nTHREE\n"
    assert (ending.code, ending.reason, ending.dropped) == (3, "", 0)


def test_variables_and_the_folder_are_carried_on(shell: Shell) -> None:
    shell.run("NAME='two words'; mkdir -p deep; cd deep; export OTHER=1")
    assert shell.run('echo "$NAME" $OTHER "$#"; pwd').code == 0
    assert shell.said.splitlines() == ["two words 1 0", str(shell.around.folder / "deep")]
    shell.run("env")
    assert "__" not in shell.said, "what carries them is not seen"


def test_exit_ends_the_line_and_not_the_run(shell: Shell) -> None:
    assert shell.run("KEPT=yes; exit 7; echo never").code == 7
    assert shell.said == ""
    shell.run("echo $KEPT")
    assert shell.said == "yes\n"


def test_here_documents_and_continued_lines(shell: Shell) -> None:
    shell.run("cat <<'EOF'\nkind: $Pod\nEOF")
    assert shell.said == "kind: $Pod\n"
    shell.run("echo a \\\n    b")
    assert shell.said == "a b\n"


def test_it_reads_nothing(shell: Shell) -> None:
    assert shell.run("cat; read x || echo nothing").code == 0
    assert shell.said == "nothing\n"


def test_a_line_that_cannot_be_read_says_so(shell: Shell) -> None:
    assert shell.run("echo 'open").code != 0
    assert shell.said


def gone(pid: int) -> bool:
    """Return whether a process has ended; one that nobody has waited for yet has."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        pass
    else:
        return state == "Z"
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def wait_for(holds: Callable[[], bool]) -> None:
    pause = threading.Event()
    for _ in range(6000):
        if holds():
            return
        pause.wait(0.01)
    raise AssertionError("it does not come about")


def test_the_learner_ends_it_with_all_it_started(shell: Shell) -> None:
    # Two that would go on: one beside the shell, one that does not heed a gentle end.
    line = "sleep 60 & echo $!; sh -c 'trap \"\" TERM; echo $$; sleep 60; sleep 60'"
    ending = shell.run(line, is_over=lambda: shell.said.count("\n") == 2)
    assert ending.reason == "stopped"
    assert ending.code >= 128
    for pid in map(int, shell.said.split()):
        wait_for(lambda pid=pid: gone(pid))  # type: ignore[misc]


def test_what_is_left_in_the_background_ends_with_its_line(shell: Shell) -> None:
    ending = shell.run("sleep 60 & echo $!")
    assert (ending.code, ending.reason) == (0, "")
    pid = int(shell.said)
    wait_for(lambda: gone(pid))


def test_it_has_only_so_much_time(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    # Its time is over once it was heard, however long this machine takes to start it.
    passed = SimpleNamespace(monotonic=lambda: 61.0 if shell.said else 0.0)
    monkeypatch.setattr(child_shell, "time", passed)
    ending = shell.run("echo begun; sleep 600", Limits(seconds=60))
    assert ending.reason == "time"
    assert shell.said == "begun\n"


def test_output_is_kept_up_to_a_limit_and_ends_the_line_at_another(shell: Shell) -> None:
    ending = shell.run("head -c 5000 /dev/zero | tr '\\0' x", Limits(seconds=20, kept_bytes=1000))
    assert (len(shell.said), ending.dropped, ending.code) == (1000, 4000, 0)
    ending = shell.run("yes", Limits(seconds=20, kept_bytes=1000, printed_bytes=100_000))
    assert ending.reason == "output"
    assert len(shell.said) == 1000


def test_letters_of_several_bytes_survive_the_seams(shell: Shell) -> None:
    shell.run(r"printf '\303'; sleep 0.2; printf '\244\n'; printf '\377\n'")
    assert shell.said == "ä\n\ufffd\n"


def test_without_a_shell_it_says_what_to_do(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(UnavailableError, match="no shell"):
        shell.run("true")
