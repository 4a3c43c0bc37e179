"""A sitting in plain lines: on a terminal, through a pipe, for a screen reader. The rules are the exam room's."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from textwrap import fill

from eks_lab.cli.asking import Quit, Terminal, ask
from eks_lab.content.items.explanation import LETTERS
from eks_lab.content.items.given import NOTHING, Given
from eks_lab.content.items.model import DiagramItem
from eks_lab.content.items.variant import Variant, shown_sides
from eks_lab.content.plain import markdown_text
from eks_lab.errors import DataError, EksLabError, InputError
from eks_lab.grading.hands_on import HandsOn, TaskView
from eks_lab.learning.exams.asked import AskedTask
from eks_lab.learning.exams.report_text import clock_text
from eks_lab.learning.exams.sitting import NotRunningError, Sitting, State, TimeOverError

MOVES = (
    (":go 7", "to task 7"),
    (":next, :back", "to the next or the last task; an answer given stays"),
    (":flag", "mark this task to come back to, or take the mark away"),
    (":clear", "take your answer back"),
    (":list", "all tasks: answered, flagged"),
    (":pause", "stop the clock; the report will say so"),
    (":answer CHECK VALUE", "answer a question of a lab"),
    (":end", "hand in"),
    (":help", "this list"),
)
"""What can be typed instead of an answer, and what it does."""


class _Moved(Exception):  # noqa: N818 - no error: the learner goes somewhere else
    """Something other than an answer was typed."""

    def __init__(self, line: str) -> None:
        super().__init__(line)
        word, _, self.rest = line[1:].strip().partition(" ")
        self.word = word.casefold()
        self.rest = self.rest.strip()


@dataclass
class PlainSitting:
    """One sitting in front of one terminal."""

    sitting: Sitting
    terminal: Terminal
    hands: contextlib.AbstractContextManager[HandsOn] | None = None
    """Opens the sandbox for labs; entered with the first of them. None where the sitting has none."""

    def __post_init__(self) -> None:
        """Listen for moves in whatever is typed."""
        self._stack = contextlib.ExitStack()
        self._hands_on: HandsOn | None = None
        self._number = 1
        self._asking = replace(self.terminal, read=self._read)

    def run(self) -> bool:
        """Ask until it is handed in, the time is over, or the learner leaves.

        Returns:
            Whether the sitting has ended; False when it goes on without this program.
        """
        with self._stack:
            try:
                self._go_through()
            except Quit:
                self._say(
                    "You have left the exam; its clock runs on. Go on with: eks-lab exam resume"
                    if not self.sitting.state().clock.is_paused
                    else "The exam is paused. Go on with: eks-lab exam resume"
                )
                return False
            except (TimeOverError, NotRunningError):
                self._say(
                    "The time is over." if self.sitting.state().ending == "time" else "It is handed in."
                )
        return True

    def _go_through(self) -> None:
        tasks = self.sitting.record.tasks
        state = self.sitting.state()
        if state.clock.is_paused:
            self._wait_for_resume()
        number = state.shown or 1
        while not self.sitting.state().is_over:
            try:
                if number > len(tasks):
                    number = self._at_the_end()
                    continue
                self._one(tasks[number - 1])
                number += 1
            except _Moved as moved:
                number = self._move(moved, number)
        raise NotRunningError("over")

    def _one(self, task: AskedTask) -> None:
        """Ask one task and keep its answer."""
        self._number = task.number
        self.sitting.show(task.number)
        state = self.sitting.state()
        self._say(self._heading(task, state))
        if task.is_lab:
            self._lab(task)
            return
        try:
            variant = task.variant()
        except DataError as error:
            self._say(f"This question cannot be shown: {error.message}")
            return
        if task.number in state.given:
            self._say(f"Your answer so far: {answer_words(variant, state.given[task.number])}")
        try:
            given = ask(variant, self._asking)
        except InputError as error:
            # From a pipe: nobody can type it again, and the rest of the exam must not be lost over it.
            self._say(f"{error.message} {error.hint} The task stays open.")
            return
        if given is not None:
            self.sitting.answer(task.number, given)

    def _lab(self, task: AskedTask) -> None:
        try:
            hands = self._opened_hands()
            view = hands.open(task.number)
        except (TimeOverError, NotRunningError):
            raise
        except EksLabError as error:
            self._say(f"{error.message}. {error.hint} The exam goes on without this lab.")
            return
        self._say(lab_words(view, self.terminal.width))
        while True:
            try:
                line = self._asking.read()
                if line is None or line.strip().casefold() == "q":
                    hands.look()
                    raise Quit
                hands.look()
                return
            except _Moved as moved:
                if moved.word != "answer":
                    hands.look()
                    raise
                check, _, value = moved.rest.partition(" ")
                try:
                    hands.answer(check, value.strip())
                    self._say(f"Kept for {check}.")
                except (TimeOverError, NotRunningError):
                    raise
                except InputError as error:
                    self._say(str(error))

    def _opened_hands(self) -> HandsOn:
        if self._hands_on is None:
            if self.hands is None:
                raise InputError("this sitting has no labs")
            self._hands_on = self._stack.enter_context(self.hands)
        return self._hands_on

    # --- moving -----------------------------------------------------------------------------------------------

    def _move(self, moved: _Moved, number: int) -> int:
        """Do what leads away from a task, and return the task to go to."""
        match moved.word:
            case "go":
                return int(moved.rest)
            case "next":
                return number + 1
            case "back":
                return max(1, number - 1)
            case "pause":
                self.sitting.pause()
                self._wait_for_resume()
            case "end":
                self.sitting.end()
        return number

    def _stay(self, moved: _Moved) -> None:
        """Do what leaves the question in front of the learner."""
        match moved.word:
            case "flag":
                is_flagged = self._number in self.sitting.state().flagged
                self.sitting.flag(self._number, not is_flagged)
                self._say("The mark is gone." if is_flagged else "Marked to come back to.")
            case "clear":
                self.sitting.answer(self._number, None)
                self._say("Your answer is taken back.")
            case "list":
                self._say(self._overview())
            case "help":
                self._say("\n".join(f"  {move}: {what}" for move, what in MOVES))
            case _:
                self._say(f"There is no move :{f'{moved.word} {moved.rest}'.strip()}. See :help")

    def _leads_away(self, moved: _Moved) -> bool:
        if moved.word == "go":
            return moved.rest.isdecimal() and 1 <= int(moved.rest[:9]) <= len(self.sitting.record.tasks)
        if moved.word == "answer":
            return self.sitting.record.task(self._number).is_lab
        return moved.word in ("next", "back", "pause", "end")

    def _at_the_end(self) -> int:
        """Say what is open, and return the task to go to; a pipe that has ended hands in here."""
        if self.terminal.is_interactive:
            self._say(self._overview())
            self._say("That was the last task. :end hands in, :go 7 goes to task 7, q leaves.")
        line = self._read()
        if line is None and not self.terminal.is_interactive:
            self.sitting.end()
        elif line is None or line.strip().casefold() == "q":
            raise Quit
        return len(self.sitting.record.tasks) + 1

    def _wait_for_resume(self) -> None:
        self._say("Paused: the questions are covered. Press Enter to go on.")
        line = self.terminal.read()
        if line is None or line.strip().casefold() == "q":
            raise Quit
        self.sitting.resume()

    def _read(self) -> str | None:
        """Return the next line that is no move; a move that leads away ends the question."""
        while True:
            line = self.terminal.read()
            if line is None or not line.startswith(":"):
                return line
            moved = _Moved(line)
            if self._leads_away(moved):
                raise moved
            self._stay(moved)

    # --- words ------------------------------------------------------------------------------------------------

    def _heading(self, task: AskedTask, state: State) -> str:
        domain = self.sitting.record.track.domain(task.domain).title
        flag = ", flagged" if task.number in state.flagged else ""
        return (
            f"\nTask {task.number} of {len(self.sitting.record.tasks)}, {task.points:g} points, {domain}{flag}. "
            f"{clock_text(state.left.total_seconds())} left. :help lists moves."
        )

    def _overview(self) -> str:
        state = self.sitting.state()
        lines = []
        for task in self.sitting.record.tasks:
            words = "answered" if task.number in state.given else "open"
            flag = ", flagged" if task.number in state.flagged else ""
            lines.append(f"  {task.number}. {task.kind}, {task.points:g} points: {words}{flag}")
        lines.append(f"{len(state.given)} of {len(lines)} answered, {len(state.flagged)} flagged.")
        return "\n".join(lines)

    def _say(self, text: str) -> None:
        self.terminal.write(text)


def answer_words(variant: Variant, given: Given) -> str:
    """Return an answer as it would be typed again.

    Args:
        variant: the question.
        given: its answer.
    """
    shown = shown_sides(variant.item, variant.seed)
    if isinstance(given, tuple):
        letters = ["-" if index == NOTHING else LETTERS[shown.index(index)] for index in given]
        return " ".join(sorted(letters) if variant.item.kind == "multi" else letters)
    if isinstance(variant.item, DiagramItem):
        parts = [point.part for point in variant.item.points]
        return LETTERS[shown.index(parts.index(str(given)))]
    return f"{given:g}" if isinstance(given, float) else str(given)


def lab_words(view: TaskView, width: int) -> str:
    """Return a lab as a candidate reads it: story, what to do, what is looked at.

    Args:
        view: the lab.
        width: columns for prose.
    """

    def lines() -> Iterator[str]:
        yield f"Lab: {view.title}\n\n{markdown_text(view.story, width).strip()}\n"
        for number, step in enumerate(view.steps, 1):
            yield fill(f"{number}. {step}", width, subsequent_indent="   ", break_long_words=False)
        yield "\nWhat is looked at:"
        for title, weight in view.goals:
            yield f"  * {title} ({weight} of 100)"
        for asked in view.questions:
            yield f"  {asked.check} asks: {asked.question}"
            for number, option in enumerate(asked.options, 1):
                yield f"    {number}. {option}"
            yield f"    :answer {asked.check} …" + (f" (so far: {asked.answer})" if asked.answer else "")
        yield "\nIn another terminal: eks-lab sandbox shell"
        yield f"Then: kubectl config use-context {view.context}    Files: {view.folder}"
        yield "Press Enter when you are done; you can come back later."

    return "\n".join(lines())
