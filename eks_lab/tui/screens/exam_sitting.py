"""A sitting: one task after the other in any order, against a clock that no long work holds up."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.widgets import Button

from eks_lab.errors import InputError
from eks_lab.learning.exams.report_text import clock_text
from eks_lab.tui.exam_view import (
    KIND_WORDS,
    SOON_SECONDS,
    ExamTask,
    SittingView,
    grid_cells,
    left_words,
    points_words,
    standing_words,
)
from eks_lab.tui.messages import LinkFollowed
from eks_lab.tui.paging import turn
from eks_lab.tui.sandbox_view import Said
from eks_lab.tui.screens.confirm import Confirm
from eks_lab.tui.screens.storing import StoringScreen
from eks_lab.tui.status_rows import Tone
from eks_lab.tui.summaries import line
from eks_lab.tui.widgets.clock_panel import ClockPanel
from eks_lab.tui.widgets.item.item_view import ItemView
from eks_lab.tui.widgets.key_footer import KeyFooter
from eks_lab.tui.widgets.prose import Prose
from eks_lab.tui.widgets.task_grid import ANSWERED, FLAGGED, TaskGrid
from eks_lab.tui.widgets.top_bar import TopBar

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.widget import Widget

    from eks_lab.content.items.given import Given
    from eks_lab.tui.exam_access import ExamAccess

SIDE_BY_SIDE_FROM = 104
"""Columns from which the navigator stands beside the task."""
KEEP_FIELD_EVERY = 5
"""Looks after which what stands in the field is kept."""
_WHILE_IT_RUNS = ("move", "flag", "navigator", "take_back", "end")


class ExamSittingScreen(StoringScreen[int]):
    """The result is the sitting's number when it is over; None when the learner left and it goes on."""

    HORIZONTAL_BREAKPOINTS = [  # noqa: RUF012 (Textual declares it without ClassVar)
        (0, "-portrait"),
        (SIDE_BY_SIDE_FROM, "-landscape"),
    ]
    BINDING_GROUP_TITLE = "Exam"
    HELP = """
What stands in the field counts: it is kept when you answer, when you go to another task, and every few seconds. In a field of
text `escape` leads out of it (or `f4` to the next task, `f3` to the one before); `ctrl+s` answers. `o` shows all tasks. No
explanations until the end. Whoever leaves without a pause leaves the clock running.
"""
    AUTO_FOCUS = None
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n,f4", "move(1)", "Next", id="sitting.next", tooltip="To the next task"),
        Binding("p,f3", "move(-1)", "Prev", id="sitting.previous", tooltip="To the task before"),
        Binding(
            "m", "flag", "Flag", id="sitting.flag", tooltip="Mark the task to come back to, or unmark it"
        ),
        Binding("o", "navigator", "Tasks", id="sitting.navigator", tooltip="Answered, flagged, open"),
        Binding("E", "end", "End", id="sitting.end", tooltip="End the exam, after a question"),
        Binding("z", "pause", "Pause", id="sitting.pause", tooltip="Stop the clock, or let it run again"),
        Binding("x", "take_back", "Take back", id="sitting.take-back", tooltip="Leave this task open"),
        Binding("pagedown", "page(1)", "Page down", show=False, id="sitting.down", tooltip="Further down"),
        Binding("pageup", "page(-1)", "Page up", show=False, id="sitting.up", tooltip="Further up"),
        Binding("escape", "leave", "Back", id="sitting.leave", tooltip="Pause and leave, or only leave"),
    ]
    DEFAULT_CSS = """
    ExamSittingScreen {
        ClockPanel { border-bottom: solid $ink-rule; }
        #sitting-body { height: 1fr; }
        #sitting-page { width: 1fr; scrollbar-size-vertical: 1; }
        #sitting-side { display: none; width: 32; padding: 1; border-left: solid $ink-rule; }
        &.-landscape #sitting-side { display: block; }
        #sitting-paused { display: none; height: 1fr; padding: 1 2; }
        &.-paused #sitting-body { display: none; }
        &.-paused #sitting-paused { display: block; }
        #sitting-open { margin: 1 0 0 0; }
    }
    ExamSittingScreen.-low #sitting-page { padding: 0 1; }
    """

    def __init__(self, exams: ExamAccess) -> None:
        """Go on with the sitting that runs.

        Args:
            exams: holds it; is asked from worker threads.
        """
        super().__init__(name="exam-sitting")
        self._exams = exams
        self._view: SittingView | None = None
        self._number = 1
        self._field: ItemView | None = None
        self._field_was: Given | None = None
        self._looks = 0
        self._unstored: dict[int, Given | None] = {}
        self._has_trouble = False

    def compose(self) -> ComposeResult:
        """Compose clock, task and navigator."""
        yield TopBar("Exams", "Exam")
        yield ClockPanel()
        with Horizontal(id="sitting-body"):
            yield VerticalScroll(id="sitting-page", classes="page--column")
            with Vertical(id="sitting-side"):
                yield TaskGrid(id="sitting-grid")
        with Vertical(id="sitting-paused"):
            yield Prose(
                [
                    line("‖ Paused", "title"),
                    line("The questions are covered and the clock stands. The report will say for how long."),
                ]
            )
            yield Button("Go on", id="sitting-resume", compact=True)
        yield KeyFooter()

    @property
    def panel(self) -> ClockPanel:
        """Place, clock and what went wrong."""
        return self.query_one(ClockPanel)

    @property
    def page(self) -> VerticalScroll:
        """The part that scrolls."""
        return self.query_one("#sitting-page", VerticalScroll)

    @property
    def item(self) -> ItemView | None:
        """The question on the screen; None for a lab."""
        return next(iter(self.query(ItemView)), None)

    @property
    def present(self) -> ExamTask:
        """The task on the screen."""
        assert self._view is not None
        return self._view.tasks[self._number - 1]

    # Looking

    def looking(self) -> Callable[[], object]:
        """Return a look at the sitting; the first one takes it up."""
        return self._exams.join if self._view is None else self._exams.look

    def show_found(self, found: object) -> None:
        """Show how it stands; nothing of the learner's is lost that is still on its way to the disk."""
        assert isinstance(found, SittingView)
        before = self._view
        if found.ending:
            self._view = found
            self._over(found)
            return
        if before is not None and self.is_sending:
            found = replace(found, given=before.given, flagged=before.flagged)
            self.send_all()
        elif self._unstored:
            found = replace(found, given=_with(found.given, self._unstored))
        elif before is not None and self._has_trouble:
            self._has_trouble = False
            self.panel.said = Said("Everything is stored now.")
        self._view = found
        if before is None:
            self._number = min(found.shown, len(found.tasks))
            if found.away_seconds >= 1:
                counts = "it was paused: that time does not count" if found.is_paused else "that time counts"
                self.notify(
                    f"No program had this exam open for {clock_text(found.away_seconds)}; {counts}.",
                    timeout=10,
                    markup=False,
                )
            self.call_later(self._show_task)
        if before is None or before.is_paused != found.is_paused:
            self.set_class(found.is_paused, "-paused")
            if found.is_paused:
                self.query_one("#sitting-resume").focus()
            self.refresh_bindings()
        self._looks += 1
        if self._looks % KEEP_FIELD_EVERY == 0:
            self._keep_field()
            if not self.is_sending:
                self._store_again()
        self._draw()

    def _over(self, view: SittingView) -> None:
        if self.app.screen is not self:
            # A question in front of it has lost its meaning.
            if self.app.screen.is_modal:
                self.app.screen.dismiss(None)
            return
        if view.ending == "time":
            self.notify("What you had answered counts.", title="The time is over", timeout=10, markup=False)
        self.dismiss(view.sitting_id)

    def _draw(self) -> None:
        """Show place, clock and navigator."""
        view = self._view
        assert view is not None
        number = self._number
        answered = f"{ANSWERED} answered" if number in view.given else "open"
        flagged = f", {FLAGGED} flagged" if number in view.flagged else ""
        panel = self.panel
        panel.place = (
            f"Task {number} of {len(view.tasks)}, {points_words(self.present.points)}: {answered}{flagged}"
        )
        panel.clock = left_words(view.left_seconds, is_paused=view.is_paused)
        panel.is_short = view.left_seconds < SOON_SECONDS or view.is_paused
        self.query_one("#sitting-grid", TaskGrid).cells = grid_cells(view, number)
        bar = self.query_one(TopBar)
        bar.crumbs, bar.remark = ("Exams", view.title), standing_words(view)

    # One task

    async def _show_task(self) -> None:
        """Put the present task on the page, and note that it is looked at."""
        view, task = self._view, self.present
        assert view is not None
        kind = KIND_WORDS.get(task.kind, task.kind)
        head = Prose([line(f"{task.domain} · {kind}", "muted")], classes="asking--head")
        widgets: list[Widget] = [head]
        # The old question is on the page for a moment yet, and a look may come in between: it is nobody's answer now.
        self._field = field = None
        if task.variant is not None:
            item = ItemView(
                task.variant,
                view.given.get(task.number),
                is_last=task.number == len(view.tasks),
                shows_feedback=False,
                diagram=task.diagram,
                answer_label="Answer and go on",
            )
            widgets.append(item)
            field = item
        elif task.is_lab:
            widgets += [
                Prose(
                    [
                        line(task.title, "title"),
                        line("A hands-on task in the sandbox, judged by what is there in the end."),
                        line(
                            "It can be opened and left as often as you like; the clock runs meanwhile.",
                            "muted",
                        ),
                    ]
                ),
                Button("Open the task", id="sitting-open", compact=True),
            ]
        else:
            widgets.append(Prose([line(f"This question cannot be shown: {task.problem}", "problem")]))
        async with self.batch():
            await self.page.remove_children()
            await self.page.mount(*widgets)
        if field is not None:
            self._field, self._field_was = field, field.current()
        self.page.scroll_home(animate=False)
        if not view.is_paused:
            self._target().focus(scroll_visible=False)
            number = task.number
            self.send(lambda: self._exams.show(number))
        self._draw()
        self.refresh_bindings()

    def _target(self) -> Widget:
        item = self.item
        if item is not None:
            return self.page if item.first_target is item else item.first_target
        return next(iter(self.query("#sitting-open")), self.page)

    @on(ItemView.Submitted)
    async def _submitted(self, event: ItemView.Submitted) -> None:
        event.stop()
        assert self._view is not None
        self._field_was = event.given
        self._answer(event.given)
        if self._number < len(self._view.tasks):
            await self._go(self._number + 1)
        else:
            self.panel.said = Said(
                "Kept. That was the last task.", Tone.GOOD, "Esc, then o shows all tasks, E hands in."
            )
            self.page.focus()

    def _keep_field(self) -> None:
        """Keep what stands in the field, if the learner has changed it."""
        field = self._field
        if field is None or self._view is None or self._view.is_paused or self._view.ending:
            return
        now = field.current()
        if now != self._field_was:
            self._field_was = now
            if now is not None or self._number in self._view.given:
                self._answer(now)

    def _answer(self, given: Given | None) -> None:
        assert self._view is not None
        number = self._number
        answers = dict(self._view.given)
        answers.pop(number, None)
        if given is not None:
            answers[number] = given
        self._view = replace(self._view, given=answers)
        self._unstored[number] = given
        self.send(lambda: self._store(number, given))
        self._draw()

    def _store(self, number: int, given: Given | None) -> None:
        """Store an answer, in a worker; what only could not be written now is kept and tried again."""
        try:
            self._exams.answer(number, given)
        except InputError:
            # It is refused, and would be again.
            self._unstored.pop(number, None)
            raise
        if self._unstored.get(number) == given:
            self._unstored.pop(number, None)

    def _store_again(self) -> None:
        for number, given in list(self._unstored.items()):
            self.send(partial(self._store, number, given))

    @on(Button.Pressed, "#sitting-open")
    def _open(self, event: Button.Pressed) -> None:
        event.stop()
        from eks_lab.tui.screens.exam_lab import ExamLabScreen

        self.app.push_screen(ExamLabScreen(self._exams, self.present), self._lab_left)

    def _lab_left(self, was_open: bool | None) -> None:
        if was_open:
            # Beside everything else: looking at a lab plays simulated time.
            self.send_quietly(self._exams.keep_lab)

    def not_sent(self) -> None:
        """Leave the reason on the screen until everything is stored."""
        self._has_trouble = bool(self._unstored)

    # Moving

    async def _go(self, number: int) -> None:
        self._keep_field()
        self._number = number
        if not self._has_trouble:
            self.panel.said = None
        await self._show_task()

    async def action_move(self, step: int) -> None:
        """Go to another task.

        Args:
            step: 1 or -1.
        """
        await self._go(self._number + step)

    def action_page(self, step: int) -> None:
        """Scroll the page, wherever the keys go."""
        turn(self.page, step)

    def action_flag(self) -> None:
        """Mark the task to come back to, or take the mark away."""
        assert self._view is not None
        number, flagged = self._number, set(self._view.flagged)
        flagged ^= {number}
        self._view = replace(self._view, flagged=frozenset(flagged))
        self.send(lambda: self._exams.flag(number, number in flagged))
        self._draw()

    def action_navigator(self) -> None:
        """Show all tasks."""
        from eks_lab.tui.screens.exam_navigator import ExamNavigator

        assert self._view is not None
        self._keep_field()
        box = ExamNavigator(grid_cells(self._view, self._number), standing_words(self._view))
        self.app.push_screen(box, self._chosen)

    async def _chosen(self, number: int | None) -> None:
        if number is not None and number != self._number:
            await self._go(number)

    @on(TaskGrid.Chosen)
    async def _grid_chosen(self, event: TaskGrid.Chosen) -> None:
        event.stop()
        await self._chosen(event.number)

    async def action_take_back(self) -> None:
        """Leave the task open."""
        self._answer(None)
        await self._show_task()

    def action_pause(self) -> None:
        """Stop the clock after asking, or let it run again."""
        assert self._view is not None
        if self._view.is_paused:
            self._resume()
            return
        question = Confirm(
            "Pause the exam?",
            "The questions are covered meanwhile. A real exam does not stop its clock; the report will say so.",
            yes="Pause",
            no="Go on",
        )

        def answered(yes: bool | None) -> None:
            if yes:
                self._keep_field()
                self.send(self._exams.pause)

        self.app.push_screen(question, answered)

    @on(Button.Pressed, "#sitting-resume")
    def _resume_pressed(self, event: Button.Pressed) -> None:
        event.stop()
        self._resume()

    def _resume(self) -> None:
        self.send(self._exams.resume)
        number = self._number
        self.send(lambda: self._exams.show(number))
        self._target().focus(scroll_visible=False)

    def action_end(self) -> None:
        """Hand in, after asking."""
        assert self._view is not None
        self._keep_field()
        view = self._view
        is_open = len(view.tasks) - len(view.given)
        left = f"{is_open} of {len(view.tasks)} tasks are open" if is_open else "Every task is answered"
        flagged = f", {len(view.flagged)} flagged" if view.flagged else ""
        question = Confirm(
            "Hand in?",
            f"{left}{flagged}. {clock_text(view.left_seconds)} are left. Nothing can be changed afterwards.",
            yes="Hand in",
            no="Go on",
        )

        def answered(yes: bool | None) -> None:
            if yes:
                self.send(self._exams.end)

        self.app.push_screen(question, answered)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer only what works now."""
        view = self._view
        if view is None:
            return action in ("leave", "page") or action not in (*_WHILE_IT_RUNS, "pause")
        if action in _WHILE_IT_RUNS and (view.is_paused or view.ending):
            return False
        if action == "move":
            (step,) = parameters
            return isinstance(step, int) and 1 <= self._number + step <= len(view.tasks)
        if action == "take_back":
            return self._number in view.given and not self.present.is_lab
        return True

    def action_leave(self) -> None:
        """Go back, after saying what becomes of the clock."""
        view = self._view
        if view is None or view.is_paused or view.ending:
            self.dismiss(None)
            return
        from eks_lab.tui.screens.choose import Choose

        self._keep_field()
        choices = [
            ("stay", "Stay"),
            ("pause", "Pause and leave; the report will say so"),
            ("leave", "Leave; the clock runs on"),
        ]

        def chosen(value: str | None) -> None:
            if value == "pause":
                self.send(self._exams.pause)
                self.send(lambda: self.app.call_from_thread(self.dismiss, None))
            elif value == "leave":
                self.send(lambda: self.app.call_from_thread(self.dismiss, None))

        self.app.push_screen(Choose("Leave the exam?", choices, "stay"), chosen)

    @on(Prose.LinkOpened)
    def _link_opened(self, event: Prose.LinkOpened) -> None:
        event.stop()
        # The course is closed while an exam runs; what stands on the web is not.
        if not event.href.startswith(("lesson:", "term:", "#")):
            self.post_message(LinkFollowed(event.href))


def _with(given: Mapping[int, Given], unstored: Mapping[int, Given | None]) -> dict[int, Given]:
    """Return the answers with those that are not stored yet."""
    merged: dict[int, Given | None] = {**given, **unstored}
    return {number: answer for number, answer in sorted(merged.items()) if answer is not None}
