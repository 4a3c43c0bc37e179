"""`tar` inside of a container, as far as `kubectl cp` uses it: `tar cf - PATH` and `tar -xmf - -C FOLDER`."""

from __future__ import annotations

import io
import posixpath
import tarfile
from collections.abc import Sequence

from eks_lab.sim.apiserver.container_runtime import ContainerRuntime, Executed
from eks_lab.sim.objects import Key


def is_tar(command: Sequence[str]) -> bool:
    """Say whether a command is tar reading from or writing to the stream."""
    return len(command) > 2 and command[0].rpartition("/")[2] == "tar" and "-" in command[2:]


def run_tar(
    runtime: ContainerRuntime, pod: Key, container: str, command: Sequence[str], stdin: bytes
) -> Executed:
    """Pack or unpack.

    Args:
        runtime: where the files are.
        pod: which pod.
        container: which of its containers.
        command: `tar` and its arguments.
        stdin: an archive, when it unpacks.
    """
    mode, words = command[1], list(command[2:])
    folder = words[words.index("-C") + 1] if "-C" in words[:-1] else "/"
    if "x" in mode:
        return _unpack(runtime, pod, container, folder, stdin)
    paths = [each for number, each in enumerate(words) if each != "-" and not _is_option(words, number)]
    return _pack(runtime, pod, container, paths)


def _is_option(words: Sequence[str], number: int) -> bool:
    return words[number].startswith("-") or (number > 0 and words[number - 1] == "-C")


def _pack(runtime: ContainerRuntime, pod: Key, container: str, paths: Sequence[str]) -> Executed:
    buffer = io.BytesIO()
    errors = []
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for path in paths:
            content = runtime.read(pod, container, path)
            if content is None:
                errors.append(f"tar: {path}: No such file or directory\n")
                continue
            member = tarfile.TarInfo(path.lstrip("/"))
            member.size, member.mode = len(content), 0o644
            archive.addfile(member, io.BytesIO(content))
    stderr = "".join(errors)
    if errors:
        stderr += "tar: error exit delayed from previous errors\n"
    return Executed(buffer.getvalue(), stderr.encode(), 1 if errors else 0)


def _unpack(runtime: ContainerRuntime, pod: Key, container: str, folder: str, stdin: bytes) -> Executed:
    try:
        with tarfile.open(fileobj=io.BytesIO(stdin)) as archive:
            for member in archive:
                source = archive.extractfile(member) if member.isfile() else None
                if source is not None:
                    # Nothing reaches the host: the path only names a file of the simulated container.
                    path = posixpath.normpath(posixpath.join("/", folder, member.name.lstrip("/")))
                    runtime.write(pod, container, path, source.read())
    except tarfile.TarError as error:
        return Executed(b"", f"tar: {error}\n".encode(), 1)
    return Executed()
