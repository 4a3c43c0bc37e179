"""Slow calculations in a process of their own."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

import pytest

from eks_lab.calc import registry
from eks_lab.calc.forms import read_inputs
from eks_lab.errors import InputError, UnavailableError
from eks_lab.tui.calculation import CalculationProcess

MAX_PODS = registry.get("max-pods")
INPUTS = read_inputs(MAX_PODS, {"instance": "t3.medium"})
ANSWER = (
    b'{"calculator": "x", "headline": "h", "inputs": {}, "result": {"pid": PID}, "steps": [], "sources": [],'
)
ANSWER += b' "warnings": [], "grids": [], "plots": []}'


def command(body: str) -> tuple[str, ...]:
    """Return a process that runs `body` for each question; `reply` answers with its own number."""
    script = (
        "import os, sys, time\n"
        f"def reply():\n    print({ANSWER.decode()!r}.replace('PID', str(os.getpid())), flush=True)\n"
        f"for question in sys.stdin:\n    {body}\n"
    )
    return (sys.executable, "-c", script)


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


async def test_it_gives_the_answer_of_the_calculator() -> None:
    process = CalculationProcess(MAX_PODS)
    try:
        assert await process.answer(INPUTS) == MAX_PODS.compute(INPUTS)
        with pytest.raises(InputError, match="no type of the t families") as refused:
            await process.answer({**INPUTS, "security_groups_for_pods": True})
        assert "m5.large" in refused.value.hint
        assert await process.answer(INPUTS) == MAX_PODS.compute(INPUTS)
    finally:
        process.close()


async def test_one_process_serves_many_questions() -> None:
    process = CalculationProcess(MAX_PODS, command("reply()"))
    first, second = await process.answer(INPUTS), await process.answer(INPUTS)
    assert first.result == second.result
    assert is_running(first.result["pid"])
    process.close()
    assert not is_running(first.result["pid"])
    process.close()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs a named pipe")
async def test_cancelling_ends_the_work_and_the_next_question_is_answered(tmp_path: Path) -> None:
    began = tmp_path / "began"
    os.mkfifo(began)
    body = (
        f"if 'slow' in question:\n        open({str(began)!r}, 'w').write(str(os.getpid()))\n"
        "        time.sleep(600)\n    reply()"
    )
    process = CalculationProcess(MAX_PODS, command(body))
    slow = asyncio.create_task(process.answer({"instance": "slow"}))
    busy = int(await asyncio.to_thread(began.read_text))
    slow.cancel()
    with pytest.raises(asyncio.CancelledError):
        await slow
    assert not is_running(busy)
    answer = await process.answer(INPUTS)
    assert answer.result["pid"] != busy
    process.close()


@pytest.mark.parametrize("body", ["sys.exit(3)", "print('{\"calc', end='', flush=True); sys.exit(0)"])
async def test_a_process_that_ends_is_said_and_replaced(body: str) -> None:
    process = CalculationProcess(MAX_PODS, command(body))
    try:
        for _ in range(2):
            with pytest.raises(UnavailableError, match="ended without an answer"):
                await process.answer(INPUTS)
    finally:
        process.close()


async def test_without_processes_a_thread_answers() -> None:
    process = CalculationProcess(MAX_PODS, ("/nowhere/at-all",))
    assert await process.answer(INPUTS) == MAX_PODS.compute(INPUTS)
    process.close()
