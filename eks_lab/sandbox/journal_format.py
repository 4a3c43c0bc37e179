"""Snapshots and journals on disk: JSON lines, each with its checksum in front.

A snapshot is one header line and one line an object. A journal line is a batch: what was written in a moment,
whole or not at all. Both carry a generation in their name: a snapshot holds everything that journals of lower
generations say.
"""

from __future__ import annotations

import os
import re
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

import orjson

from eks_lab.errors import DataError
from eks_lab.sim.cluster import ClusterOptions, ClusterState
from eks_lab.sim.objects import Key, Obj, key_of

FORMAT = 1
LOST_REVISIONS = 100_000
"""Revisions skipped after a crash, so that a client that saw a lost one is told to list again."""
_NAME = re.compile(r"(snapshot|journal)-(\d{8})\.jsonl")


@dataclass(frozen=True, slots=True)
class Batch:
    """What was written between two flushes; of an object only its last state."""

    revision: int
    """Of the store after the batch."""
    now: datetime
    """Simulated moment after the batch."""
    changes: Mapping[tuple[str, Key], Obj | None]
    """Resource and key -> the object, or None when it is gone."""


@dataclass(frozen=True, slots=True)
class Recovered:
    """What was found on disk."""

    state: ClusterState | None
    """None when there is nothing to go on from."""
    generation: int
    """The highest one in use."""
    notices: tuple[str, ...]
    """What a learner should know: damaged files and what became of them."""


def snapshot_path(folder: Path, generation: int) -> Path:
    """Return the name of a snapshot."""
    return folder / f"snapshot-{generation:08}.jsonl"


def journal_path(folder: Path, generation: int) -> Path:
    """Return the name of a journal."""
    return folder / f"journal-{generation:08}.jsonl"


def files(folder: Path) -> dict[str, dict[int, Path]]:
    """Return snapshots and journals by generation: `{"snapshot": {3: path}, "journal": {…}}`."""
    found: dict[str, dict[int, Path]] = {"snapshot": {}, "journal": {}}
    if folder.is_dir():
        for path in folder.iterdir():
            match = _NAME.fullmatch(path.name)
            if match:
                found[match.group(1)][int(match.group(2))] = path
    return found


def line_of(document: bytes) -> bytes:
    """Return a document as a line with its checksum."""
    return b"%08x %s\n" % (zlib.crc32(document), document)


def document_of(line: bytes) -> Any:
    """Return the document of a line.

    Raises:
        ValueError: the line is torn or was changed.
    """
    checksum, space, document = line.partition(b" ")
    if not line.endswith(b"\n") or not space or len(checksum) != 8:
        raise ValueError("torn line")
    document = document[:-1]
    if int(checksum, 16) != zlib.crc32(document):
        raise ValueError("wrong checksum")
    return orjson.loads(document)


def batch_line(batch: Batch) -> bytes:
    """Return a batch as a line of a journal."""
    puts = [
        orjson.dumps([rid, orjson.Fragment(orjson.dumps(obj))])
        for (rid, _), obj in batch.changes.items()
        if obj is not None
    ]
    gone = [[rid, *key] for (rid, key), obj in batch.changes.items() if obj is None]
    head = orjson.dumps({"revision": batch.revision, "now": batch.now.isoformat(), "gone": gone})
    return line_of(head[:-1] + b',"put":[' + b",".join(puts) + b"]}")


def write_snapshot(file: BinaryIO, state: ClusterState, *, is_clean: bool) -> int:
    """Write a snapshot.

    Args:
        file: open for writing.
        state: of the cluster.
        is_clean: True when nothing will be written after it.

    Returns:
        Bytes written.
    """
    header = {
        "format": FORMAT,
        "options": asdict(state.options),
        "now": state.now.isoformat(),
        "revision": state.revision,
        "ids": state.ids,
        "clean": is_clean,
        "count": len(state.objects),
    }
    size = file.write(line_of(orjson.dumps(header)))
    for rid, obj in state.objects:
        size += file.write(line_of(orjson.dumps([rid, obj])))
    return size


