"""Every lab and how it goes on each backend, as a Markdown table; `docs/backends.md` holds it between two marks."""

from __future__ import annotations

from pathlib import Path

from eks_lab.errors import ContentError
from eks_lab.grading.carrying import Fidelity, declared, fidelity
from eks_lab.grading.lab_file import read_lab
from eks_lab.grading.model import LabFile
from eks_lab.grading.pack import pack_folders
from eks_lab.sandbox.backends.registry import ENTRIES

BEGIN, END = "<!-- fidelity table: eks-lab lab backends -->", "<!-- end of fidelity table -->"


def table(root: Path) -> str:
    """Return the table, with a line break at its end.

    Args:
        root: folder of labs.

    Raises:
        ContentError: a lab cannot be read.
    """
    files = []
    for folder in pack_folders(root):
        lab, findings = read_lab(folder)
        if lab is None:
            raise ContentError(str(findings[0]))
        files.append(lab.file)
    files.sort(key=lambda file: (file.chapter, file.id))
    lines = [f"| lab | {' | '.join(ENTRIES)} |", f"|{'---|' * (len(ENTRIES) + 1)}"]
    lines += [f"| `{file.id}` | {' | '.join(_cell(file, name) for name in ENTRIES)} |" for file in files]
    return "\n".join(lines) + "\n"


def beyond(root: Path) -> list[str]:
    """Return where a lab's file promises more than its steps and checks can have on a backend, one line each.

    Args:
        root: folder of labs.
    """
    found = []
    for folder in pack_folders(root):
        lab, _ = read_lab(folder)
        for name in ENTRIES if lab is not None else ():
            assert lab is not None
            said, is_so = declared(lab.file, name), fidelity(lab.file, name)
            if said != is_so:
                found.append(f"{lab.file.id} on {name}: says {said.level}, is {is_so}")
    return found


def _cell(file: LabFile, backend: str) -> str:
    return _text(fidelity(file, backend)).replace("|", "\\|")


def _text(found: Fidelity) -> str:
    mark = {"full": "✓", "partial": "~", "none": "✗"}[found.level]
    return f"{mark} {found}"
