"""Remembers which backend a learner has chosen, so that every command asks the same one."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from eks_lab.errors import DataError
from eks_lab.sandbox.state_directory import StateDirectory, write_private

DEFAULT = "embedded"
NAMES = ("embedded", "docker", "aws")


@dataclass(frozen=True, slots=True)
class Choice:
    """A backend and what it was asked for."""

    backend: str = DEFAULT
    wishes: Mapping[str, Any] = field(default_factory=dict)
    """What was said at the last `up`, as JSON values; never a secret."""


def path_of(directory: StateDirectory) -> Path:
    """Return the file that holds the choice."""
    return directory.root / "backend.json"


def read(directory: StateDirectory) -> Choice:
    """Return the choice; the default when none was made.

    Raises:
        DataError: the file is damaged: guessing could leave containers or a real cluster behind.
    """
    path = path_of(directory)
    try:
        document = json.loads(path.read_bytes())
    except (FileNotFoundError, NotADirectoryError):
        return Choice()
    except (OSError, ValueError) as error:
        raise _damaged(path, str(error)) from error
    if not isinstance(document, dict) or document.get("backend") not in NAMES:
        raise _damaged(path, "it names no backend")
    wishes = document.get("wishes", {})
    if not isinstance(wishes, dict):
        raise _damaged(path, "its wishes are no table")
    return Choice(document["backend"], wishes)


def write(directory: StateDirectory, choice: Choice) -> None:
    """Remember a choice, readable by its owner only.

    Raises:
        DataError: it cannot be written.
    """
    directory.create()
    document = {"backend": choice.backend, "wishes": dict(choice.wishes)}
    write_private(path_of(directory), json.dumps(document).encode())


def forget(directory: StateDirectory) -> None:
    """Go back to the default."""
    path_of(directory).unlink(missing_ok=True)


def _damaged(path: Path, why: str) -> DataError:
    return DataError(
        f"{path}: cannot tell which backend was chosen: {why}",
        hint=f"Say it again: eks-lab sandbox up --backend {'|'.join(NAMES)}",
    )
