"""The first screen: go on where you stopped, the course tree, what a lesson is about."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.widgets import Static

from eks_lab.tui.library import MARKS, WORDS, Library
from eks_lab.tui.messages import LessonRequested, LinkFollowed
from eks_lab.tui.screens.base import LabScreen
from eks_lab.tui.widgets.key_footer import KeyFooter
from eks_lab.tui.widgets.top_bar import TopBar

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.widgets import Button

    from eks_lab.tui.widgets.course_tree import ChapterRow, CourseTree
    from eks_lab.tui.widgets.prose import Prose

LEGEND = " · ".join(f"{MARKS[status]} {WORDS[status]}" for status in ("new", "begun", "done"))


def tree_rows(library: Library) -> list[ChapterRow]:
    """Return the course as the tree shows it."""
    from eks_lab.tui.widgets.course_tree import ChapterRow, LessonRow

    rows = []
    for chapter in library.chapters:
        tally = library.tally(chapter.id)
        lessons = tuple(
            LessonRow(lesson.id, lesson.title, lesson.head.minutes, MARKS[library.status(lesson.id)])
            for lesson in library.course.chapter_lessons(chapter.id)
        )
        rows.append(
            ChapterRow(chapter.id, chapter.number, chapter.title, MARKS[tally.status], tally.done, lessons)
        )
    return rows


class HomeScreen(LabScreen[None]):
    """The course at a glance. Its first frame needs neither course nor progress."""

    BINDING_GROUP_TITLE = "Course"
    HELP = "Choose a lesson in the tree; what it is about stands beside or below it."
    AUTO_FOCUS = None
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("c", "continue", "Continue", id="home.continue", tooltip="Go on where you stopped"),
        Binding(
            "u",
            "unfinished",
            "Unfinished",
            id="home.unfinished",
            tooltip="Open the first lesson not finished",
        ),
        Binding("L", "app.labs", "Labs", id="app.labs", tooltip="Practise on a live cluster"),
        Binding(
            "Q",
            "app.questions",
            "Questions",
            id="app.questions",
            tooltip="Review, quizzes, interviews, exams",
        ),
        Binding("S", "app.sandbox", "Sandbox", id="app.sandbox", tooltip="A simulated EKS cluster"),
        Binding("C", "app.calculators", "Calculators", id="app.calculators", tooltip="Every calculator"),
        Binding("G", "app.generators", "Generators", id="app.generators", tooltip="Terraform and manifests"),
        Binding(
            "K",
            "app.check_files",
            "Check files",
            show=False,
            id="app.check",
            tooltip="Have files of yours judged",
        ),
        Binding("b", "bookmarks", "Bookmarks", show=False, id="home.bookmarks", tooltip="Places you marked"),
        Binding(
            "down,j",
            "into_tree",
            "To the tree",
            show=False,
            id="tree.down",
            tooltip="Into the course tree",
        ),
        Binding("r", "retry", "Try again", id="home.retry", tooltip="Read the course again"),
    ]

    def compose(self) -> ComposeResult:
        """Compose the frame; the course comes when it is open."""
        yield TopBar(remark="")
        yield Vertical(Static("Opening the course…", id="home-status", markup=False), id="home-body")
        yield KeyFooter()

    async def show(self, library: Library) -> None:
        """Show the course in place of what was there."""
        # Imported here: the first frame does not wait for them.
        from textual.widgets import Button

        from eks_lab.tui.summaries import WELCOME, line
        from eks_lab.tui.widgets.course_tree import CourseTree
        from eks_lab.tui.widgets.prose import Prose

        body = self.query_one("#home-body", Vertical)
        tree = CourseTree(id="home-tree")
        summary = VerticalScroll(Prose((), explain=library.explain, id="home-about"), id="home-summary")
        summary.can_focus = False
        top = Vertical(id="home-top")
        with self.app.batch_update():
            await body.remove_children()
            await body.mount(
                top, Horizontal(Vertical(tree, Static(LEGEND, id="home-legend")), summary, id="home-panes")
            )
            if library.is_untouched:
                welcome = [
                    line(text, "" if number else "strong", tight=True) for number, text in enumerate(WELCOME)
                ]
                await top.mount(Prose(welcome, id="home-welcome"))
            await top.mount(Button("", id="home-continue", variant="primary", compact=True))
            due = Static("", id="home-due", markup=False)
            due.display = False
            await top.mount(due)
        place = library.resume_place()
        first = library.next_unfinished()
        at = place.lesson_id if place is not None else first.id if first is not None else ""
        tree.show(tree_rows(library), at=at)
        self.update(library)
        if self.app.screen is self:
            self.query_one("#home-continue").focus()

    def update(self, library: Library) -> None:
        """Show progress as it is now."""
        from textual.widgets import Button

        from eks_lab.tui.widgets.course_tree import CourseTree

        if not self.query("#home-tree") or not self.is_current:
            # Behind another screen nothing is laid out; it is brought up to date when it comes back.
            return
        tally = library.tally()
        bar = self.query_one(TopBar)
        bar.crumbs = (library.course.file.title,)
        bar.remark = f"{tally.done} of {tally.total} lessons finished, {tally.percent} %"
        button = self.query_one("#home-continue", Button)
        button.label = self._continue_label(library)
        # A button does not ask for another width by itself when its label changes.
        button.refresh(layout=True)
        self.query("#home-welcome").set(display=library.is_untouched)
        self.query_one("#home-tree", CourseTree).update_marks(tree_rows(library))
        self._show_about(library)
        self.refresh_bindings()

    def on_screen_resume(self) -> None:
        """Show what happened while another screen was in front."""
        if self.lab.is_open:
            self.update(self.library)
            self.lab.count_due()

    def show_due(self, count: int) -> None:
        """Say how many cards may be reviewed now; nothing when there are none.

        Args:
            count: of the daily review.
        """
        for due in self.query("#home-due").results(Static):
            cards = "1 card" if count == 1 else f"{count} cards"
            due.update(f"↻ {cards} to review today: {self.lab.key_for('app.questions', 'Q')}, then Enter.")
            due.display = count > 0

    def point_at(self, lesson_id: str) -> None:
        """Put the focus on the tree and its cursor on a lesson."""
        from eks_lab.tui.widgets.course_tree import CourseTree

        for tree in self.query(CourseTree):
            tree.go_to(lesson_id)
            tree.focus()

    def _continue_label(self, library: Library) -> str:
        place = library.resume_place()
        lesson = library.lesson(place.lesson_id) if place is not None else None
        if lesson is not None:
            return f"▶ Continue where you stopped: {lesson.title}"
        first = library.next_unfinished()
        return f"▶ Start with: {first.title}" if first is not None else "▶ Read again from the beginning"

    async def show_problem(self, problem: str, hint: str) -> None:
        """Say why there is no course."""
        from eks_lab.tui.summaries import line
        from eks_lab.tui.widgets.prose import Prose

        body = self.query_one("#home-body", Vertical)
        await body.remove_children()
        texts = [line("▲ The course cannot be opened", "title"), line(problem)]
        if hint:
            texts.append(line(hint, "muted"))
        again, leave = self.lab.key_for("home.retry", "r"), self.lab.key_for("app.quit", "q")
        texts.append(line(f"Press {again} to try again, or {leave} to quit."))
        await body.mount(VerticalScroll(Prose(texts, id="home-problem")))
        self.refresh_bindings()

    def _show_about(self, library: Library) -> None:
        from eks_lab.tui.summaries import chapter_summary, lesson_summary
        from eks_lab.tui.widgets.course_tree import CourseTree
        from eks_lab.tui.widgets.prose import Prose

        node = self.query_one("#home-tree", CourseTree).cursor_node
        if node is None or node.data is None:
            return
        about = self.query_one("#home-about", Prose)
        if node.data.kind == "lesson":
            if (lesson := library.lesson(node.data.id)) is not None:
                about.set_items(lesson_summary(library, lesson))
        else:
            chapter = next((chapter for chapter in library.chapters if chapter.id == node.data.id), None)
            if chapter is not None:
                about.set_items(chapter_summary(library, chapter))
        self.query_one("#home-summary").scroll_home(animate=False)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer only what works now."""
        if action == "retry":
            return self.lab.course_problem != ""
        if action in ("continue", "unfinished", "bookmarks"):
            return self.lab.is_open
        return True

    def action_continue(self) -> None:
        """Go on where the learner stopped."""
        place = self.library.resume_place()
        if place is not None:
            self.post_message(LessonRequested(place.lesson_id, place.anchor, place.fraction))
            return
        lesson = self.library.next_unfinished() or next(iter(self.library.course.lessons), None)
        if lesson is not None:
            self.post_message(LessonRequested(lesson.id))

    def action_unfinished(self) -> None:
        """Open the first lesson that is not finished."""
        lesson = self.library.next_unfinished()
        if lesson is None:
            self.notify("You have finished every lesson.", title="✓ All done")
        else:
            self.post_message(LessonRequested(lesson.id))

    def action_bookmarks(self) -> None:
        """List bookmarks."""
        self.lab.action_bookmarks()

    def action_retry(self) -> None:
        """Read the course again."""
        self.lab.open_course()

    def action_into_tree(self) -> None:
        """Lead the arrow keys from the button into the tree."""
        self.query("#home-tree").focus()

    # Handlers by name: the widgets' modules are not loaded before the first frame.

    def on_course_tree_lesson_chosen(self, event: CourseTree.LessonChosen) -> None:
        """Open a lesson."""
        event.stop()
        self.post_message(LessonRequested(event.lesson_id))

    def on_course_tree_row_highlighted(self, event: CourseTree.RowHighlighted) -> None:
        """Say what the row is about."""
        event.stop()
        if self.lab.is_open:
            self._show_about(self.library)

    def on_prose_link_opened(self, event: Prose.LinkOpened) -> None:
        """Follow a link of the summary."""
        event.stop()
        self.post_message(LinkFollowed(event.href))

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Go on."""
        event.stop()
        self.action_continue()
