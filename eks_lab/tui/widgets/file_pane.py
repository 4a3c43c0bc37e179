"""What a generator made: the files with their tabs, what the checker says, and why the line at the cursor is there."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from textual import on
from textual.containers import VerticalGroup
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from eks_lab.checker.model import Finding, Severity
from eks_lab.content.questions import RIGHT
from eks_lab.tui.widgets.file_preview import MARKS, STYLES, FilePreview, finding_text
from eks_lab.tui.widgets.file_tabs import FileTabs

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from eks_lab.generate.model import GeneratedFile
    from eks_lab.tui.generation import Judgement, Preview

_WAITING = "Making the files…"
_JUDGING = "Checking…"


class FilePane(VerticalGroup):
    """Tabs, a status line, the file, and what belongs to the line at the cursor."""

    DEFAULT_CSS = """
    FilePane {
        height: 1fr;
        width: 1fr;
        .pane--status { height: auto; max-height: 2; padding: 0 1; background: $surface; color: $text-muted; }
        .pane--why { height: auto; min-height: 2; max-height: 6; padding: 0 1; background: $panel; }
        &.-stale FilePreview { opacity: 70%; }
    }
    """

    @dataclass
    class FindingReached(Message):
        """The cursor is on a line with findings that have a lesson."""

        pane: FilePane
        lesson: str

        @property
        def control(self) -> FilePane:
            """The pane."""
            return self.pane

    def __init__(self) -> None:
        """Wait for files."""
        super().__init__()
        self.tabs = FileTabs()
        self.preview = FilePreview()
        self._status = Static(_WAITING, classes="pane--status", markup=False)
        self._why = Static("", classes="pane--why", markup=False)
        self._shown: Preview | None = None
        self._judgement: Judgement | None = None
        self._place = 0
        self._old = ""

    def compose(self) -> ComposeResult:
        """Compose the parts."""
        yield self.tabs
        yield self._status
        yield self.preview
        yield self._why

    @property
    def file(self) -> GeneratedFile | None:
        """The file that is shown."""
        return self._shown.bundle.files[self._place] if self._shown is not None else None

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What the checker said of all files."""
        return self._judgement.findings if self._judgement is not None else ()

    @property
    def lesson(self) -> str:
        """Lesson of a finding at the cursor; empty when there is none."""
        return next((finding.lesson for finding in self._at_cursor() if finding.lesson), "")

    def show(self, preview: Preview) -> None:
        """Show other files, the one of the same name first.

        Args:
            preview: what was made.
        """
        name = self.file.name if self.file is not None else ""
        names = [file.name for file in preview.bundle.files]
        self._shown, self._judgement = preview, None
        self._place = names.index(name) if name in names else 0
        self._show_file()

    def show_judgement(self, judgement: Judgement) -> None:
        """Show what the checker says of the present files.

        Args:
            judgement: about all of them.
        """
        lines = (
            {}
            if self._shown is None
            else {file.name: file.text.count("\n") for file in self._shown.bundle.files}
        )
        # What has no line, or one after the end, stands above the first.
        kept = tuple(
            each if 1 <= each.line <= lines.get(each.file, 0) else replace(each, line=0)
            for each in judgement.findings
        )
        self._judgement = replace(judgement, findings=kept)
        self._show_file()

    def set_old(self, why: str) -> None:
        """Say whether what is shown is older than what the fields hold.

        Args:
            why: why it is; empty when it is not.
        """
        self._old = why
        self.set_class(bool(why) and self._shown is not None, "-stale")
        self._show_status()

    def go_to_file(self, place: int) -> None:
        """Show another file.

        Args:
            place: from 0; outside of the range it goes round.
        """
        if self._shown is not None:
            self._place = place % len(self._shown.bundle.files)
            self._show_file()

    def step_file(self, by: int) -> None:
        """Show a file before or after the present one."""
        self.go_to_file(self._place + by)

    def next_finding(self) -> bool:
        """Go to the next finding, also in another file; return whether there is one."""
        if self._shown is None or not self.findings:
            return False
        order = {file.name: place for place, file in enumerate(self._shown.bundle.files)}
        spots = sorted({(order.get(finding.file, 0), max(1, finding.line)) for finding in self.findings})
        self._go_after(spots)
        return True

    def next_reason(self) -> bool:
        """Go to the next line that has a reason, also in another file; return whether there is one."""
        if self._shown is None:
            return False
        spots = [
            (place, line)
            for place, file in enumerate(self._shown.bundle.files)
            for line in sorted(file.reasons)
        ]
        if not spots:
            return False
        self._go_after(spots)
        return True

    def _go_after(self, spots: list[tuple[int, int]]) -> None:
        here = (self._place, self.preview.line)
        place, line = next((spot for spot in spots if spot > here), spots[0])
        if place != self._place:
            self.go_to_file(place)
        self.preview.go_to(line)

    def _show_file(self) -> None:
        shown, file = self._shown, self.file
        if shown is None or file is None:
            return
        names = [each.name for each in shown.bundle.files]
        marks: dict[str, str] = {}
        for severity in reversed(Severity):
            marks |= {each.file: MARKS[severity] for each in self.findings if each.severity is severity}
        self.tabs.show(names, marks, self._place)
        own = [each for each in self.findings if each.file == file.name]
        self.preview.show(file, shown.colours[self._place], own)
        self._show_status()

    def _show_status(self) -> None:
        if self._old:
            content = Content.styled(self._old, "$text-warning")
        elif self._shown is None:
            content = Content(_WAITING)
        elif self._judgement is None:
            content = Content(_JUDGING)
        elif self._judgement.problem:
            content = Content(self._judgement.problem)
        elif not self.findings:
            content = Content.styled(f"{RIGHT} The checker finds nothing.", "$text-success")
        else:
            parts = []
            for severity in Severity:
                count = sum(each.severity is severity for each in self.findings)
                if count:
                    words = f"{MARKS[severity]} {count} {severity}{'' if count == 1 else 's'}"
                    parts.append(Content.styled(words, STYLES[severity]))
            content = Content.assemble(Content("  ").join(parts), ("  n: to the next", "$text-muted"))
        self._status.update(content)

    def _at_cursor(self) -> list[Finding]:
        file = self.file
        if file is None:
            return []
        line = self.preview.line
        return [each for each in self.findings if each.file == file.name and max(1, each.line) == line]

    @on(FilePreview.LineReached)
    def _line_reached(self, event: FilePreview.LineReached) -> None:
        event.stop()
        file = self.file
        if file is None:
            return
        parts = [Content.styled(finding_text(each), STYLES[each.severity]) for each in self._at_cursor()]
        reason = file.reasons.get(event.line, "")
        if reason or not parts:
            said = reason or "This line has no reason of its own."
            style = "" if reason else "$text-muted"
            parts.append(Content.assemble((f"Line {event.line}: ", "bold"), (said, style)))
        self._why.update(Content("\n").join(parts))
        if self.lesson:
            self.post_message(self.FindingReached(self, self.lesson))

    @on(FileTabs.Chosen)
    def _tab_chosen(self, event: FileTabs.Chosen) -> None:
        event.stop()
        self.go_to_file(event.place)
