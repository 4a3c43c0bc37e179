"""What an export holds, for tests of the way out and of the way in."""

from __future__ import annotations

import json
from typing import Any

from eks_lab.learning.export import export_text
from eks_lab.learning.progress import Progress
from tests.learning.conftest import START


def everything(progress: Progress) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(export_text(progress, START))
    return document


def valid() -> dict[str, Any]:
    moment = "2026-11-22T09:30:00+00:00"
    return {
        "format": "eks-lab-progress",
        "version": 1,
        "program": "0.1.0",
        "exported_at": moment,
        "lessons": [{"lesson_id": "a.one", "opened_at": moment, "finished_at": None, "seconds": 5}],
        "places": [{"lesson_id": "a.one", "anchor": "", "fraction": 0.5, "saved_at": moment}],
        "answers": [
            {"question_id": "a.one.q", "rev": 1, "given": [0], "correct": True, "answered_at": moment},
            {"question_id": "a.one.n", "rev": 1, "given": 17, "correct": True, "answered_at": moment},
        ],
        "bookmarks": [{"lesson_id": "a.one", "anchor": "", "title": "One", "created_at": moment}],
    }
