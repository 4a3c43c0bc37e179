"""The lines of a diagram's file, and what is wrong with it."""

from __future__ import annotations

from dataclasses import dataclass

from eks_lab.content.yaml_text import Location, YamlDocument


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something wrong in a diagram's file."""

    line: int
    message: str
    fix: str


class Lines:
    """On which line of its file each part of a diagram stands."""

    def __init__(self, document: YamlDocument) -> None:
        """Note the lines of a parsed file."""
        self._document = document
        self._ids: dict[str, int] = {}
        self._note_ids(document.value, ())

    def at(self, location: Location) -> int:
        """Return the line of a part, or of the nearest part around it that the file has."""
        return self._document.line_of(location)

    def of_id(self, name: str) -> int:
        """Return the line where a box, arrow or variant gets its id; the picture's where none does."""
        return self._ids.get(name, self.at(("picture",)))

    def _note_ids(self, value: object, location: Location) -> None:
        if isinstance(value, dict):
            for key, inner in value.items():
                # A change names an id that belongs to somebody else.
                if key == "id" and isinstance(inner, str) and location:
                    self._ids.setdefault(inner, self.at((*location, key)))
                elif key != "change":
                    self._note_ids(inner, (*location, str(key)))
        elif isinstance(value, list):
            for at, inner in enumerate(value):
                self._note_ids(inner, (*location, at))
