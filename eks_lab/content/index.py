"""The course's tree, quizzes and glossary through a cache, so that opening the app reads one file.

The cache is JSON (never code) and is trusted only if every content file still has the size and the
time of change that it was made from.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
from pathlib import Path

from eks_lab import __version__
from eks_lab.content.load import load_course
from eks_lab.content.model import Course, LoadedCourse
from eks_lab.content.validate import adapter

_READ = {"lesson.md", "quiz.yaml", "course.yaml"}


def open_course(root: Path, cache: Path) -> LoadedCourse:
    """Return the course in a folder, from the cache when nothing changed.

    Args:
        root: the folder that holds `course.yaml`.
        cache: a folder for files that can be made again; made when it is missing. A cache that cannot
            be written costs time, nothing else.

    Raises:
        ContentError: the course cannot be used.
    """
    name = hashlib.sha256(str(root.resolve()).encode()).hexdigest()[:16]
    path = cache / f"course-{name}.json"
    signature = _signature(root)
    cached = _read_cache(path, signature)
    if cached is not None:
        return LoadedCourse(cached, root)
    loaded = load_course(root)
    _write_cache(path, signature, loaded.course)
    return loaded


def _signature(root: Path) -> str:
    digest = hashlib.sha256(__version__.encode())
    for folder, folders, files in os.walk(root):
        folders.sort()
        for file in sorted(files):
            if (
                file in _READ
                or (file.endswith(".yaml") and Path(folder).name == "glossary")
                or file == "glossary.yaml"
            ):
                path = os.path.join(folder, file)
                try:
                    stat = os.stat(path)
                except OSError:
                    continue
                digest.update(f"{path}|{stat.st_mtime_ns}|{stat.st_size}\n".encode())
    return digest.hexdigest()


def _read_cache(path: Path, signature: str) -> Course | None:
    try:
        with path.open("rb") as file:
            if file.readline().strip() != signature.encode():
                return None
            course: Course = adapter(Course).validate_json(file.read())
            return course
    except (OSError, ValueError):
        return None


def _write_cache(path: Path, signature: str, course: Course) -> None:
    body = adapter(Course).dump_json(course)
    temporary = path.with_suffix(f".{os.getpid()}.tmp")
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_bytes(signature.encode() + b"\n" + body)
        os.replace(temporary, path)
