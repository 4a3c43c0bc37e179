"""What the doctor says about the program, the learner's folder and the ports."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from eks_lab import __version__
from eks_lab.doctor.model import Check
from eks_lab.doctor.program import OLDEST_PYTHON, PACKAGES, port_checks, program_checks
from eks_lab.errors import UnavailableError
from tests.doctor.machines import machine

REPOSITORY = Path(__file__).resolve().parents[2]


def checks(tmp_path: Path, data_dir: Path | None = None, **changed: Any) -> dict[str, Check]:
    found = program_checks(machine(**changed), tmp_path, data_dir or tmp_path / "data")
    assert all(check.required for check in found)
    return {check.name: check for check in found}


def test_the_packages_and_python_are_those_of_the_project_file() -> None:
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]
    names = {
        re.split(r"[<>=!~\[; ]", line, maxsplit=1)[0] for line in project["dependencies"] if ";" not in line
    }
    # Packages that only some platforms need are not asked for.
    assert names == set(PACKAGES)
    assert project["requires-python"] == f">={'.'.join(map(str, OLDEST_PYTHON))}"


def test_versions_are_told(tmp_path: Path) -> None:
    found = checks(tmp_path)
    assert found["eks-lab"].found == __version__
    assert found["Python"].found == "3.12.4"
    assert found["packages"].found.startswith("textual 1.2.3, pydantic 1.2.3, annotated-types 1.2.3")


def test_an_old_python_or_a_missing_package_is_missing(tmp_path: Path) -> None:
    found = checks(
        tmp_path,
        python_version=(3, 10, 12),
        package_version=lambda name: None if name in ("textual", "click") else "1.0",
    )
    assert found["Python"].status == "missing"
    assert found["packages"].status == "missing"
    assert found["packages"].found == "without textual, click"


def test_lessons_are_counted(tmp_path: Path) -> None:
    missing = checks(tmp_path)["lessons"]
    assert missing.status == "missing"
    assert str(tmp_path / "lessons") in missing.found
    for number in range(3):
        folder = tmp_path / "lessons" / "00-start" / f"{number}"
        folder.mkdir(parents=True)
        (folder / "lesson.md").write_text("")
        assert checks(tmp_path)["lessons"].found == f"{number + 1} lesson{'s' if number else ''}"
    assert checks(tmp_path)["lessons"].status == "ok"


def test_a_folder_not_made_yet_is_judged_by_the_one_above_and_not_made(tmp_path: Path) -> None:
    data_dir = tmp_path / "home" / "data"
    found = checks(tmp_path, data_dir)["data folder"]
    assert found.status == "ok"
    assert found.found == f"{data_dir} (made on first use), 80 GiB free"
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_there_is_named_plainly(tmp_path: Path) -> None:
    assert checks(tmp_path, tmp_path)["data folder"].found == f"{tmp_path}, 80 GiB free"


def test_a_folder_that_may_not_be_written_is_missing(tmp_path: Path) -> None:
    found = checks(tmp_path, is_writable=lambda path: path != tmp_path)["data folder"]
    assert found.status == "missing"
    assert f"{tmp_path} may not be written" in found.found
    assert "EKS_LAB_HOME" in found.how_to_get


def test_a_file_in_the_way_is_missing(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("")
    found = checks(tmp_path, tmp_path / "home" / "data")["data folder"]
    assert found.status == "missing"
    assert "home is not a folder" in found.found
    assert "Rename what is there" in found.how_to_get


def test_a_learner_without_a_home_is_told_what_to_set(tmp_path: Path) -> None:
    unknown = UnavailableError("Your home folder is unknown.", hint="Set EKS_LAB_HOME.")
    found = next(each for each in program_checks(machine(), tmp_path, unknown) if each.name == "data folder")
    assert (found.status, found.required) == ("missing", True)
    assert (found.found, found.how_to_get) == ("Your home folder is unknown.", "Set EKS_LAB_HOME.")


def test_little_or_unknown_space_is_noted(tmp_path: Path) -> None:
    found = checks(tmp_path, free_bytes=lambda path: 49 * 2**20)["data folder"]
    assert found.status == "warn"
    assert "49 MiB free" in found.found

    def unknown(path: Path) -> int:
        raise OSError(5, "Input/output error")

    found = checks(tmp_path, free_bytes=unknown)["data folder"]
    assert found.status == "warn"
    assert "Input/output error" in found.found


@pytest.mark.parametrize(("state", "status"), [("free", "ok"), ("taken", "warn"), ("unknown", "warn")])
def test_ports(state: str, status: str) -> None:
    found = port_checks(machine(port_state=lambda port: state if port == 4566 else "free"))
    assert [(check.name, check.status, check.required) for check in found] == [
        ("4566", status, False),
        ("6443", "ok", False),
    ]
    assert ("tcp:4566" in found[0].how_to_get) == (state == "taken")
