"""Behaviour files, and the shell that thinks scripts through."""

from __future__ import annotations

from datetime import UTC, datetime
from importlib.resources import files

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eks_lab.errors import ContentError
from eks_lab.sim.behaviours.catalogue import Catalogue, load_behaviour, packaged
from eks_lab.sim.behaviours.model import Behaviour
from eks_lab.sim.behaviours.process import Process
from eks_lab.sim.behaviours.world import Machine

MOMENT = datetime(2026, 1, 1, 12, tzinfo=UTC)
CATALOGUE = Catalogue()


def _run(script: str, **environment: str) -> Process:
    machine = Machine("box", environment=environment)
    return Process(CATALOGUE.find("busybox"), machine, MOMENT, ["sh", "-c", script], is_script=True)


def _said(script: str, until: float = 100.0, **environment: str) -> list[str]:
    return [line.text for line in _run(script, **environment).lines(0, until)]


def test_every_file_is_there_once() -> None:
    names = {each.name for each in packaged()}
    assert {
        "aws-caller", "busybox", "crasher", "httpd", "leak", "load-generator", "log-spammer", "memory-hog", "nginx",
        "pause", "postgres", "redis", "slow-starter", "unknown",
    } <= names  # fmt: skip


@pytest.mark.parametrize("behaviour", packaged(), ids=lambda each: each.name)
def test_what_comes_with_the_program_is_valid(behaviour: Behaviour) -> None:
    """A sandbox reads its files without validation: what it makes of them is what validation makes of them."""
    file = files("eks_lab.sim.behaviours") / f"{behaviour.name}.yaml"
    valid = load_behaviour(file.read_text("utf-8"), file.name)
    assert behaviour == valid
    assert repr(behaviour) == repr(valid)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("name: x\nabout: y\nimages: []\ncolour: red\n", r"x\.yaml: colour: .*Unexpected keyword"),
        ("name: x\nabout: y\nimages: []\nmemory: {idle: lots}\n", r"x\.yaml: memory\.idle"),
        ("name: x\nabout: y\nimages: []\nports: [{number: 0}]\n", r"x\.yaml: ports\.0\.number"),
        ("name: [", r"x\.yaml: not YAML"),
        ("- 1", r"x\.yaml: the whole file"),
    ],
)
def test_a_wrong_file_is_refused_with_its_key(text: str, says: str) -> None:
    with pytest.raises(ContentError, match=says):
        load_behaviour(text, "x.yaml")


@pytest.mark.parametrize(
    ("image", "name"),
    [
        ("nginx", "nginx"),
        ("example.com/bad", "bad"),
        ("registry.k8s.io/pause", "pause"),
        ("registry.k8s.io/e2e-test-images/busybox", "busybox"),
        ("public.ecr.aws/nginx/nginx", "nginx"),
        ("my/app", "unknown"),
        ("amazon/aws-cli", "aws-cli"),
        ("public.ecr.aws/aws-cli/aws-cli", "aws-cli"),
        ("example.com/aws-caller", "aws-caller"),
        ("public.ecr.aws/docker/library/nginx", "nginx"),
        ("public.ecr.aws/docker/library/python", "interpreter"),
        ("public.ecr.aws/amazonlinux/amazonlinux", "amazonlinux"),
        ("curlimages/curl", "curl"),
        ("nicolaka/netshoot", "netshoot"),
        ("ubuntu", "debian"),
        ("registry.k8s.io/e2e-test-images/agnhost", "agnhost"),
    ],
)
def test_images_find_their_behaviour(image: str, name: str) -> None:
    assert CATALOGUE.find(image).name == name