def read_snapshot(path: Path) -> tuple[ClusterState, bool]:
    """Return a kept state, and whether it was the last thing that was written.

    Raises:
        DataError: the file is damaged or of another format.
    """
    try:
        with path.open("rb") as file:
            header = document_of(next(file))
            if header["format"] != FORMAT:
                raise DataError(
                    f"{path.name}: format {header['format']} is not the {FORMAT} that this version reads",
                    hint="Go on with the version of eks-lab that wrote it, or run: eks-lab sandbox reset",
                )
            objects = [_entry(document_of(line)) for line in file]
        if len(objects) != header["count"]:
            raise ValueError(f"{len(objects)} of {header['count']} objects")
        state = ClusterState(
            ClusterOptions(**header["options"]),
            datetime.fromisoformat(header["now"]),
            header["revision"],
            _ids_state(header["ids"]),
            objects,
        )
    except (OSError, ValueError, KeyError, TypeError, StopIteration, orjson.JSONDecodeError) as error:
        raise DataError(f"{path.name}: the snapshot is damaged: {error}") from error
    return state, bool(header["clean"])


def _entry(document: Any) -> tuple[str, Obj]:
    rid, obj = document
    return rid, obj


def _ids_state(document: Any) -> object:
    """Return the state of Ids as `random` wants it: tuples, which JSON knows as lists."""
    if document is None:
        return None
    version, numbers, gauss = document
    return version, tuple(numbers), gauss


def batches(path: Path) -> Iterator[tuple[int, Any]]:
    """Yield the batches of a journal with the offset behind each.

    Raises:
        ValueError: a line that is not the last one is damaged; a torn last line just ends the journal.
    """
    size, offset = path.stat().st_size, 0
    with path.open("rb") as file:
        for line in file:
            offset += len(line)
            try:
                document = document_of(line)
            except (ValueError, orjson.JSONDecodeError):
                if offset < size:
                    raise ValueError(f"line that ends at byte {offset}") from None
                return
            yield offset, document


def recover(folder: Path) -> Recovered:
    """Read what is kept: the newest snapshot and the journals behind it.

    Damaged files are set aside under another name, never overwritten.

    Raises:
        DataError: a file cannot be read, or was written by a newer version.
    """
    found = files(folder)
    notices: list[str] = []
    generation = max((*found["snapshot"], *found["journal"]), default=0)
    for number in sorted(found["snapshot"], reverse=True):
        path = found["snapshot"][number]
        try:
            state, is_clean = read_snapshot(path)
        except DataError as error:
            if error.hint:
                raise
            notices.append(f"{error.message}; set aside as {_set_aside(path).name}")
            continue
        later = [found["journal"][each] for each in sorted(found["journal"]) if each >= number]
        if is_clean and not later:
            return Recovered(state, generation, tuple(notices))
        return Recovered(_replayed(state, later, notices), generation, tuple(notices))
    if notices:
        # Without the snapshot they belong to, journals say nothing; they may still help to mend it.
        for path in found["journal"].values():
            _set_aside(path)
    return Recovered(None, generation, tuple(notices))


def _replayed(state: ClusterState, journals: Iterable[Path], notices: list[str]) -> ClusterState:
    objects: dict[tuple[str, Key], Obj] = {(rid, key_of(obj)): obj for rid, obj in state.objects}
    revision, now = state.revision, state.now
    for path in journals:
        try:
            for _, batch in batches(path):
                for rid, obj in batch["put"]:
                    objects[(rid, key_of(obj))] = obj
                for rid, namespace, name in batch["gone"]:
                    objects.pop((rid, Key(namespace, name)), None)
                revision, now = batch["revision"], datetime.fromisoformat(batch["now"])
        except ValueError as error:
            notices.append(
                f"{path.name}: damaged ({error}); what came before it is used, set aside as "
                f"{_set_aside(path).name}"
            )
            break
    kept = [(rid, obj) for (rid, _), obj in objects.items()]
    return ClusterState(state.options, now, revision + LOST_REVISIONS, None, kept)


def _set_aside(path: Path) -> Path:
    aside = path.with_name(f"{path.name}.damaged")
    os.replace(path, aside)
    return aside
