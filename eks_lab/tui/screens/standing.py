"""How ready the learner is for one exam: today's steps, domain by domain, gaps, forecast."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from eks_lab.content.page import Paragraph, Span
from eks_lab.errors import EksLabError
from eks_lab.tui.interval_bar import interval_bar
from eks_lab.tui.messages import LessonRequested
from eks_lab.tui.paging import turn
from eks_lab.tui.question_rows import DomainRow, RangeRow, StepRow, TrackStanding
from eks_lab.tui.screens.base import LabScreen
from eks_lab.tui.screens.readiness import BAR_COLUMNS, LEGEND
from eks_lab.tui.summaries import bullets, line
from eks_lab.tui.typeset import Flow
from eks_lab.tui.widgets.key_footer import KeyFooter
from eks_lab.tui.widgets.prose import Prose
from eks_lab.tui.widgets.row_list import RowList
from eks_lab.tui.widgets.top_bar import TopBar

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from eks_lab.tui.question_access import QuestionAccess


SEVERAL = "A question of several domains stands in each of them, and once in the whole."


class StandingLoaded(Message):
    """A worker has worked out how the learner stands."""

    def __init__(self, standing: TrackStanding | EksLabError) -> None:
        """Carry it to the event loop.

        Args:
            standing: or why there is none.
        """
        super().__init__()
        self.standing = standing


class StandingScreen(LabScreen[None]):
    """The steps of today are a list; the rest is text below it."""

    BINDING_GROUP_TITLE = "Readiness"
    HELP = """
Enter opens the marked step of today. The range of a domain is the share of our questions that you would answer now; where
nothing was asked yet it is wide. `pagedown` scrolls to domains, gaps and forecast.
"""
    AUTO_FOCUS = None
    BINDINGS: ClassVar[list[BindingType]] = [
        # Before the list of steps, which would only jump to its last row.
        Binding(
            "pagedown,space",
            "page(1)",
            "Further down",
            priority=True,
            id="standing.down",
            tooltip="Further down",
        ),
        Binding(
            "pageup",
            "page(-1)",
            "Page up",
            priority=True,
            show=False,
            id="standing.up",
            tooltip="Further up",
        ),
        Binding("escape", "leave", "Back", id="standing.leave", tooltip="Back to the list of exams"),
    ]
    DEFAULT_CSS = """
    StandingScreen #standing-page { height: 1fr; scrollbar-size-vertical: 1; }
    StandingScreen #standing-steps { height: auto; margin: 1 0; padding: 0; }
    """

    def __init__(self, access: QuestionAccess, track: str) -> None:
        """Start empty.

        Args:
            access: is asked from worker threads.
            track: id of the exam.
        """
        super().__init__(name="standing")
        self._access = access
        self._track = track
        self._steps: tuple[StepRow, ...] = ()

    def compose(self) -> ComposeResult:
        """Compose the page."""
        yield TopBar("Questions", "Readiness", self._track)
        with VerticalScroll(id="standing-page", classes="page--column"):
            yield Prose([line("Looking at what you have answered…", "muted")], id="standing-whole")
            yield RowList(id="standing-steps")
            yield Prose([], id="standing-domains")
        yield KeyFooter()

    def on_screen_resume(self) -> None:
        """Show how things stand now."""
        self._load()

    @work(thread=True, exclusive=True, group="standing", exit_on_error=False)
    def _load(self) -> None:
        try:
            self.post_message(StandingLoaded(self._access.standing(self._track)))
        except EksLabError as error:
            self.post_message(StandingLoaded(error))

    @on(StandingLoaded)
    def _loaded(self, event: StandingLoaded) -> None:
        event.stop()
        whole = self.query_one("#standing-whole", Prose)
        rows = self.query_one("#standing-steps", OptionList)
        if isinstance(event.standing, EksLabError):
            whole.set_items([line(f"✗ {event.standing.message}", "problem"), line(event.standing.hint)])
            return
        standing = event.standing
        self._steps = standing.steps
        whole.set_items(whole_text(standing))
        at = rows.highlighted or 0
        rows.clear_options()
        rows.add_options([Option(self._row(number, step)) for number, step in enumerate(standing.steps, 1)])
        if standing.steps:
            rows.highlighted = min(at, len(standing.steps) - 1)
            rows.focus(scroll_visible=False)
        else:
            self.query_one("#standing-page").focus()
        self.query_one("#standing-domains", Prose).set_items(domains_text(standing))
        self.query_one(TopBar).remark = standing.track.whole.words

    def _row(self, number: int, step: StepRow) -> Content:
        return Content.assemble(
            (f"{number}. {step.text}", "bold"),
            (f"  about {step.minutes} min", "$text-accent"),
            "\n",
            (f"   {step.why}", "$text-muted"),
        )

    @on(OptionList.OptionSelected)
    def _chosen(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        step = self._steps[event.option_index]
        match step.kind:
            case "review":
                self.lab.show_review()
            case "lesson":
                self.post_message(LessonRequested(step.target))
            case "lab":
                self.lab.show_lab(step.target)
            case "drill":
                self.lab.show_drill(step.target)
            case "exam":
                self.lab.show_exams()

    def action_page(self, step: int) -> None:
        """Scroll the page, wherever the keys go."""
        turn(self.query_one("#standing-page", VerticalScroll), step)

    def action_leave(self) -> None:
        """Go back."""
        self.dismiss(None)


def whole_text(standing: TrackStanding) -> list[Flow]:
    """Return what stands above today's steps."""
    track = standing.track
    return [
        line(track.title, "title"),
        _bar(track.whole, track.pass_share, f"{track.answered} of {track.questions} answered"),
        line(standing.said, tight=True),
        line("Today", "heading2")
        if standing.steps
        else line(
            "Nothing is left to do today: every lesson is read, every lab solved, no card due.", "success"
        ),
    ]


