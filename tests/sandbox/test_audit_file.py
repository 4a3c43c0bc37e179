"""The audit log's file: private, turned over by size, and never in the way of an answer."""

from __future__ import annotations

import asyncio
import os
import threading
from pathlib import Path

import pytest

from eks_lab.sandbox import audit_file
from eks_lab.sandbox.audit_file import KEPT_FILES, AuditFile, last_lines, older_file


def line(number: int) -> bytes:
    return b'{"n":%06d}\n' % number


def test_lines_are_written_behind_the_answers(tmp_path: Path) -> None:
    path = tmp_path / "audit.log"
    log = AuditFile(path)
    log.write(line(1))
    assert not path.exists()
    log.flush()
    log.write(line(2))
    log.close()
    assert path.read_bytes() == line(1) + line(2)
    assert path.stat().st_mode & 0o777 == 0o600
    again = AuditFile(path)
    again.write(line(3))
    again.close()
    assert last_lines(path, 2) == ['{"n":000002}', '{"n":000003}']


async def test_it_writes_by_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit_file, "FLUSH_SECONDS", 0)
    path = tmp_path / "audit.log"
    log = AuditFile(path)
    task = asyncio.create_task(log.run())
    log.write(line(1))
    async with asyncio.timeout(60):
        while not path.exists() or path.read_bytes() != line(1):
            await asyncio.sleep(0)
    task.cancel()
    log.close()


def test_old_files_are_turned_over_and_only_few_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "audit.log"
    log = AuditFile(path, largest_bytes=5 * len(line(0)))
    for number in range(50):
        log.write(line(number))
        if number % 7 == 0:
            log.flush()
    log.close()
    names = sorted(each.name for each in tmp_path.iterdir())
    assert names == ["audit.log", *(f"audit.log.{number}" for number in range(1, KEPT_FILES + 1))]
    assert all(each.stat().st_size <= 5 * len(line(0)) for each in tmp_path.iterdir())
    assert all(each.stat().st_mode & 0o777 == 0o600 for each in tmp_path.iterdir())
    kept = last_lines(path, 1000)
    assert kept == [f'{{"n":{number:06}}}' for number in range(50 - len(kept), 50)]
    assert last_lines(path, 3) == kept[-3:]
    assert last_lines(path, 0) == []
    assert older_file(path, 1).name == "audit.log.1"


def test_a_file_that_cannot_be_written_is_said_once_and_forgiven(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "folder" / "audit.log"
    log = AuditFile(path)
    for number in range(3):
        log.write(line(number))
        log.flush()
    assert "3 entries are left out" in log.trouble
    assert str(path) in log.trouble
    assert len(caplog.records) == 1
    path.parent.mkdir()
    log.write(line(9))
    log.flush()
    assert log.trouble == ""
    log.close()
    assert path.read_bytes() == line(9)


def test_a_full_disk_leaves_no_half_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "audit.log"
    log = AuditFile(path)
    log.write(line(1))
    log.flush()
    real = os.write

    def full(descriptor: int, content: bytes) -> int:
        if len(content) > 4:
            return real(descriptor, bytes(content[:4]))
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "write", lambda descriptor, content: full(descriptor, bytes(content)))
    log.write(b"12345678\n"[:6] + b"\n")
    log.flush()
    assert "No space left on device" in log.trouble
    monkeypatch.setattr(os, "write", real)
    log.write(line(2))
    log.close()
    assert path.read_bytes() == line(1) + line(2)
    assert log.trouble == ""


def test_what_waits_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit_file, "MOST_PENDING_BYTES", 3 * len(line(0)))
    log = AuditFile(tmp_path / "audit.log")
    for number in range(5):
        log.write(line(number))
    assert log.left_out == 2
    log.close()
    assert len(last_lines(tmp_path / "audit.log", 10)) == 3


def test_closing_waits_for_the_thread_that_writes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The number of a descriptor that was closed under it may be another file's by the next write."""
    path = tmp_path / "audit.log"
    log = AuditFile(path)
    log.write(line(1))
    real, is_writing, may_go_on = os.write, threading.Event(), threading.Event()

    def slow(descriptor: int, content: bytes) -> int:
        if not is_writing.is_set():
            is_writing.set()
            assert may_go_on.wait(60)
            return real(descriptor, bytes(content[:4]))
        return real(descriptor, bytes(content))

    monkeypatch.setattr(os, "write", slow)
    flushing = threading.Thread(target=log.flush)
    flushing.start()
    assert is_writing.wait(60)
    closing = threading.Thread(target=log.close)
    closing.start()
    # Time enough for a close that does not wait.
    closing.join(0.05)
    assert closing.is_alive()
    may_go_on.set()
    flushing.join()
    closing.join()
    assert path.read_bytes() == line(1)
    assert log.trouble == ""
