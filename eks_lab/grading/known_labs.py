"""The labs that ship with the program, as far as readiness needs them."""

from __future__ import annotations

from eks_lab.content.model import Course
from eks_lab.grading.catalogue import labs_root
from eks_lab.grading.lab_file import read_lab
from eks_lab.grading.pack import pack_folders
from eks_lab.learning.readiness import KnownLab


def lab_ids() -> list[str]:
    """Return the ids of the labs; none of them is read."""
    return [folder.resolve().name for folder in pack_folders(labs_root())]


def known_labs(course: Course) -> list[KnownLab]:
    """Return the labs, those that cannot be read left out.

    Args:
        course: gives the ids of the chapters, which labs name by number.
    """
    chapters = {chapter.number: chapter.id for chapter in course.file.chapters}
    found = []
    for folder in pack_folders(labs_root()):
        lab, _ = read_lab(folder)
        if lab is not None:
            file = lab.file
            chapter = chapters.get(str(file.chapter), "")
            found.append(KnownLab(file.id, file.title, tuple(file.skills), chapter, file.minutes))
    return found
