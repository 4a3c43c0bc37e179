"""The fields of a calculator, and an answer that follows them: at once, or from a process when it takes long."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from time import perf_counter
from typing import NoReturn

from textual import on
from textual.message import Message
from textual.worker import Worker

from eks_lab.calc.model import Answer, Calculator, Value
from eks_lab.errors import EksLabError
from eks_lab.tui.calculation import CalculationProcess
from eks_lab.tui.widgets.answer_text import spoken
from eks_lab.tui.widgets.calculator_preset import catalogue_description, catalogue_search, read_preset
from eks_lab.tui.widgets.form_fields import FormFields
from eks_lab.tui.widgets.instance_input import Search
from eks_lab.tui.widgets.pending_row import PendingRow

SLOW_SECONDS = 0.15
"""A calculator that took longer several times in a row is computed in a process from then on."""
_SLOW_TIMES = 3
"""So often: the first answer loads tables, and a busy machine is no slow calculator."""
SETTLE_SECONDS = 0.25
"""A slow calculation starts when nothing was changed for so long."""
Background = Callable[[Mapping[str, Value]], Awaitable[Answer]]
"""Takes checked inputs; cancelling it must really stop the work."""


class CalculatorFields(FormFields):
    """A form that recomputes as it changes."""

    NO_HELP = "Tab goes from field to field; every change is computed."

    @dataclass
    class Answered(Message):
        """There is an answer, the first one or another one."""

        fields: CalculatorFields
        answer: Answer
        before: Answer | None
        """What to compare it with; None when there is nothing, or nothing differs."""

        @property
        def control(self) -> CalculatorFields:
            """The form."""
            return self.fields

    @dataclass
    class Unsettled(Message):
        """The answer does or does not belong to what the fields hold."""

        fields: CalculatorFields
        why: str
        """Why the last answer is old; empty when it is not."""

        @property
        def control(self) -> CalculatorFields:
            """The form."""
            return self.fields

    def __init__(
        self,
        calculator: Calculator,
        preset: Mapping[str, str],
        *,
        shown: Sequence[str] = (),
        search: Search = catalogue_search,
        describe: Callable[[str], str] = catalogue_description,
        typed: Mapping[str, str] | None = None,
        background: Background | None = None,
        settle_seconds: float = SETTLE_SECONDS,
    ) -> None:
        """Ask for the inputs of a calculator.

        Args:
            calculator: the calculator.
            preset: inputs by name, as a page's directive gives them; a wrong one is told in place.
            shown: names of the inputs that have a field; empty for all.
            search: finds instance types by the beginning of their names.
            describe: says in a few words what an instance type has.
            typed: content of fields left before, by input name.
            background: computes a slow answer; a process of its own when left out.
            settle_seconds: how long a slow calculation waits for further changes.
        """
        super().__init__(
            calculator,
            read_preset(calculator, preset),
            shown=shown,
            search=search,
            describe=describe,
            typed=typed,
        )
        self.calculator = calculator
        self._answer: Answer | None = None
        self._at_entry: Answer | None = None
        self._why_old = ""
        self._is_slow = False
        self._slow_times = 0
        self._settle_seconds = settle_seconds
        self._process = CalculationProcess(calculator)
        self._background = background or self._process.answer
        self._worker: Worker[None] | None = None
        self._asked: dict[str, Value] = {}

    @property
    def answer(self) -> Answer | None:
        """The last answer; None before the first."""
        return self._answer

    @property
    def why_old(self) -> str:
        """Why the answer is older than what the fields hold; empty when it is not."""
        return self._why_old

    @property
    def is_computing(self) -> bool:
        """Whether an answer is on its way."""
        return self._worker is not None

    def on_mount(self) -> None:
        """Answer what the fields start with."""
        self._compute(None)

    def on_unmount(self) -> None:
        """Let no process outlive the form."""
        self._stop()
        self._process.close()

    def cancel(self) -> bool:
        """Stop computing; return whether there was anything to stop."""
        if not self.is_computing:
            return False
        self._stop()
        self._pending.offer_again()
        self._set_old("Stopped before there was a new answer. The last one:")
        return True

    def _changed(self, *, is_typing: bool) -> None:
        # Typing `110` passes through 1 and 11; what counts is the answer from before the typing.
        self._compute(self._at_entry if is_typing else self._answer)

    def _came_to_field(self) -> None:
        self._at_entry = self._answer

    @on(PendingRow.Pressed)
    def _stop_pressed(self, event: PendingRow.Pressed) -> None:
        event.stop()
        if not self.cancel():
            self._compute(self._answer)

    # Computing

    def _compute(self, baseline: Answer | None) -> None:
        """Compute and tell; `baseline` is what the answer is compared with."""
        values = self.read_values()
        if self.is_computing and values == self._asked:
            return
        self._stop()
        self._refuse("")
        if values is None:
            self._set_old("Not computed, a field needs another look. The last answer:")
        elif self._is_slow or self.has_file:
            # Whole files may hold anything: ten thousand pods take seconds.
            self._begin(values, baseline)
        else:
            began = perf_counter()
            self._answer_at_once(values, baseline)
            self._slow_times = self._slow_times + 1 if perf_counter() - began > SLOW_SECONDS else 0
            self._is_slow = self._slow_times >= _SLOW_TIMES

    def _answer_at_once(self, values: dict[str, Value], baseline: Answer | None) -> None:
        try:
            self._use(self.calculator.compute(values), baseline)
        except EksLabError as error:
            self._refused_with(error)
        except Exception as error:  # noqa: BLE001 - an edge: a defect of one calculator must not end the program
            self._broken(error)

    def _begin(self, values: dict[str, Value], baseline: Answer | None) -> None:
        self._asked = values
        self._pending.start()
        self._set_old("Computing. The last answer:")
        self._worker = self.app.run_worker(
            partial(self._answer_later, values, baseline),
            group=f"calculation-{id(self)}",
            exit_on_error=False,
        )

    async def _answer_later(self, values: dict[str, Value], baseline: Answer | None) -> None:
        await asyncio.sleep(self._settle_seconds)
        try:
            answer = await self._background(values)
        except EksLabError as error:
            self._ended()
            self._refused_with(error)
        except Exception as error:
            self._ended()
            self._set_old("Not computed. The last answer:")
            self._refuse(_defect(error))
            raise  # the app shows it and keeps the details
        else:
            self._ended()
            self._use(answer, baseline)

    def _ended(self) -> None:
        """Take the worker's end into account; called by the worker itself."""
        self._worker = None
        self._pending.finish(took=True)

    def _stop(self) -> None:
        worker, self._worker = self._worker, None
        if worker is not None:
            worker.cancel()
        self._pending.finish()

    def _use(self, answer: Answer, baseline: Answer | None) -> None:
        self._set_old("")
        if answer == self._answer:
            return
        before = baseline if baseline is not None and baseline.result != answer.result else None
        self._answer = answer
        self.post_message(self.Answered(self, answer, before))

    def _refused_with(self, error: EksLabError) -> None:
        self._set_old("Not computed, see below the fields. The last answer:")
        self._refuse(spoken(error))

    def _broken(self, error: Exception) -> None:
        self._set_old("Not computed. The last answer:")
        self._refuse(_defect(error))

        async def fail() -> NoReturn:
            raise error

        # The app is who shows the failures of workers, and keeps the details.
        self.app.run_worker(fail, group="calculation", exit_on_error=False)

    def _set_old(self, why: str) -> None:
        if why != self._why_old:
            self._why_old = why
            self.post_message(self.Unsettled(self, why))


def _defect(error: Exception) -> str:
    return f"This calculator has a defect with these inputs ({type(error).__name__}). Others may work."
