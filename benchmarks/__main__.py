"""`make bench`: run every benchmark and print measured against promised.

    python -m benchmarks [NAME …]     NAME is a module here, such as tui

Those in LONG take minutes and run only when they are named.

Exit code 1 when a promise does not hold on this machine.
"""

from __future__ import annotations

import importlib
import os
import platform
import sys
from pathlib import Path

LONG = frozenset({"sim_size"})
"""Benchmarks that take more than a minute."""


def names() -> list[str]:
    """Return the benchmark modules beside this file."""
    return sorted(path.stem for path in Path(__file__).parent.glob("*.py") if not path.stem.startswith("_"))


def machine() -> str:
    """Return one line about this machine."""
    model = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        model = next(
            (
                line.split(":", 1)[1].strip()
                for line in cpuinfo.read_text().splitlines()
                if line.startswith("model name")
            ),
            model,
        )
    return f"{model}, {os.cpu_count()} cores, Python {platform.python_version()}, {platform.system()}"


def main(wanted: list[str]) -> int:
    """Run the benchmarks and return the exit code."""
    unknown = [name for name in wanted if name not in names()]
    if unknown:
        print(f"No benchmark {unknown[0]!r}. There are: {', '.join(names())}.", file=sys.stderr)
        return 2
    print(machine())
    failed = 0
    for name in wanted or [each for each in names() if each not in LONG]:
        for what, measured, limit, note in importlib.import_module(f"benchmarks.{name}").run():
            holds = measured <= limit
            failed += not holds
            word = "holds" if holds else "FAILS"
            print(f"{word}  {name:10} {what:46} {measured:9.2f} ≤ {limit:8.2f}  {note}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
