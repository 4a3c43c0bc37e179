"""Places the learner marked: go to one, or take its mark away."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from eks_lab.tui.screens.base import LabScreen
from eks_lab.tui.widgets.key_footer import KeyFooter
from eks_lab.tui.widgets.row_list import RowList
from eks_lab.tui.widgets.top_bar import TopBar

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from eks_lab.learning.records import Bookmark


class BookmarksScreen(LabScreen[str]):
    """The result is the link to the chosen place."""

    BINDING_GROUP_TITLE = "Bookmarks"
    HELP = "Enter goes to a bookmark. In a lesson, its own key marks the heading you are reading."
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("d,delete", "remove", "Remove", id="bookmarks.remove", tooltip="Take the mark away"),
        Binding("escape", "leave", "Back", id="bookmarks.leave", tooltip="Back to where you were"),
    ]

    def __init__(self) -> None:
        """Start empty."""
        super().__init__(name="bookmarks")
        self._bookmarks: list[Bookmark] = []

    def compose(self) -> ComposeResult:
        """Compose the list."""
        yield TopBar("Bookmarks")
        yield RowList(id="bookmarks-list", classes="list")
        key = self.lab.key_for("reader.bookmark", "b")
        yield Static(
            f"No bookmarks yet. In a lesson, {key} marks the heading you are reading.",
            id="bookmarks-none",
            markup=False,
        )
        yield KeyFooter()

    def on_mount(self) -> None:
        """Fill the list."""
        self._fill()

    def _fill(self, at: int = 0) -> None:
        self._bookmarks = self.library.progress.bookmarks()
        options = self.query_one("#bookmarks-list", OptionList)
        options.clear_options()
        options.add_options([Option(self._row(bookmark)) for bookmark in self._bookmarks])
        options.display = bool(self._bookmarks)
        self.query_one("#bookmarks-none").display = not self._bookmarks
        if self._bookmarks:
            options.highlighted = min(at, len(self._bookmarks) - 1)
            options.focus()
        self.query_one(TopBar).remark = f"{len(self._bookmarks)} marked" if self._bookmarks else ""
        self.refresh_bindings()

    def _row(self, bookmark: Bookmark) -> Content:
        lesson = self.library.lesson(bookmark.lesson_id)
        chapter = self.library.chapter_of(lesson) if lesson is not None else None
        where = f"{chapter.number} {chapter.title}" if chapter is not None else "no longer in the course"
        detail = f"{where} · {bookmark.created_at:%Y-%m-%d}"
        return Content.assemble((bookmark.title, "bold"), "\n", (detail, "$text-muted"))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer only what works now."""
        return True if action == "leave" else bool(self._bookmarks)

    def _present(self) -> Bookmark | None:
        number = self.query_one("#bookmarks-list", OptionList).highlighted
        return self._bookmarks[number] if number is not None and number < len(self._bookmarks) else None

    @on(OptionList.OptionSelected)
    def _chosen(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.action_go()

    def action_go(self) -> None:
        """Open the marked place."""
        if (bookmark := self._present()) is not None:
            # A bookmark of the lesson itself means its top, not where the learner stopped.
            self.dismiss(f"lesson:{bookmark.lesson_id}#{bookmark.anchor}")

    def action_remove(self) -> None:
        """Take the mark away."""
        bookmark = self._present()
        if bookmark is None:
            return
        at = self.query_one("#bookmarks-list", OptionList).highlighted or 0
        progress = self.library.progress
        self.lab.record(
            lambda: progress.toggle_bookmark(bookmark.lesson_id, bookmark.anchor, bookmark.title),
            then=lambda _: self._fill(at),
        )

    def action_leave(self) -> None:
        """Go back."""
        self.dismiss(None)
