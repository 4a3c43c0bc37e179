"""`eks-lab settings` as a learner types it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from eks_lab.cli.settings import command
from eks_lab.clock import SystemClock
from eks_lab.errors import DataError, InputError
from eks_lab.learning.progress import Progress, open_progress


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("EKS_LAB_HOME", str(tmp_path))
    return tmp_path


def stored(home: Path) -> Progress:
    return open_progress(home / "data" / "progress.sqlite3", SystemClock())


def run(*arguments: str) -> Result:
    result = CliRunner().invoke(command, arguments)
    assert result.exception is None, result.exception
    return result


def refused(*arguments: str) -> BaseException:
    result = CliRunner().invoke(command, arguments)
    assert result.exception is not None
    return result.exception


def test_the_list_shows_value_purpose_and_limits() -> None:
    run("set", "reading_width", "100")
    text = run("list").stdout
    assert "theme = eks-dark\n    Colour theme.\n    May be: eks-dark, eks-light, " in text
    assert "reading_width = 100   (default: 88)\n" in text
    assert "save_folder = (empty)\n" in text
    assert max(map(len, text.splitlines())) <= 100


def test_the_list_as_json() -> None:
    run("set", "confirm_quit", "yes")
    entries = {entry["name"]: entry for entry in json.loads(run("list", "--json").stdout)["settings"]}
    assert list(entries) == [
        "theme",
        "keys",
        "save_folder",
        "reading_width",
        "confirm_quit",
        "new_cards_per_day",
        "retention_percent",
    ]
    assert entries["confirm_quit"]["value"] is True
    assert entries["confirm_quit"]["is_default"] is False
    assert entries["keys"]["value"] == {}
    assert entries["reading_width"]["allowed"] == "a whole number from 60 to 120"


def test_a_setting_is_set_read_and_reset(home: Path) -> None:
    assert run("set", "keys", "next_lesson=n,right").stdout == 'keys = {"next_lesson": "n,right"}\n'
    assert run("get", "keys").stdout == '{"next_lesson": "n,right"}\n'
    assert json.loads(run("get", "keys", "--json").stdout)["value"] == {"next_lesson": "n,right"}
    with stored(home) as progress:
        assert progress.settings().keys == {"next_lesson": "n,right"}
    assert run("reset", "keys").stdout == "keys = {}\n"
    assert run("get", "keys").stdout == "{}\n"


def test_a_text_is_printed_bare() -> None:
    assert run("get", "theme").stdout == "eks-dark\n"
    assert run("get", "save_folder").stdout == "\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("set", "theme", "eks-drak"), "setting theme: 'eks-drak' is not allowed; did you mean 'eks-dark'?"),
        (("set", "them", "x"), "there is no setting 'them'; did you mean 'theme'?"),
        (("get", "them"), "there is no setting 'them'; did you mean 'theme'?"),
        (("reset", "them"), "there is no setting 'them'; did you mean 'theme'?"),
        (("set", "reading_width", "40"), "setting reading_width: '40' is not allowed"),
    ],
)
def test_a_refusal_says_what_is_wrong_and_touches_nothing(
    home: Path, arguments: tuple[str, ...], message: str
) -> None:
    error = refused(*arguments)
    assert isinstance(error, InputError)
    assert error.message == message
    assert error.hint
    assert not (home / "data").exists()


def test_a_bad_stored_value_is_told_about(home: Path) -> None:
    with stored(home) as progress, progress.database.write() as connection:
        connection.execute("INSERT INTO settings VALUES ('reading_width', '7')")
    result = run("get", "reading_width")
    assert result.stdout == "88\n"
    assert result.stderr.startswith("Note: The stored setting reading_width is not usable (7)")


def test_a_setting_that_cannot_be_stored_is_refused(home: Path) -> None:
    (home / "data" / "progress.sqlite3.lock").mkdir(parents=True)
    assert isinstance(refused("set", "theme", "eks-light"), DataError)
    assert isinstance(refused("reset", "theme"), DataError)
