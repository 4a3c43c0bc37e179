"""Finds labs by id: those that ship with the program, and those of a folder one names."""

from __future__ import annotations

from pathlib import Path

from eks_lab import locations
from eks_lab.catalog.suggestion import did_you_mean
from eks_lab.errors import InputError
from eks_lab.grading.pack import pack_folders


def labs_root(named: str = "") -> Path:
    """Return the folder of labs.

    Args:
        named: another folder, or one lab; empty takes the shipped ones.
    """
    return locations.expanded(named) if named else locations.content_root() / "labs"


def lab_folder(root: Path, lab_id: str) -> Path:
    """Return the folder of one lab.

    Args:
        root: see `labs_root`.
        lab_id: its id, which is the folder's name.

    Raises:
        InputError: there is no such lab; the hint names the nearest.
        ContentError: the root cannot be read.
    """
    folders = {each.resolve().name: each for each in pack_folders(root)}
    if lab_id not in folders:
        hint = did_you_mean(lab_id, tuple(folders)) or "See: eks-lab lab list"
        raise InputError(f"there is no lab {lab_id!r} in {root}", hint=hint)
    return folders[lab_id]
