"""Labs for tests: a sound one to spoil, and a world to play it in."""

from __future__ import annotations

import copy
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

from eks_lab.grading.in_process import InProcess
from eks_lab.grading.lab_file import Lab, load_lab
from eks_lab.grading.new import write_lab
from eks_lab.grading.prover.proof import Proof

Spoil = Callable[[dict[str, Any]], object]


def kubectl() -> str:
    """Return the program: the one of the extra `tools`, or the machine's."""
    found = shutil.which("kubectl", path=str(Path(sys.executable).parent)) or shutil.which("kubectl")
    assert found is not None
    return found


def written(folder: Path, spoil: Spoil | None = None, lab_id: str = "sample") -> Path:
    """Write the lab that `lab new` writes, spoiled; return its folder.

    Args:
        folder: of labs.
        spoil: changes the document of lab.yaml.
        lab_id: of the lab.
    """
    write_lab(folder, lab_id)
    path = folder / lab_id / "lab.yaml"
    document = yaml.safe_load(path.read_text())
    if spoil is not None:
        spoil(document)
    path.write_text(yaml.safe_dump(copy.deepcopy(document), sort_keys=False, allow_unicode=True))
    return folder / lab_id


def loaded(folder: Path, spoil: Spoil | None = None) -> Lab:
    """Return that lab, read."""
    return load_lab(written(folder, spoil))


def proof_of(lab: Lab, target: InProcess, folder: Path) -> Proof:
    """Return a lab whose start has come about."""
    proof = Proof(lab, target, folder / "learner")
    proof.set_up()
    return proof
