"""Reading the course: cold, from the cache, one page, one keystroke of search."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from eks_lab import locations
from eks_lab.content.body import read_page
from eks_lab.content.check import check_course
from eks_lab.content.index import open_course
from eks_lab.content.search import SearchIndex

ROOT = locations.content_root() / "lessons"
QUERIES = ("p", "po", "pod", "pod i", "pod ide", "pod identity", "warm_ip", "karpenter conso", "snat", "the")


def milliseconds(action: Callable[[], object], times: int = 1) -> float:
    """Return the median time of an action."""
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        action()
        taken.append((time.perf_counter() - start) * 1000)
    return statistics.median(taken)


def run() -> list[tuple[str, float, float, str]]:
    """Return name, measured, limit and note of each figure."""
    with tempfile.TemporaryDirectory() as folder:
        cache = Path(folder)
        cold = milliseconds(lambda: open_course(ROOT, cache))
        warm = milliseconds(lambda: open_course(ROOT, cache), 5)
        loaded = open_course(ROOT, cache)
    pages = max(milliseconds(partial(read_page, loaded, lesson.id)) for lesson in loaded.course.lessons)
    index: list[SearchIndex] = []
    build = milliseconds(lambda: index.append(SearchIndex.build(loaded)))
    search = max(milliseconds(partial(index[0].search, query), 5) for query in QUERIES)
    check = milliseconds(lambda: check_course(ROOT))
    return [
        ("course, nothing cached (ms)", cold, 3000, "pydantic and YAML of every file; once, in a worker"),
        ("course, from the cache (ms)", warm, 150, ""),
        ("slowest page, parsed (ms)", pages, 100, f"of {len(loaded.course.lessons)}"),
        ("search index built (ms)", build, 3000, "in a worker"),
        ("slowest keystroke of search (ms)", search, 50, f"of {len(QUERIES)}"),
        ("author check of everything (ms)", check, 20000, ""),
    ]
