"""The learner's own files judged: a path, and what is wrong with what is there."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option
from textual.worker import Worker

from eks_lab.checker.model import Finding, Report, Severity
from eks_lab.content.questions import RIGHT, WRONG
from eks_lab.errors import EksLabError
from eks_lab.locations import expanded
from eks_lab.tui.screens.base import LabScreen
from eks_lab.tui.widgets.document_input import PathCompletion
from eks_lab.tui.widgets.file_preview import MARKS, STYLES, finding_text
from eks_lab.tui.widgets.key_footer import KeyFooter
from eks_lab.tui.widgets.row_list import RowList
from eks_lab.tui.widgets.top_bar import TopBar

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.worker import WorkType

    from eks_lab.tui.generation_process import Generation

_ASK = "Terraform folders and files, manifests, IAM policies. Enter checks; nothing leaves this machine."
_MOST_ROWS = 1000


class PathBox(Input):
    """The path; Enter checks."""

    BINDING_GROUP_TITLE = "Path"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "submit", "Check", id="check.check", tooltip="Have it judged"),
        Binding("down", "app.focus_next", "Findings", id="check.down", show=False, tooltip="To the findings"),
    ]


class CheckerScreen(LabScreen[None]):
    """A path and its findings."""

    BINDING_GROUP_TITLE = "Check files"
    HELP = """
Type a file or a folder and press Enter; `right` takes the name that is suggested. In the list Enter reads the lesson
that explains a finding, `c` copies all of them, `r` checks again.
"""
    AUTO_FOCUS = "#check-path"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("l", "lesson", "Its lesson", id="check.lesson", tooltip="Read the lesson of the finding"),
        Binding("c", "copy", "Copy", id="check.copy", tooltip="Copy every finding as text"),
        Binding("r", "again", "Check again", id="check.again", tooltip="Check the same path again"),
        Binding("e", "edit", "Path", id="check.edit", tooltip="Another path"),
        Binding(
            "escape", "leave", "Back", id="check.leave", tooltip="Stop checking, or back to where you were"
        ),
    ]
    DEFAULT_CSS = """
    CheckerScreen {
        #check-path { margin: 1 1 0 1; background: $panel; }
        #check-status { padding: 1 2 0 2; height: auto; color: $text-muted; }
    }
    CheckerScreen.-low {
        #check-path { margin: 0; }
        #check-status { padding: 0 1; }
    }
    """

    def __init__(self, generation: Generation) -> None:
        """Wait for a path.

        Args:
            generation: judges files.
        """
        super().__init__(name="checker")
        self._generation = generation
        self._worker: Worker[None] | None = None
        self._path = ""
        self.report: Report | None = None

    def compose(self) -> ComposeResult:
        """Compose path and list."""
        yield TopBar("Check files")
        yield PathBox(
            placeholder="a file or a folder", id="check-path", compact=True, suggester=PathCompletion()
        )
        yield Static(_ASK, id="check-status", markup=False)
        yield RowList(id="check-list", classes="list")
        yield KeyFooter()

    @property
    def findings(self) -> Sequence[Finding]:
        """What was found, files that could not be read first."""
        return (*self.report.unreadable, *self.report.findings) if self.report is not None else ()

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self._check(event.value.strip())

    def _check(self, path: str) -> None:
        if not path:
            self._say("Type the name of a file or a folder first.", "$text-warning")
            return
        self._stop()
        self._path = path
        self._say(f"Checking {path}… escape stops.")
        # A function, not a coroutine: one that never gets to start must not be left behind.
        work: WorkType[None] = partial(self._judge, path)
        self._worker = self.run_worker(work, group="check", exit_on_error=False)

    async def _judge(self, path: str) -> None:
        try:
            report = await self._generation.check([expanded(path)], self.lab.clock.now().date())
        except EksLabError as error:
            self._worker = None
            self._say(f"{WRONG} {error}", "$text-error")
            return
        except asyncio.CancelledError:
            self._say(f"Stopped: {path} was not checked.", "$text-warning")
            raise
        self._worker = None
        self._show(report)

    def _show(self, report: Report) -> None:
        self.report = report
        rows = self.query_one("#check-list", OptionList)
        rows.clear_options()
        rows.add_options([Option(self._row(finding)) for finding in self.findings[:_MOST_ROWS]])
        counts = [
            f"{MARKS[severity]} {count} {severity}{'' if count == 1 else 's'}"
            for severity in Severity
            if (count := sum(finding.severity is severity for finding in self.findings))
        ]
        read = f"{len(report.files)} file{'' if len(report.files) == 1 else 's'} read"
        if counts:
            more = f"; the first {_MOST_ROWS} are listed" if len(self.findings) > _MOST_ROWS else ""
            self._say(f"{read} in {self._path}: {'  '.join(counts)}{more}")
            rows.highlighted = 0
            rows.focus()
        elif report.files:
            self._say(f"{RIGHT} {read} in {self._path}, nothing found.", "$text-success")
        else:
            self._say(
                f"There is nothing to check in {self._path}: no Terraform, manifest or policy.",
                "$text-warning",
            )
        self.refresh_bindings()

    def _row(self, finding: Finding) -> Content:
        place = f"{finding.file}:{finding.line}" if finding.line else finding.file
        style = STYLES[finding.severity]
        return Content.assemble(
            (f"{MARKS[finding.severity]} {finding.severity}", f"bold {style}"),
            (f"  {place}", "bold"),
            (f"  {finding.rule}", "$text-muted"),
            "\n",
            finding.message,
            "\n",
            (finding.fix, "$text-muted"),
        )

    def _say(self, text: str, style: str = "") -> None:
        self.query_one("#check-status", Static).update(Content.styled(text, style))

    def _present(self) -> Finding | None:
        number = self.query_one("#check-list", OptionList).highlighted
        return self.findings[number] if number is not None and number < len(self.findings) else None

    @on(OptionList.OptionHighlighted)
    def _highlighted(self, event: OptionList.OptionHighlighted) -> None:
        event.stop()
        self.refresh_bindings()

    @on(OptionList.OptionSelected)
    def _chosen(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.action_lesson()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer only what works now."""
        if action == "lesson":
            finding = self._present() if self.is_mounted else None
            return finding is not None and self.lab.has_lesson(finding.lesson)
        if action == "copy":
            return bool(self.findings)
        if action == "again":
            return bool(self._path)
        return True

    def action_lesson(self) -> None:
        """Read the lesson of the finding."""
        finding = self._present()
        if finding is None:
            return
        if self.lab.has_lesson(finding.lesson):
            self.lab.follow(f"lesson:{finding.lesson}")
        else:
            self.notify("No lesson explains this rule.", severity="warning")

    def action_copy(self) -> None:
        """Copy every finding."""
        lines = [f"{each.file}:{each.line}: {each.rule}: {finding_text(each)}" for each in self.findings]
        self.app.copy_to_clipboard("\n".join(lines) + "\n")
        self.notify(f"{len(lines)} findings", title="Copied", markup=False)

    def action_again(self) -> None:
        """Check the same path again."""
        self._check(self._path)

    def action_edit(self) -> None:
        """Type another path."""
        self.query_one("#check-path").focus()

    def _stop(self) -> bool:
        worker, self._worker = self._worker, None
        if worker is None or worker.is_finished:
            return False
        worker.cancel()
        return True

    def action_leave(self) -> None:
        """Stop checking, or go back."""
        if not self._stop():
            self.dismiss(None)
