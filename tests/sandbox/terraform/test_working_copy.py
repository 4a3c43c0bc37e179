"""The folder of links: up to date at each run, and the learner's own never touched."""

from __future__ import annotations

import os
from pathlib import Path

import hcl2
import pytest

from eks_lab.sandbox.state_directory import StateDirectory
from eks_lab.sandbox.terraform.working_copy import LOCK, OVERRIDE, WorkingCopy


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "repository" / "live" / "lab"
    folder.mkdir(parents=True)
    (folder / "main.tf").write_text("locals {}\n")
    (folder / "terraform.tfvars").write_text("a = 1\n")
    (folder / "terraform.tfstate").write_text("{}")
    (folder / ".terraform").mkdir()
    modules = tmp_path / "repository" / "modules"
    modules.mkdir()
    (modules / "net.tf").write_text("locals {}\n")
    return folder


@pytest.fixture
def copy(tmp_path: Path, source: Path) -> WorkingCopy:
    return WorkingCopy.of(StateDirectory(tmp_path / "sandbox"), "embedded", source)


def names(folder: Path) -> set[str]:
    return set(os.listdir(folder))


def test_it_has_the_files_and_the_way_up(copy: WorkingCopy, source: Path) -> None:
    copy.bring_up_to_date(levels_above=2)
    assert names(copy.folder) == {"main.tf", "terraform.tfvars", OVERRIDE}
    assert (copy.folder / "main.tf").resolve() == source / "main.tf"
    # As terraform reads a module: from where it runs, by the words of the source.
    assert (copy.folder / "../../modules/net.tf").read_text() == "locals {}\n"


def test_without_need_there_is_nothing_above(copy: WorkingCopy) -> None:
    copy.bring_up_to_date()
    assert names(copy.folder.parent) == {"lab"}


def test_it_follows_what_the_learner_does(copy: WorkingCopy, source: Path) -> None:
    copy.bring_up_to_date()
    (copy.folder / "plan.out").write_text("of terraform")
    (source / "main.tf").rename(source / "network.tf")
    copy.bring_up_to_date()
    assert names(copy.folder) == {"network.tf", "terraform.tfvars", OVERRIDE, "plan.out"}
    (source / "plan.out").write_text("of the learner")
    copy.bring_up_to_date()
    assert (copy.folder / "plan.out").read_text() == "of the learner"


def test_nothing_of_the_learners_is_written(copy: WorkingCopy, source: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in sorted(source.parent.parent.rglob("*"))}
    copy.bring_up_to_date(levels_above=2)
    (copy.folder / ".terraform").mkdir()
    (copy.folder / LOCK).write_text("of init")
    copy.bring_up_to_date(levels_above=2)
    assert {path: path.stat().st_mtime_ns for path in sorted(source.parent.parent.rglob("*"))} == before
    assert copy.is_initialised


def test_the_state_is_the_sandboxs(copy: WorkingCopy, tmp_path: Path) -> None:
    copy.bring_up_to_date()
    (block,) = hcl2.loads((copy.folder / OVERRIDE).read_text())["terraform"]
    (backend,) = block["backend"]
    (local,) = [value for name, value in backend.items() if "local" in name]
    assert local["path"].strip('"') == str(copy.state)
    assert (tmp_path / "sandbox") in copy.state.parents


def test_a_strange_name_is_no_template(tmp_path: Path) -> None:
    source = tmp_path / 'a "${b}" %{c}'
    source.mkdir()
    made = WorkingCopy.of(StateDirectory(tmp_path / "sandbox"), "embedded", source)
    made.bring_up_to_date()
    text = (made.folder / OVERRIDE).read_text()
    assert '\\"$${b}\\" %%{c}' in text


def test_the_learners_lock_is_where_it_begins(copy: WorkingCopy, source: Path) -> None:
    (source / LOCK).write_text("of the learner")
    copy.bring_up_to_date()
    assert (copy.folder / LOCK).read_text() == "of the learner"
    (copy.folder / LOCK).write_text("with more hashes")
    copy.bring_up_to_date()
    assert (copy.folder / LOCK).read_text() == "with more hashes"
    newer = (copy.folder / LOCK).stat().st_mtime + 60
    os.utime(source / LOCK, (newer, newer))
    copy.bring_up_to_date()
    assert (copy.folder / LOCK).read_text() == "of the learner"


def test_each_folder_and_each_backend_has_its_own(tmp_path: Path, source: Path) -> None:
    directory = StateDirectory(tmp_path / "sandbox")
    other = tmp_path / "other" / "lab"
    other.mkdir(parents=True)
    roots = {
        WorkingCopy.of(directory, backend, each).root
        for backend in ("embedded", "docker")
        for each in (source, other)
    }
    assert len(roots) == 4
