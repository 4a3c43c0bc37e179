"""The reader: one lesson at a time, its contents beside it, and everything a reader does with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.binding import Binding, BindingType
from textual.containers import Container, Horizontal, VerticalScroll
from textual.message import Message

from eks_lab.content.page import Code, Directive, Heading, Page, text_of
from eks_lab.errors import ContentError, EksLabError
from eks_lab.tui import directives
from eks_lab.tui.history import Spot
from eks_lab.tui.messages import LessonRequested, LinkFollowed
from eks_lab.tui.reading_time import ReadingTime
from eks_lab.tui.screens.base import CONTENTS_FROM, PORTRAIT_BELOW, LabScreen
from eks_lab.tui.summaries import chapter_name, lesson_head
from eks_lab.tui.try_access import TryPlace
from eks_lab.tui.try_boxes import TryBoxes
from eks_lab.tui.widgets.code_block import CodeBlock
from eks_lab.tui.widgets.contents import Contents, ContentsRow
from eks_lab.tui.widgets.key_footer import KeyFooter
from eks_lab.tui.widgets.lesson_end import LessonEnd
from eks_lab.tui.widgets.page_blocks import PageContext
from eks_lab.tui.widgets.page_view import PageView
from eks_lab.tui.widgets.prose import Prose
from eks_lab.tui.widgets.top_bar import TopBar
from eks_lab.tui.widgets.try_run import TryRun

if TYPE_CHECKING:
    from textual import events
    from textual.app import ComposeResult
    from textual.timer import Timer
    from textual.widget import Widget

    from eks_lab.content.model import Lesson
    from eks_lab.tui.widgets.quiz_view import QuizView

SAVE_PLACE_AFTER_SECONDS = 0.4
"""The place is on the disk this long after the reader moved, at the latest."""
COUNT_TIME_EVERY_SECONDS = 30.0


class PageRead(Message):
    """A worker has read a page, or found out why it cannot be read."""

    def __init__(self, wish: int, spot: Spot, page: Page | None, error: EksLabError | None = None) -> None:
        """Carry a page to the event loop.

        Args:
            wish: number of the learner's wish that it was read for.
            spot: where it is to be opened.
            page: its blocks, or None.
            error: why there is no page.
        """
        super().__init__()
        self.wish = wish
        self.spot = spot
        self.page = page
        self.error = error


class ReaderScreen(LabScreen[None]):
    """Shows lessons; `open` takes it from one to the next."""

    HORIZONTAL_BREAKPOINTS = [  # noqa: RUF012 (Textual declares it without ClassVar)
        (0, "-portrait"),
        (PORTRAIT_BELOW, "-medium"),
        (CONTENTS_FROM, "-landscape"),
    ]
    BINDING_GROUP_TITLE = "Reader"
    HELP = (
        "Read with the arrow keys, Space and the Page keys. Tab goes to the next block of code, calculator, "
        "diagram or question; Escape comes back to the page. A Try it box that is in sight is run with its key, in the "
        "sandbox. Your place is kept as you read."
    )
    AUTO_FOCUS = None
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "r", "run", "Run", id="reader.run", tooltip="Run the commands of the try box that is in sight"
        ),
        Binding("n", "next", "Next", id="reader.next", tooltip="Next lesson"),
        Binding("p", "previous", "Previous", id="reader.previous", tooltip="Lesson before"),
        Binding("t", "contents", "Contents", id="reader.contents", tooltip="Headings of this lesson"),
        Binding(
            "escape", "leave", "Course", id="reader.leave", tooltip="Back to the page, then to the course"
        ),
        Binding("f", "finish", "Finish", id="reader.finish", tooltip="Mark as finished, or take that back"),
        Binding(
            "b",
            "bookmark",
            "Bookmark",
            id="reader.bookmark",
            tooltip="Mark this place, or take the mark away",
        ),
        Binding("l", "links", "Links", id="reader.links", tooltip="Links and terms on this page"),
        Binding("left_square_bracket", "back", "Back", id="reader.back", tooltip="Where you were before"),
        Binding(
            "right_square_bracket",
            "forward",
            "Forward",
            id="reader.forward",
            tooltip="Where you came back from",
        ),
        Binding(
            "u",
            "unfinished",
            "Unfinished",
            id="reader.unfinished",
            tooltip="Next lesson that is not finished",
        ),
        Binding(
            "ctrl+r,f5", "reload", "Read again", show=False, id="reader.reload", tooltip="Read the file again"
        ),
    ]

    def __init__(self) -> None:
        """Start without a lesson."""
        super().__init__(name="reader")
        self.lesson: Lesson | None = None
        self._page: Page | None = None
        self._spot: Spot | None = None
        self._wish = 0
        self._is_spot_saved = True
        self._save_timer: Timer | None = None
        self._reading_time: ReadingTime | None = None
        self._section = ""
        self._tries = TryBoxes(lambda: self.lab.tries, self._title_of)
        self._meant: TryRun | None = None

    def compose(self) -> ComposeResult:
        """Compose the frame around the page."""
        yield TopBar()
        with Horizontal(id="reader-body"):
            yield Contents(id="reader-contents")
            yield Container(id="reader-page")
        yield KeyFooter()

    def on_mount(self) -> None:
        """Start to count reading time."""
        self._reading_time = ReadingTime(self.lab.clock)
        self.set_interval(COUNT_TIME_EVERY_SECONDS, self._count_time)

    @property
    def page_view(self) -> PageView | None:
        """The page on the screen, or None while there is none."""
        found = self.query(PageView)
        return found.last() if found else None

    # Opening

    def open(
        self, lesson_id: str, anchor: str | None = None, fraction: float = 0.0, *, remember: bool = True
    ) -> None:
        """Show a lesson.

        Args:
            lesson_id: which one.
            anchor: heading to open at, empty for the top; None for where the learner stopped, which is
                the top of a finished lesson.
            fraction: how far from the heading to the next one.
            remember: False while moving through the history.
        """
        self.keep_place()
        if anchor is None:
            place = self.library.progress.place(lesson_id)
            if place is not None and self.library.status(lesson_id) != "done":
                anchor, fraction = place.anchor, place.fraction
            else:
                anchor, fraction = "", 0.0
        spot = Spot(lesson_id, anchor, fraction)
        if remember:
            self.lab.history.visit(spot)
        view = self.page_view
        is_here = self.lesson is not None and self.lesson.id == lesson_id
        if is_here and view is not None and view.go_to(anchor, fraction):
            self._wish += 1
            self.refresh_bindings()
            self.lab.lesson_arrived()
            return
        self._fetch(spot)

    def _fetch(self, spot: Spot) -> None:
        """Read a page; what is still being read for an earlier wish comes too late."""
        self._wish += 1
        self._read(spot, self._wish)

    @work(thread=True, exclusive=True, group="page", exit_on_error=False)
    def _read(self, spot: Spot, wish: int) -> None:
        try:
            self.post_message(PageRead(wish, spot, self.library.page(spot.lesson_id)))
        except EksLabError as error:
            self.post_message(PageRead(wish, spot, None, error))

    @on(PageRead)
    async def _page_read(self, event: PageRead) -> None:
        event.stop()
        spot = event.spot
        # A thread cannot be stopped: a page that takes longer to read arrives behind the one asked for after it.
        if event.wish != self._wish:
            return
        lesson = self.library.lesson(spot.lesson_id)
        if lesson is None:
            missing = ContentError(
                f"The lesson {spot.lesson_id} is no longer part of the course.",
                hint="Escape leads back to the course.",
            )
            await self._show_problem(spot.lesson_id, event.error or missing)
            return
        self.lesson = lesson
        self._section = ""
        chapter = self.library.chapter_of(lesson)
        self.query_one(TopBar).crumbs = (chapter_name(chapter), lesson.title)
        if event.page is None:
            assert event.error is not None
            await self._show_problem(lesson.title, event.error)
            return
        self._page = event.page
        await self._show(lesson, event.page, spot)
        progress = self.library.progress
        self.lab.record(lambda: progress.mark_opened(lesson.id), then=lambda _: self._refresh_progress())

    async def _show(self, lesson: Lesson, page: Page, spot: Spot) -> None:
        following = self.library.after(lesson.id)
        host = self.query_one("#reader-page", Container)

        def ending() -> LessonEnd:
            return LessonEnd(
                finished=self.library.status(lesson.id) == "done",
                next_title=following.title if following is not None else "",
                finish_key=self.lab.key_for("reader.finish", "f"),
                next_key=self.lab.key_for("reader.next", "n"),
            )

        view = PageView(
            lesson_head(self.library, lesson),
            page,
            self._page_context(lesson),
            ending=ending,
            anchor=spot.anchor,
            fraction=spot.fraction,
            reading_width=self.lab.settings.reading_width,
            viewport=host.size,
        )
        rows = [ContentsRow("", lesson.title, 1)]
        rows += [
            ContentsRow(heading.anchor, text_of(heading.spans), heading.level) for heading in page.headings
        ]
        old = list(host.children)
        with self.app.batch_update():
            for child in old:
                child.display = False
            self.query_one(Contents).show(rows, spot.anchor)
            self._close_contents()
            await host.mount(view)
        view.focus(scroll_visible=False)
        # The old page goes once the new one is on the screen.
        self.call_after_refresh(self._remove, old)
        self.refresh_bindings()

    async def _remove(self, widgets: list[Widget]) -> None:
        for widget in widgets:
            await widget.remove()
        self.lab.tidy_soon()

    async def _show_problem(self, title: str, error: EksLabError) -> None:
        """Say in the page why there is none; the keys lead on as ever."""
        self._page = None
        self._spot = None
        host = self.query_one("#reader-page", Container)
        box = directives.problem_box(f"“{title}”", error)
        scroll = VerticalScroll(box, id="reader-problem")
        with self.app.batch_update():
            await host.remove_children()
            self.query_one(Contents).show(())
            await host.mount(scroll)
        scroll.focus()
        self.lab.lesson_arrived()

    def _page_context(self, lesson: Lesson) -> PageContext:
        context = directives.DirectiveContext(self.library, lesson)
        folder = self.library.loaded.root / lesson.folder
        keys = self.lab.key_for("reader.run", "r"), self.lab.key_for("try.open", "o")
        self._tries.begin(TryPlace(lesson.id, folder), *keys)

        def code(block: Code) -> Widget:
            return CodeBlock(block)

        def live(directive: Directive) -> Widget:
            return directives.build(directive, context)

        return PageContext(code, live, self._tries.below, self.library.explain)

    # Place

    @on(PageView.Filled)
    def _filled(self, event: PageView.Filled) -> None:
        event.stop()
        if event.page_view is self.page_view:
            self.lab.lesson_arrived()

    @on(PageView.PlaceChanged)
    def _place_changed(self, event: PageView.PlaceChanged) -> None:
        event.stop()
        if self.lesson is None:
            return
        spot = Spot(self.lesson.id, event.anchor, event.fraction)
        self.query_one(TopBar).remark = f"{event.percent} %"
        if event.section != self._section:
            self._section = event.section
            self.query_one(Contents).section = event.section
        self._mind_tries()
        if spot == self._spot:
            return
        self._spot = spot
        self._is_spot_saved = False
        self.lab.history.moved(spot)
        if self._save_timer is None:
            self._save_timer = self.set_timer(SAVE_PLACE_AFTER_SECONDS, self._save_timer_fired)

    def _save_timer_fired(self) -> None:
        self._save_timer = None
        self.keep_place()

    def keep_place(self) -> None:
        """Store the reader's place now, if it is not stored yet."""
        spot, self._is_spot_saved, was_saved = self._spot, True, self._is_spot_saved
        if spot is None or was_saved:
            return
        from eks_lab.learning.records import Place

        place, progress = Place(spot.lesson_id, spot.anchor, spot.fraction), self.library.progress
        self.lab.record(lambda: progress.save_place(place))

    def keep_everything(self) -> None:
        """Store place and reading time: the program is about to end, or the screen to be left."""
        self.keep_place()
        self._count_time()

    def _count_time(self) -> None:
        if self._reading_time is None or self.lesson is None:
            return
        seconds, lesson_id, progress = self._reading_time.take(), self.lesson.id, self.library.progress
        if seconds:
            self.lab.record(lambda: progress.add_seconds(lesson_id, seconds))

    def on_event_seen(self) -> None:
        """Note a key or a click: time is counted while somebody is there."""
        if self._reading_time is not None:
            self._reading_time.sign_of_life()

    def on_key(self, event: events.Key) -> None:
        """Count time while keys are pressed."""
        self.on_event_seen()

    def on_click(self, event: events.Click) -> None:
        """Count time while the mouse is used."""
        self.on_event_seen()

    def on_screen_suspend(self) -> None:
        """Store everything when another screen comes in front."""
        self.keep_everything()

    # Moving between lessons

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Show what cannot be done now as such."""
        lesson_id = self.lesson.id if self.lesson is not None else ""
        if action == "run":
            return self._meant is not None and self._meant.can_run
        if action == "next":
            return True if lesson_id and self.library.after(lesson_id) is not None else None
        if action == "previous":
            return True if lesson_id and self.library.before(lesson_id) is not None else None
        if action == "back":
            return True if self.lab.history.can_go_back else None
        if action == "forward":
            return True if self.lab.history.can_go_forward else None
        if action in ("contents", "finish", "bookmark", "links"):
            return True if self._page is not None else None
        return True

    def action_next(self) -> None:
        """Open the next lesson."""
        if self.lesson is not None and (lesson := self.library.after(self.lesson.id)) is not None:
            self.open(lesson.id)

    def action_previous(self) -> None:
        """Open the lesson before."""
        if self.lesson is not None and (lesson := self.library.before(self.lesson.id)) is not None:
            self.open(lesson.id)

    def action_unfinished(self) -> None:
        """Open the next lesson that is not finished."""
        lesson = self.library.next_unfinished(self.lesson.id if self.lesson is not None else "")
        if lesson is None:
            self.notify("You have finished every lesson.", title="✓ All done")
        else:
            self.open(lesson.id)

    def action_back(self) -> None:
        """Go back in the history."""
        if (spot := self.lab.history.back()) is not None:
            self.open(spot.lesson_id, spot.anchor, spot.fraction, remember=False)

    def action_forward(self) -> None:
        """Go forward in the history."""
        if (spot := self.lab.history.forward()) is not None:
            self.open(spot.lesson_id, spot.anchor, spot.fraction, remember=False)

    def action_leave(self) -> None:
        """Close the contents, end what runs, come back to the page, or go to the course: whatever is nearest."""
        view = self.page_view
        if self.query_one(Contents).has_class("-open"):
            self._close_contents()
            if view is not None:
                view.focus(scroll_visible=False)
        elif self._tries.stop():
            pass
        elif view is not None and self.focused is not None and self.focused is not view:
            view.focus(scroll_visible=False)
        else:
            self.lab.action_home()

    def action_reload(self) -> None:
        """Read the lesson's file again and stay at the place."""
        if self.lesson is None:
            return
        spot = self._spot if self._spot is not None else Spot(self.lesson.id)
        self._fetch(spot)

    # What a reader does with a lesson

    def _title_of(self, lesson_id: str) -> str:
        lesson = self.library.lesson(lesson_id)
        return lesson.title if lesson is not None else lesson_id

    @on(TryRun.Changed)
    def _mind_tries(self) -> None:
        """Look which try box the key is for: it is offered only then."""
        meant = self._tries.meant(self.page_view, self.focused)
        if meant is not self._meant:
            self._meant = meant
            self.refresh_bindings()

    def action_run(self) -> None:
        """Run the commands of the try box that is in sight."""
        self._mind_tries()
        if self._meant is not None:
            self._meant.focus()
            self._meant.action_run()

    def action_contents(self) -> None:
        """Go to the contents; where they are hidden, show them over the page."""
        contents = self.query_one(Contents)
        if contents.has_focus:
            self.action_leave()
            return
        contents.add_class("-open")
        contents.focus()

    def _close_contents(self) -> None:
        self.query_one(Contents).remove_class("-open")

    @on(Contents.HeadingChosen)
    def _heading_chosen(self, event: Contents.HeadingChosen) -> None:
        event.stop()
        view = self.page_view
        self._close_contents()
        if view is not None and self.lesson is not None:
            self.open(self.lesson.id, event.anchor, 0.0)
            view.focus(scroll_visible=False)

    def action_finish(self) -> None:
        """Mark the lesson as finished, or take that back."""
        if self.lesson is None:
            return
        lesson_id, progress = self.lesson.id, self.library.progress
        was_done = self.library.status(lesson_id) == "done"
        change = progress.mark_unfinished if was_done else progress.mark_finished
        self.lab.record(lambda: change(lesson_id), then=lambda _: self._say_finished(lesson_id, not was_done))

    def _say_finished(self, lesson_id: str, finished: bool) -> None:
        self._refresh_progress()
        if self.lesson is None or self.lesson.id != lesson_id:
            return
        for ending in self.query(LessonEnd):
            ending.finished = finished
        if finished:
            tally = self.library.tally()
            self.notify(f"{tally.done} of {tally.total} lessons", title="✓ Finished", timeout=3)
        else:
            self.notify("Marked as unfinished.", timeout=3)

    def _refresh_progress(self) -> None:
        self.library.refresh()
        self.lab.progress_changed()

    @on(LessonEnd.FinishToggled)
    def _finish_pressed(self, event: LessonEnd.FinishToggled) -> None:
        event.stop()
        self.action_finish()

    @on(LessonEnd.NextWanted)
    def _next_pressed(self, event: LessonEnd.NextWanted) -> None:
        event.stop()
        self.action_next()

    def action_bookmark(self) -> None:
        """Mark the present heading, or take its mark away."""
        view = self.page_view
        if self.lesson is None or view is None or self._page is None:
            return
        anchor = view.section()
        heading = self._heading(anchor)
        title = (
            f"{self.lesson.title} › {text_of(heading.spans)}" if heading is not None else self.lesson.title
        )
        lesson_id, progress = self.lesson.id, self.library.progress

        def say(is_set: bool) -> None:
            said = "Bookmarked" if is_set else "Bookmark removed"
            self.notify(title, title=said, timeout=3, markup=False)

        self.lab.record(lambda: progress.toggle_bookmark(lesson_id, anchor, title), then=say)

    def _heading(self, anchor: str) -> Heading | None:
        if self._page is None:
            return None
        return next((heading for heading in self._page.headings if heading.anchor == anchor), None)

    def action_links(self) -> None:
        """List the links and terms of the page."""
        if self._page is not None:
            from eks_lab.tui.screens.page_links import PageLinks

            self.app.push_screen(PageLinks(self.library, self._page), self._follow_choice)

    def _follow_choice(self, href: str | None) -> None:
        if href:
            self.lab.follow(href)

    def page_terms(self) -> list[str]:
        """Return the ids of the terms this lesson names as its key terms."""
        return list(self.lesson.head.terms) if self.lesson is not None else []

    def go_to_anchor(self, anchor: str) -> None:
        """Go to a heading of this lesson."""
        if self.lesson is not None:
            self.open(self.lesson.id, anchor, 0.0)

    @on(Prose.LinkOpened)
    def _link_opened(self, event: Prose.LinkOpened) -> None:
        event.stop()
        self.post_message(LinkFollowed(event.href))

    @on(CodeBlock.SaveRequested)
    def _save_requested(self, event: CodeBlock.SaveRequested) -> None:
        event.stop()
        from eks_lab.tui.screens.save_code import SaveCode

        self.app.push_screen(SaveCode(self.lab.save_folder(), event.suggested_name, event.text))

    def on_quiz_view_answered(self, event: QuizView.Answered) -> None:
        """Remember an answer; when all are answered, offer to finish."""
        event.stop()
        # Taken out of the event and of the screen here: the write runs in a thread, maybe after both are gone.
        question_id, rev, given, correct = event.question_id, event.rev, event.given, event.correct
        progress = self.library.progress
        self.lab.record(lambda: progress.record_answer(question_id, rev, given, correct))

    @on(LessonRequested)
    def _lesson_requested(self, event: LessonRequested) -> None:
        event.stop()
        self.open(event.lesson_id, event.anchor, event.fraction)
