"""`python -m eks_lab.grading.practical FOLDER KUBECTL [MODULE:FUNCTION]`: a bench that is spoken to with JSON lines.

Reads requests on standard input, writes one answer a request to standard output, and ends when the input does: also
in the middle of a judgement, with every program that it started.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import queue
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from typing import Any, TextIO

from eks_lab.clock import SystemClock
from eks_lab.errors import EksLabError
from eks_lab.grading.practical.bench import Bench
from eks_lab.grading.practical.wire import error_document, item_of, practice_document
from eks_lab.grading.stage import RunsCourse
from eks_lab.sandbox.collection import collect_rarely

WORLDS_LEFT = 8
"""Judgements after which worlds that are gone are looked for: about a megabyte each."""
_END = 'kill -s KILL -- "-$0"; rm -rf -- "$1"'
"""Ends the process group and removes the folder."""


def main(folder: str, kubectl: str, course: str = "") -> int:
    """Serve until the input ends.

    Args:
        folder: private, and removed when the process ends on its own.
        kubectl: the program.
        course: `package.module:function` that runs eks-lab's own commands; empty for none.
    """
    # Nothing of what is imported goes again: looking for cycles in it only takes time.
    gc.disable()
    # What anything prints must not get between the answers.
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    tempfile.tempdir = folder
    requests: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(sys.stdin, requests, folder), daemon=True).start()
    with Bench(kubectl, SystemClock(), _function(course)) as bench:
        bench.warm()
        collect_rarely()
        left_behind = 0
        while True:
            request = requests.get()
            if request["do"] == "judge":
                _say(answers, {"id": request["id"], "begun": True})
            # Who has asked for something else meanwhile does not wait for what was to be made ready.
            is_stale = request["do"] == "prepare" and not requests.empty()
            answer = {} if is_stale else _answer(bench, request)
            _say(answers, {"id": request["id"], **answer})
            # Each judgement leaves a whole world behind, full of cycles; now nobody waits.
            left_behind += 1
            if left_behind >= WORLDS_LEFT:
                gc.collect()
                left_behind = 0


def _say(answers: TextIO, document: dict[str, Any]) -> None:
    answers.write(json.dumps(document) + "\n")
    answers.flush()


def _answer(bench: Bench, request: dict[str, Any]) -> dict[str, Any]:
    try:
        item, seed = item_of(request["item"]), request["seed"]
        if request["do"] == "prepare":
            bench.prepare(item, seed)
            return {}
        return {"practice": practice_document(bench.judge(item, seed, request["text"]))}
    except EksLabError as error:
        return {"error": error_document(error)}


def _listen(lines: TextIO, requests: queue.SimpleQueue[dict[str, Any]], folder: str) -> None:
    for line in lines:
        requests.put(json.loads(line))
    # Nobody is left to tell: end at once, whatever runs.
    is_leader = sys.platform != "win32" and os.getpgid(0) == os.getpid()
    if is_leader:
        with contextlib.suppress(OSError):
            # Ended first, and by somebody who stays: a kubectl that runs would put its files into a folder that goes.
            subprocess.Popen(
                ["/bin/sh", "-c", _END, str(os.getpid()), folder],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            ).wait()
    shutil.rmtree(folder, ignore_errors=True)
    if sys.platform != "win32" and is_leader:
        os.killpg(0, signal.SIGKILL)
    os._exit(0)


def _function(name: str) -> RunsCourse | None:
    if not name:
        return None
    module, _, function = name.partition(":")
    found: RunsCourse = getattr(importlib.import_module(module), function)
    return found


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