def domains_text(standing: TrackStanding) -> list[Flow]:
    """Return domains, gaps and forecast."""
    items = [line("Domains", "heading2"), line(LEGEND, "muted", tight=True)]
    if sum(domain.questions for domain in standing.domains) > standing.track.questions:
        items.append(line(SEVERAL, "muted", tight=True))
    for domain in standing.domains:
        items += _domain(domain)
    gaps = [f"{domain.title}: {gap}" for domain in standing.domains for gap in domain.gaps]
    if gaps:
        items += [line("What practice here does not cover", "heading2"), *bullets(gaps)]
    items += [line("Retention", "heading2"), line(standing.forecast, tight=True)]
    for day, untouched, reviewed in standing.retention:
        when = "now" if day == 0 else f"in {day} days"
        text = f"{when:<10}  without reviews {_filled(untouched)} {untouched:>4.0%}   with {_filled(reviewed)} {reviewed:>4.0%}"
        items.append(Flow(Paragraph((Span(text, code=True),), 0), tight=day > 0))
    return items


def _domain(domain: DomainRow) -> list[Flow]:
    weight = f"{domain.weight:g} % of the exam" if domain.weight is not None else "weight not published"
    facts = [weight]
    if domain.questions:
        facts.append(f"{domain.answered} of {domain.questions} questions answered")
    if domain.labs:
        facts.append(f"{domain.solved} of {domain.labs} labs solved")
    items = [line(domain.title, "strong")]
    if domain.range is not None:
        items.append(_bar(domain.range, None, ""))
    else:
        facts.append("not covered by this course")
    return [*items, line(" · ".join(facts), "muted", tight=True)]


def _bar(shown: RangeRow, pass_share: float | None, said: str) -> Flow:
    bar = interval_bar(shown, BAR_COLUMNS, pass_share)
    spans = (Span(bar, code=True), Span(f"  {shown.words}"), Span(f" · {said}" if said else ""))
    return Flow(Paragraph(spans, 0), tight=True)


def _filled(share: float, columns: int = 10) -> str:
    full = round(share * columns)
    return "█" * full + "░" * (columns - full)
