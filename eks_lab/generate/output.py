"""Generated files on the learner's disk: never over something without a copy of what was there.

Everything that can be refused is refused before the first byte is written. Each file is written
beside its final name and moved into place, so that a full disk leaves no half file.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path, PurePosixPath

from eks_lab.errors import InputError, UnavailableError
from eks_lab.generate.model import GeneratedFile

_LARGEST_COMPARED_BYTES = 20_000_000
_COMMENTED = (".yaml", ".yml", ".sh", ".tf", ".toml")


@dataclass(frozen=True, slots=True)
class Written:
    """What became of one file."""

    path: Path
    """Where it is."""
    backup: Path | None = None
    """Where the old content is, when there was one."""
    is_unchanged: bool = False
    """True when the same text was there already and nothing was touched."""

    def __str__(self) -> str:
        if self.is_unchanged:
            return f"{self.path} is as it was."
        if self.backup is not None:
            return f"Wrote {self.path}; what was there is in {self.backup}."
        return f"Wrote {self.path}."


def joined(files: Iterable[GeneratedFile]) -> GeneratedFile | None:
    """Return several files as one text, for a pipe or a single file; None when their kinds differ.

    Args:
        files: at least one.

    Returns:
        The file itself when it is the only one. YAML is joined as documents of one stream; the
        reasons move along with their lines.
    """
    kept = tuple(files)
    if len(kept) == 1:
        return kept[0]
    suffixes = {PurePosixPath(file.name).suffix for file in kept}
    if len(suffixes) != 1 or not suffixes <= set(_COMMENTED):
        return None
    is_yaml = suffixes <= {".yaml", ".yml"}
    lines: list[str] = []
    reasons: dict[int, str] = {}
    for number, file in enumerate(kept):
        if number:
            lines.append("---" if is_yaml else "")
        lines.append(f"# {file.name}")
        reasons |= {line + len(lines): reason for line, reason in file.reasons.items()}
        lines += file.text.removesuffix("\n").split("\n")
    return GeneratedFile(kept[0].name, "\n".join(lines) + "\n", reasons)


def write_files(files: Iterable[tuple[Path, str]]) -> tuple[Written, ...]:
    """Write texts, keeping a copy of whatever is there as `name.bak`, then `name.bak.1`, and so on.

    Args:
        files: path and text. Folders that are missing are made.

    Returns:
        What became of each, in the same order.

    Raises:
        InputError: a folder stands where a file should go, or a file where a folder is needed.
        UnavailableError: the machine does not let us write there.
    """
    plan = [(path, text) for path, text in files]
    for path, _ in plan:
        _require_writable(path)
    return tuple(_write(path, text) for path, text in plan)


def _require_writable(path: Path) -> None:
    if path.is_dir():
        raise InputError(
            f"{path} is a folder, and a file of that name is wanted.", hint="Name another place with --out."
        )
    if path.exists() and not path.is_file():
        raise InputError(f"{path} is not an ordinary file.", hint="Name another place with --out.")
    folder = path.parent
    while not os.path.lexists(folder) and folder != folder.parent:
        folder = folder.parent
    if not folder.is_dir():
        raise InputError(
            f"{folder} is a file, and a folder is wanted.", hint="Name another place with --out."
        )
    if not os.access(folder, os.W_OK | os.X_OK):
        raise UnavailableError(
            f"{path} cannot be written: the folder {folder} is read-only for you.",
            hint="Name another place with --out.",
        )


def _write(path: Path, text: str) -> Written:
    with _said_plainly(path):
        content = text.encode()
        # A link is followed: what it points at is what the learner looks at.
        target = path.resolve() if path.is_symlink() else path
        if target.exists() and _has_content(target, content):
            return Written(path, is_unchanged=True)
        target.parent.mkdir(parents=True, exist_ok=True)
        draft = target.with_name(f".{target.name}.{os.getpid()}.tmp")
        try:
            with draft.open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            backup = None
            if os.path.lexists(target):
                draft.chmod(target.stat().st_mode & 0o777)
                backup = _back_up(target)
            os.replace(draft, target)
        finally:
            with suppress(OSError):
                draft.unlink()
        return Written(path, backup)


def _has_content(path: Path, content: bytes) -> bool:
    return path.stat().st_size == len(content) <= _LARGEST_COMPARED_BYTES and path.read_bytes() == content


def _back_up(path: Path) -> Path:
    """Return a new name that the old content has as well; the old name keeps it until it is replaced."""
    for number in count():
        backup = path.with_name(f"{path.name}.bak" + (f".{number}" if number else ""))
        try:
            os.link(path, backup)
        except FileExistsError:
            continue
        except OSError:
            # No hard links on this file system: a copy under a name nobody has yet.
            try:
                with backup.open("xb") as copy:
                    copy.write(path.read_bytes())
            except FileExistsError:
                continue
        return backup
    raise AssertionError("numbers do not end")


@contextmanager
def _said_plainly(path: Path) -> Iterator[None]:
    """Turn what the operating system says into one sentence with a next step."""
    try:
        yield
    except (OSError, RuntimeError) as error:
        # A link that leads back to itself is no OSError for pathlib.
        reason = ((error.strerror if isinstance(error, OSError) else "") or str(error)).lower()
        raise UnavailableError(
            f"{path} cannot be written: {reason}.", hint="Name another place with --out."
        ) from error
