"""The table of labs and backends in docs/backends.md is what the labs say.

After a lab has changed: `EKS_LAB_WRITE_DOCS=1 pytest tests/grading/test_fidelity_table.py` writes it.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from eks_lab.cli import root
from eks_lab.errors import ContentError
from eks_lab.grading.fidelity_table import BEGIN, END, beyond, table
from eks_lab.grading.new import write_lab

REPOSITORY = Path(__file__).parents[2]
DOCUMENT = REPOSITORY / "docs" / "backends.md"


@pytest.fixture(scope="module")
def shipped() -> str:
    """Return the table of the labs that ship."""
    return table(REPOSITORY / "labs")


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    """Return a folder with one lab."""
    write_lab(tmp_path, "a-lab")
    return tmp_path


def test_the_document_holds_the_table(shipped: str) -> None:
    before, found, rest = DOCUMENT.read_text().partition(f"{BEGIN}\n")
    held, ended, after = rest.partition(END)
    assert found
    assert ended
    if os.environ.get("EKS_LAB_WRITE_DOCS"):
        DOCUMENT.write_text(f"{before}{BEGIN}\n{shipped}{END}{after}")
        return
    assert held == shipped


def test_the_table_has_every_lab_and_every_backend(shipped: str) -> None:
    lines = shipped.splitlines()
    labs = [each for each in (REPOSITORY / "labs").iterdir() if (each / "lab.yaml").is_file()]
    assert len(lines) == len(labs) + 2
    assert lines[0] == "| lab | embedded | docker | aws |"
    assert all(line.count(" | ") >= 3 for line in lines[2:])


def test_no_shipped_lab_promises_what_its_steps_and_checks_cannot_have() -> None:
    assert [each for each in beyond(REPOSITORY / "labs") if "is none" in each] == []


def test_a_promise_that_cannot_be_kept_is_found(pack: Path) -> None:
    path = pack / "a-lab" / "lab.yaml"
    text = path.read_text()
    assert beyond(pack) == []
    path.write_text(re.sub(r"^requires: .*$", "requires: [cluster, kubectl]", text, flags=re.MULTILINE))
    head, found, rest = path.read_text().partition("\nchecks:\n")
    assert found
    check = (
        "  - {id: no-downtime, title: Always there, weight: 0, otherwise: It was down.,"
        " history: {workload: deployment/web, downtime_seconds: 0}}\n"
    )
    path.write_text(f"{head}{found}{check}{rest}")
    lines = beyond(pack)
    assert any(each.startswith("a-lab on docker: says full, is none: it needs") for each in lines)


def test_the_command_prints_it(pack: Path) -> None:
    done = CliRunner().invoke(root, ["lab", "backends", "--labs", str(pack)])
    assert done.output == table(pack)
    assert "| `a-lab` | ✓ full | ✓ full |" in done.output


def test_a_lab_that_cannot_be_read_is_named(pack: Path) -> None:
    (pack / "a-lab" / "lab.yaml").write_text("id: [")
    with pytest.raises(ContentError, match=r"a-lab"):
        table(pack)
