"""Files of a container, some of which are made when they are read: tokens, which are signed and renewed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

Content = str | Callable[[], str]
"""What a file holds, or what says so when it is read."""


class MountedFiles(dict[str, str]):
    """Path -> content; behaves as a dictionary of texts."""

    def __init__(self, files: Mapping[str, Content] | None = None) -> None:
        """Take files; those that are functions are called at each reading."""
        super().__init__()
        self._made: dict[str, Callable[[], str]] = {}
        for path, content in (files or {}).items():
            if isinstance(content, str):
                self[path] = content
            else:
                self[path] = ""
                self._made[path] = content

    def __getitem__(self, path: str) -> str:
        """Return a file's content now."""
        make = self._made.get(path)
        return make() if make is not None else super().__getitem__(path)

    def get(self, path: str, default: str | None = None) -> str | None:  # type: ignore[override]
        """Return a file's content now, or the default."""
        try:
            return self[path]
        except KeyError:
            return default

    def __iter__(self) -> Iterator[str]:
        """Yield the paths; copies of the whole go through here, and so through `__getitem__`."""
        return super().__iter__()
