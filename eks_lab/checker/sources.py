"""Files to check, found and read without surprises: sizes, encodings, links and pipes all end in one sentence."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from eks_lab.checker.model import Finding
from eks_lab.checker.rule import ERROR, Rule

UNREADABLE = Rule(
    "check-unreadable", ERROR, "A path that cannot be read or judged: missing, too large, binary, not UTF-8, a pipe.",
    "Give a folder with .tf files, or files of YAML, JSON or Terraform.",
)  # fmt: skip
LARGEST_BYTES = 5 * 1024 * 1024
MOST_FILES = 5000
_SUFFIXES = (".tf", ".tfvars", ".yaml", ".yml", ".json")
_SKIPPED = frozenset({"node_modules", "__pycache__", "venv"})
_MODULE_SOURCE = re.compile(r'\bsource\s*=\s*"(\.{1,2}/[^"$]*)"')


@dataclass(slots=True)
class Sources:
    """What was found and read."""

    texts: dict[str, str] = field(default_factory=dict)
    """Name as the learner would write it -> text with plain line breaks."""
    context: dict[str, str] = field(default_factory=dict)
    """Terraform that was not asked for but belongs to it: other files of the folder, local modules."""
    unreadable: list[Finding] = field(default_factory=list)


def decode(name: str, data: bytes) -> str | Finding:
    """Return the text of a file, or why it is none.

    Args:
        name: of the file.
        data: what stands in it.
    """
    if len(data) > LARGEST_BYTES:
        return too_large(name, len(data))
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return UNREADABLE.at(name, 0, "the file is UTF-16", fix="Save it as UTF-8.")
    if b"\0" in data:
        line = data[: data.index(b"\0")].count(b"\n") + 1
        return UNREADABLE.at(
            name, line, "the file holds a NUL byte, so it is binary", fix="Give a text file."
        )
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        shown = f"0x{data[error.start]:02x}"
        return UNREADABLE.at(name, line, f"byte {shown} is not UTF-8", fix="Save the file as UTF-8.")
    return text.replace("\r\n", "\n")


def too_large(name: str, size: int) -> Finding:
    """Return the finding for a file that is too large to read."""
    return UNREADABLE.at(
        name,
        0,
        f"{size:,} bytes are more than the {LARGEST_BYTES:,} that are checked",
        fix="Split the file, or check its parts one by one.",
    )


def read_sources(paths: Sequence[Path]) -> Sources:
    """Find and read files.

    Args:
        paths: files and folders; hidden folders and links to folders inside them are not followed.
    """
    sources = Sources()
    for path in paths:
        try:
            is_folder = path.is_dir()
        except OSError as error:
            sources.unreadable.append(_failed(path, error))
            continue
        if is_folder:
            _read_folder(path, sources)
        else:
            _read_file(path, sources)
    _read_context(sources)
    return sources


def _failed(path: Path, error: OSError) -> Finding:
    reason = (error.strerror or str(error)).lower()
    return UNREADABLE.at(str(path), 0, f"cannot be read: {reason}", fix="Check the path and its permissions.")


def _read_file(path: Path, sources: Sources) -> None:
    found = _text_of(path)
    if isinstance(found, Finding):
        sources.unreadable.append(found)
    else:
        sources.texts[path.as_posix()] = found


def _text_of(path: Path) -> str | Finding:
    try:
        about = path.stat()
        if not stat.S_ISREG(about.st_mode):
            fix = f"Pipe it instead: … | eks-lab check - (not {path})."
            return UNREADABLE.at(str(path), 0, "is neither a file nor a folder", fix=fix)
        if about.st_size > LARGEST_BYTES:
            return too_large(str(path), about.st_size)
        with path.open("rb") as stream:
            # A file may grow while it is read.
            return decode(path.as_posix(), stream.read(LARGEST_BYTES + 1))
    except OSError as error:
        return _failed(path, error)


def _read_folder(folder: Path, sources: Sources) -> None:
    count = 0
    for path in _files_below(folder, sources):
        count += 1
        if count > MOST_FILES:
            says = f"more than {MOST_FILES:,} files to check"
            sources.unreadable.append(UNREADABLE.at(str(folder), 0, says, fix="Check a smaller folder."))
            return
        _read_file(path, sources)
    if not count and not any(each.file.startswith(str(folder)) for each in sources.unreadable):
        says = "nothing to check: no .tf, .yaml, .yml or .json file in this folder or below it"
        sources.unreadable.append(UNREADABLE.at(str(folder), 0, says))


def _files_below(folder: Path, sources: Sources) -> Iterator[Path]:
    def failed(error: OSError) -> None:
        sources.unreadable.append(_failed(Path(error.filename or folder), error))

    for root, folders, files in os.walk(folder, onerror=failed):
        folders[:] = sorted(each for each in folders if not each.startswith(".") and each not in _SKIPPED)
        for name in sorted(files):
            if name.endswith(_SUFFIXES) and not name.startswith("."):
                yield Path(root) / name


def _read_context(sources: Sources) -> None:
    """Read what belongs to the Terraform that was asked for: the rest of its folders and its local modules."""
    waiting = {Path(name).parent for name in sources.texts if name.endswith((".tf", ".tfvars"))}
    seen: set[Path] = set()
    while waiting and len(seen) < MOST_FILES:
        folder = waiting.pop()
        seen.add(folder)
        try:
            names = sorted(each for each in os.listdir(folder) if each.endswith((".tf", ".tfvars")))
        except OSError:
            # A module that is not there is reported by nobody but Terraform itself.
            continue
        for name in names:
            path = (folder / name).as_posix()
            if path not in sources.texts and path not in sources.context:
                text = _text_of(folder / name)
                if isinstance(text, str):
                    sources.context[path] = text
            text_of_file = sources.texts.get(path, sources.context.get(path, ""))
            for match in _MODULE_SOURCE.finditer(text_of_file):
                child = Path(os.path.normpath(folder / match.group(1)))
                if child not in seen:
                    waiting.add(child)
