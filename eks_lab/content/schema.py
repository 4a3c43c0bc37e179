"""JSON Schemas of the files an author writes, so that editors complete fields and mark mistakes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from eks_lab.content.model import CourseFile, GlossaryFile, LessonHead, QuizFile
from eks_lab.content.validate import json_schema

PACKAGED = Path(__file__).parent / "schemas"


def schemas() -> dict[str, dict[str, Any]]:
    """Return the schema of each kind of file, by the name of its schema file without `.json`."""
    from eks_lab.content.diagram.model import Diagram
    from eks_lab.content.items.model import BankFile

    kinds: dict[str, type[Any]] = {
        "course": CourseFile,
        "lesson": LessonHead,
        "quiz": QuizFile,
        "bank": BankFile,
        "glossary": GlossaryFile,
        "diagram": Diagram,
    }
    draft = "https://json-schema.org/draft/2020-12/schema"
    return {name: {"$schema": draft, **json_schema(kind)} for name, kind in kinds.items()}


def schema_text(name: str) -> str:
    """Return one schema as the text that is packaged."""
    return json.dumps(schemas()[name], indent=2, ensure_ascii=False) + "\n"


def write_schemas(folder: Path = PACKAGED) -> list[Path]:
    """Write all schemas into a folder and return their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for name in schemas():
        path = folder / f"{name}.json"
        path.write_text(schema_text(name), encoding="utf-8")
        paths.append(path)
    return paths
