"""A folder of links in which terraform runs, so that the learner's own is never written to.

An override file would do for the state, but it has to stand beside the configuration, and a killed program leaves it
there. So does everything that terraform writes by itself: the lock file, `.terraform`, plans. Here all of that stays
below the sandbox's folder, and `sandbox down --purge` removes it.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from eks_lab.sandbox.state_directory import StateDirectory, unwritable

OVERRIDE = "zzz_eks_lab_override.tf"
"""Terraform merges override files in the order of their names, so this one has the last word."""
LOCK = ".terraform.lock.hcl"
_LEVELS = 6
"""How many folders above the configuration can be there, for modules and files named with `../`."""
_MOST_ENTRIES = 2000
"""Of a folder above: more than that is no place of modules."""
_LEFT_OUT = frozenset({".terraform", "terraform.tfstate.d", ".git", LOCK, OVERRIDE})


@dataclass(frozen=True, slots=True)
class WorkingCopy:
    """Links to one folder of the learner's, and the state that belongs to it."""

    source: Path
    """The learner's folder."""
    root: Path
    """Of everything that is kept for it."""

    @classmethod
    def of(cls, directory: StateDirectory, backend: str, source: Path) -> WorkingCopy:
        """Return the copy of a folder; nothing is made yet.

        Args:
            directory: of the sandbox.
            backend: its name: each account has a state of its own.
            source: the learner's folder.
        """
        source = source.resolve()
        digest = hashlib.sha256(os.fsencode(source)).hexdigest()[:12]
        return cls(source, directory.root / "terraform" / backend / f"{source.name or 'root'}-{digest}")

    @property
    def folder(self) -> Path:
        """Return where terraform runs."""
        return self.root.joinpath("files", *(each.name for each in reversed(self._above())), self.source.name)

    @property
    def state(self) -> Path:
        """Return the state file of the default workspace."""
        return self.root / "states" / "terraform.tfstate"

    @property
    def is_initialised(self) -> bool:
        """Return whether `init` has run here."""
        return (self.folder / ".terraform").is_dir()

    def _above(self) -> list[Path]:
        """Return the folders above that can be there too, the nearest first."""
        return [each for each in self.source.parents if each != each.parent][:_LEVELS]

    def bring_up_to_date(self, levels_above: int = 0) -> None:
        """Make the links as the learner's files are now, and the file that says where the state is.

        Args:
            levels_above: how many folders above are needed.

        Raises:
            DataError: they cannot be made.
        """
        try:
            self.state.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            copy = self.folder
            _link(self.source, copy, _own_entries(self.source))
            _take_lock(self.source / LOCK, copy / LOCK)
            (copy / OVERRIDE).write_text(self._settings(), encoding="utf-8")
            inner = self.source
            for above in self._above()[:levels_above]:
                copy = copy.parent
                _link(above, copy, (name for name in _entries_above(above) if name != inner.name))
                inner = above
        except OSError as error:
            raise unwritable(self.root, error) from error

    def _settings(self) -> str:
        states = self.state.parent
        return (
            "# Written by eks-lab for each run: the state of the sandbox's account stays with the sandbox.\n"
            "terraform {\n"
            '  backend "local" {\n'
            f"    path          = {_quoted(self.state)}\n"
            f"    workspace_dir = {_quoted(states / 'workspaces')}\n"
            "  }\n"
            "}\n"
        )


def _quoted(path: Path) -> str:
    """Return a path as a text of HCL, in which `${` and `%{` begin a template."""
    return json.dumps(str(path), ensure_ascii=False).replace("${", "$${").replace("%{", "%%{")


def _own_entries(folder: Path) -> list[str]:
    return [
        name
        for name in os.listdir(folder)
        if name not in _LEFT_OUT and not name.endswith((".tfstate", ".tfstate.backup", ".tfstate.lock.info"))
    ]


def _entries_above(folder: Path) -> list[str]:
    try:
        found = os.listdir(folder)
    except PermissionError:
        return []
    return found if len(found) <= _MOST_ENTRIES else []


def _link(source: Path, copy: Path, names: Iterable[str]) -> None:
    """Let a folder have these links, and no others; files that terraform wrote there stay."""
    wanted = set(names)
    there = set()
    for entry in os.scandir(copy):
        if not entry.is_symlink():
            if entry.name not in wanted or entry.is_dir(follow_symlinks=False):
                continue
            # The learner has made a file where terraform had written one.
            os.unlink(entry.path)
        elif entry.name in wanted and os.readlink(entry.path) == str(source / entry.name):
            there.add(entry.name)
        else:
            os.unlink(entry.path)
    for name in wanted - there:
        if not os.path.lexists(copy / name):
            os.symlink(source / name, copy / name)


def _take_lock(own: Path, copy: Path) -> None:
    """Begin with the learner's choice of provider versions; what `init` adds to it stays in the copy."""
    if own.is_file() and (not copy.exists() or own.stat().st_mtime > copy.stat().st_mtime):
        shutil.copyfile(own, copy)
