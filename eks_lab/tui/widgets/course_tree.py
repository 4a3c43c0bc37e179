"""The course as a tree: chapters and lessons, each with its mark."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import Tree

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.widgets.tree import TreeNode


@dataclass(frozen=True, slots=True)
class LessonRow:
    """A lesson as the tree shows it."""

    id: str
    title: str
    minutes: int
    mark: str
    """`○`, `◐` or `✓`."""


@dataclass(frozen=True, slots=True)
class ChapterRow:
    """A chapter as the tree shows it."""

    id: str
    number: str
    title: str
    mark: str
    done: int
    """Lessons finished."""
    lessons: tuple[LessonRow, ...]


@dataclass(frozen=True, slots=True)
class TreeKey:
    """What a node of the tree stands for."""

    kind: str
    """`chapter` or `lesson`."""
    id: str


class CourseTree(Tree[TreeKey]):
    """Chapters that open and close, lessons that are opened to read."""

    BINDING_GROUP_TITLE = "Course tree"
    HELP = "Enter opens a lesson, or opens and closes a chapter. A check mark means finished, a half circle begun."
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,j", "cursor_down", "Down", show=False, id="tree.down", tooltip="Next line"),
        Binding("up,k", "cursor_up", "Up", show=False, id="tree.up", tooltip="Line before"),
        Binding(
            "enter",
            "select_cursor",
            "Open",
            id="tree.open",
            tooltip="Read the lesson, open or close the chapter",
        ),
        Binding(
            "right,l",
            "open_chapter",
            "Open chapter",
            show=False,
            id="tree.expand",
            tooltip="Show its lessons",
        ),
        Binding(
            "left,h",
            "close_chapter",
            "Close chapter",
            show=False,
            id="tree.collapse",
            tooltip="Hide its lessons",
        ),
        Binding(
            "space",
            "toggle_node",
            "Open or close",
            show=False,
            id="tree.toggle",
            tooltip="Open or close a chapter",
        ),
    ]
    DEFAULT_CSS = """
    CourseTree { overflow-x: hidden; scrollbar-size-vertical: 1; background: transparent; padding: 0 0 0 1; }
    """

    @dataclass
    class RowHighlighted(Message):
        """The cursor is on another row."""

        tree: CourseTree
        key: TreeKey

        @property
        def control(self) -> CourseTree:
            """The tree."""
            return self.tree

        def can_replace(self, message: Message) -> bool:
            """Return whether a queued message is out of date."""
            return isinstance(message, CourseTree.RowHighlighted)

    @dataclass
    class LessonChosen(Message):
        """A lesson is to be read."""

        tree: CourseTree
        lesson_id: str

        @property
        def control(self) -> CourseTree:
            """The tree."""
            return self.tree

    def __init__(self, *, id: str | None = None) -> None:
        """Start empty; `show` fills the tree."""
        super().__init__("Course", id=id)
        self.show_root = False
        self.guide_depth = 3
        self.show_guides = False
        self._by_lesson: dict[str, TreeNode[TreeKey]] = {}
        self._by_chapter: dict[str, TreeNode[TreeKey]] = {}

    def show(self, chapters: Sequence[ChapterRow], *, at: str = "") -> None:
        """Fill the tree.

        Args:
            chapters: in order.
            at: lesson whose chapter is open and which has the cursor; the first one when empty.
        """
        self.clear()
        self._by_lesson.clear()
        self._by_chapter.clear()
        for chapter in chapters:
            branch = self.root.add(_chapter_label(chapter), TreeKey("chapter", chapter.id))
            self._by_chapter[chapter.id] = branch
            for lesson in chapter.lessons:
                leaf = branch.add_leaf(_lesson_label(lesson), TreeKey("lesson", lesson.id))
                self._by_lesson[lesson.id] = leaf
        if at not in self._by_lesson and self._by_lesson:
            at = next(iter(self._by_lesson))
        self.go_to(at)

    def go_to(self, lesson_id: str) -> None:
        """Open the chapter of a lesson and put the cursor on it."""
        node = self._by_lesson.get(lesson_id)
        if node is not None:
            if node.parent is not None:
                node.parent.expand()
            self.call_after_refresh(self.move_cursor, node)

    def update_marks(self, chapters: Sequence[ChapterRow]) -> None:
        """Show new progress without moving the cursor or closing chapters."""
        for chapter in chapters:
            if (branch := self._by_chapter.get(chapter.id)) is not None:
                branch.set_label(_chapter_label(chapter))
            for lesson in chapter.lessons:
                if (leaf := self._by_lesson.get(lesson.id)) is not None:
                    leaf.set_label(_lesson_label(lesson))

    def on_tree_node_highlighted(self, event: Tree.NodeHighlighted[TreeKey]) -> None:
        """Say it in the course's terms."""
        event.stop()
        if event.node.data is not None:
            self.post_message(self.RowHighlighted(self, event.node.data))

    def on_tree_node_selected(self, event: Tree.NodeSelected[TreeKey]) -> None:
        """Say it in the course's terms."""
        event.stop()
        if event.node.data is not None and event.node.data.kind == "lesson":
            self.post_message(self.LessonChosen(self, event.node.data.id))

    def action_open_chapter(self) -> None:
        """Open the chapter under the cursor."""
        node = self.cursor_node
        if node is not None and node.allow_expand:
            node.expand()

    def action_close_chapter(self) -> None:
        """Close the chapter under the cursor, or that of the lesson under it."""
        node = self.cursor_node
        if node is None:
            return
        if not node.allow_expand and node.parent is not None and node.parent is not self.root:
            node = node.parent
            self.move_cursor(node)
        node.collapse()


def _chapter_label(chapter: ChapterRow) -> Text:
    return Text.assemble(
        (f"{chapter.number:>2} {chapter.title}", "bold"),
        (f"  {chapter.mark} {chapter.done}/{len(chapter.lessons)}", "dim" if not chapter.done else ""),
    )


def _lesson_label(lesson: LessonRow) -> Text:
    return Text.assemble(f"{lesson.mark} {lesson.title}", (f"  {lesson.minutes} min", "dim"))
