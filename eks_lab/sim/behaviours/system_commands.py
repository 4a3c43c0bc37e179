"""Commands of the simulated shell about disks and packages: dd, fallocate, df, apk, apt-get, dnf."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from eks_lab.sim.behaviours.shell_values import forever, number

if TYPE_CHECKING:
    from eks_lab.sim.behaviours.shell import Shell

DISK_BYTES_PER_SECOND = 125 * 1024 * 1024
"""Throughput of a gp3 volume as it comes (docs.aws.amazon.com/ebs/latest/userguide/general-purpose.html)."""
_FACTORS = {
    "": 1, "B": 1, "C": 1, "W": 2, "K": 2**10, "KB": 1000, "KIB": 2**10, "M": 2**20, "MB": 10**6, "MIB": 2**20,
    "G": 2**30, "GB": 10**9, "GIB": 2**30, "T": 2**40,
}  # fmt: skip
_SIZE = re.compile(r"(\d+)([A-Za-z]*)")
INSTALL_SECONDS = 2.0
_MANAGERS = {"apk": "add", "apt": "install", "apt-get": "install"}


def size_of(text: str) -> int:
    """Return bytes of a size as dd, truncate and fallocate read it: `4k`, `1M`, `2GB`; 0 for what is none."""
    found = _SIZE.fullmatch(text.lstrip("+"))
    factor = _FACTORS.get(found[2].upper()) if found else None
    return int(found[1]) * factor if found and factor else 0


def dd(shell: Shell, argv: list[str], stdin: str) -> int:
    words = dict(word.split("=", 1) for word in argv[1:] if "=" in word)
    source, target = words.get("if", ""), words.get("of", "")
    count = number(words["count"]) if "count" in words else None
    block = size_of(words.get("bs", "512"))
    if count is None and source in ("/dev/zero", "/dev/urandom", "/dev/random"):
        if target in ("", "/dev/null"):
            return forever(shell, busy=1.0)
        # Until the disk is full, which nobody sees from inside: the kubelet acts long before.
        count = 2**40 // max(1, block)
    content = stdin if not source else (shell.file(source) or "")
    total = block * count if source.startswith("/dev/") and count is not None else len(content)
    seconds = total / DISK_BYTES_PER_SECOND
    if target and not target.startswith("/dev/"):
        _grow(shell, target, total, seconds, content if not source.startswith("/dev/") else "")
    else:
        shell.at += seconds
    records = total // max(1, block)
    shell.error(f"{records}+0 records in\n{records}+0 records out")
    shell.error(f"{total} bytes ({total / 1e6:.1f}MB) copied, {seconds:.6f} seconds, 125.0MB/s")
    return 0


def _grow(shell: Shell, target: str, total: int, seconds: float, content: str) -> None:
    """Write a file at the speed of the disk, in steps of ten seconds: others see it grow."""
    began = shell.at
    if seconds > 10:
        for step in range(1, min(int(seconds / 10), 500) + 1):
            shell.at = began + 10 * step
            shell.write(target, "", int(total * 10 * step / seconds))
    shell.at = began + seconds
    shell.write(target, content, total)


def fallocate(shell: Shell, argv: list[str], stdin: str) -> int:
    """`fallocate -l 1G FILE`, `truncate -s 1G FILE` (which leaves a hole that takes no space)."""
    sizes = [each for each in argv[1:] if size_of(each)]
    names = [each for each in argv[1:] if not each.startswith("-") and each not in sizes]
    if not sizes or not names:
        shell.error(f"{argv[0]}: you must specify a length and a file")
        return 1
    has_hole = argv[0].rpartition("/")[2] == "truncate"
    for name in names:
        shell.write(name, "", 0 if has_hole else size_of(sizes[0]))
    return 0


def df(shell: Shell, argv: list[str], stdin: str) -> int:
    """`df`: the file system of a default 20 GiB root volume, with what this container wrote itself."""
    total = 20_959_212
    used = 3_300_000 + sum(shell.timeline.sizes(shell.at).values()) // 1024
    left = max(0, total - used)
    percent = f"{round(100 * used / total)}%"
    rows = [
        ("Filesystem", "1K-blocks", "Used", "Available", "Use%", "Mounted on"),
        ("overlay", total, used, left, percent, "/"),
        ("tmpfs", 65536, 0, 65536, "0%", "/dev"),
        ("/dev/nvme0n1p1", total, used, left, percent, "/etc/hosts"),
    ]
    for name, *figures, share, where in rows:
        shown = [_short(each) if "-h" in argv and isinstance(each, int) else str(each) for each in figures]
        shell.out(f"{name:<20} {' '.join(f'{each:>10}' for each in shown)} {share:>4} {where}\n")
    return 0


def _short(kibibytes: int) -> str:
    return f"{kibibytes / 2**20:.1f}G" if kibibytes >= 2**20 else f"{kibibytes / 2**10:.1f}M"


def install(shell: Shell, argv: list[str], stdin: str) -> int:
    """Package managers: what they install is there afterwards, and idles when it is started."""
    name = argv[0].rpartition("/")[2]
    if shell.machine.has_applets and name not in shell.machine.tools:
        shell.error(f"sh: {name}: not found")
        return 127
    words = [each for each in argv[1:] if not each.startswith("-")]
    if words[:1] != [_MANAGERS.get(name, "install")]:
        shell.at += INSTALL_SECONDS
        if words[:1] == ["update"] and name != "apk":
            shell.out("Reading package lists... Done\n")
        return 0
    packages = words[1:]
    shell.at += INSTALL_SECONDS * max(1, len(packages))
    shell.machine.tools |= frozenset(packages)
    for at, package in enumerate(packages, 1):
        shell.out(
            f"({at}/{len(packages)}) Installing {package}\n"
            if name == "apk"
            else f"Setting up {package} ...\n"
        )
    if name == "apk":
        shell.out(f"OK: {8 + 2 * len(packages)} MiB in {15 + len(packages)} packages\n")
    return 0