@pytest.mark.parametrize(
    ("script", "lines", "after", "code"),
    [
        ("echo a; echo b", ["a", "b"], 0, 0),
        ("false && echo no || echo yes", ["yes"], 0, 0),
        ("sleep 5; exit 3", [], 5, 3),
        ("for i in 1 2 3; do echo $i; sleep 1; done", ["1", "2", "3"], 3, 0),
        ('i=0; while [ $i -lt 3 ]; do echo "n $i"; i=$((i+1)); done', ["n 0", "n 1", "n 2"], 0, 0),
        ("if [ -f /x ]; then echo there; else echo gone; fi", ["gone"], 0, 0),
        ("touch /x; test -f /x && echo there", ["there"], 0, 0),
        ("echo hi > /f; cat /f; cat < /f | wc -l", ["hi", "1"], 0, 0),
        ("echo ${NAME:-nobody} $(echo inner) `echo old`", ["nobody inner old"], 0, 0),
        ("set -e; false; echo never", [], 0, 1),
        ("nosuchcommand", ["sh: nosuchcommand: not found"], 0, 127),
        ("(exit 3); echo $?", [], 0, 3),
        ("echo a b  c | grep -c b", ["1"], 0, 0),
        ("! true", [], 0, 1),
        ("echo 'it''s' \"q $X\" \\$Y", ["its q  $Y"], 0, 0),
        ("echo -n a; echo b; printf c", ["ab", "c"], 0, 0),
        ("seq 3 | tail -n 1", ["3"], 0, 0),
        ("dd if=/dev/zero of=/f bs=1M count=250 2>/dev/null; echo done", ["done"], 2, 0),
        ("echo a > /f; echo b >> /f; cat /f; echo c >> /f; tail -n 1 /f", ["a", "b", "c"], 0, 0),
        ("aws --version", ["aws-cli/2.31.0 Python/3.13.7 Linux/6.12.40 exe/x86_64.amzn.2023"], 0.6, 0),
        ("dig +short nowhere.example.invalid; host nowhere", ["Host nowhere not found: 3(NXDOMAIN)"], 0, 1),
        ("curl http://[x/", ["curl: (6) Could not resolve host: [x"], 0, 6),
        ("apk add curl", ["sh: apk: not found"], 0, 127),
        ("case x in x) echo y;; esac", ['sh: "case" is not simulated'], 0, 2),
        ("f() { echo a; }; f", ["sh: functions are not simulated"], 0, 2),
        ("if true", ['sh: syntax error: unexpected end of file (expecting "then")'], 0, 2),
    ],
)
def test_scripts(script: str, lines: list[str], after: float, code: int) -> None:
    process = _run(script)
    ending = process.ending(200)
    assert ending is not None
    assert ending.code == code
    assert ending.after == pytest.approx(after, abs=0.1)
    assert [line.text for line in process.lines(0, 200)] == lines


def test_loops_that_never_end_are_recognised() -> None:
    process = _run("while true; do echo tick; sleep 10; done")
    assert process.ending(0) is None
    assert process.look_again(0) is None
    assert len(list(process.lines(0, 60))) == 6
    assert len(list(process.lines(1_000_000, 1_000_060))) == 6
    assert _run("sleep infinity").look_again(0) is None
    assert _run("i=0; while [ $i -ge 0 ]; do i=$((i+1)); done").look_again(100) is None
    assert _run("tail -f /dev/null").ending(1e9) is None


def test_variables_and_dates() -> None:
    assert _said("echo $MODE; sleep 2; date +%H:%M:%S", MODE="demo") == ["demo", "12:00:02"]


def test_term_is_ignored_without_a_trap() -> None:
    assert _run("sleep 100").stop_after is None
    trapped = _run("trap 'exit 7' TERM; sleep 100")
    trapped.ending(1)
    assert (trapped.stop_after, trapped.stop_code) == (1.0, 7)


def test_busy_loops_use_a_core() -> None:
    assert _run("while true; do :; done").millicores(10) > 900
    assert _run("while true; do sleep 1; done").millicores(10) < 10


@settings(deadline=None, max_examples=60)
@given(st.text(alphabet="ab $(){};|&<>'\"`\n=1[]!\\#-", max_size=40))
def test_no_script_breaks_the_shell(script: str) -> None:
    process = _run(script)
    process.ending(10)
    list(process.lines(0, 10))
    process.run(["sh", "-c", script], 5)


@settings(deadline=None, max_examples=60)
@given(st.lists(st.integers(0, 50), min_size=1, max_size=6), st.integers(0, 255))
def test_sleeps_add_up(seconds: list[int], code: int) -> None:
    script = "; ".join(f"sleep {each}" for each in seconds) + f"; exit {code}"
    ending = _run(script).ending(10_000)
    assert ending is not None
    assert ending.code == code
    assert ending.after == pytest.approx(sum(seconds), abs=0.1)


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 8), st.integers(0, 8))
def test_lines_between_moments_fit_together(first: int, second: int) -> None:
    low, high = sorted((first, second))
    process = CATALOGUE.find("mingrammer/flog")
    run = Process(process, Machine("box"), MOMENT, [], is_script=False)
    parts = [*run.lines(0, low), *run.lines(low, high)]
    assert [line.text for line in parts] == [line.text for line in run.lines(0, high)]
