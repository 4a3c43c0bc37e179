"""What the command palette offers: only what works now."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from textual.command import DiscoveryHit, Hit, Hits, Provider

from eks_lab.errors import EksLabError
from eks_lab.tui.library import MARKS, WORDS
from eks_lab.tui.messages import LessonRequested
from eks_lab.tui.themes import THEME_LABELS

if TYPE_CHECKING:
    from eks_lab.tui.app import EksLabApp


@dataclass(frozen=True, slots=True)
class Command:
    """One line of the palette."""

    name: str
    help: str
    run: Callable[[], Any]


class CourseProvider(Provider):
    """Offers `commands()`, all of them while nothing is typed, the fitting ones after that."""

    shown_at_once = True
    """Whether its commands are listed before anything is typed."""

    @property
    def lab(self) -> EksLabApp:
        """The app."""
        return cast("EksLabApp", self.app)

    def commands(self) -> Iterable[Command]:
        """Return what can be done now."""
        raise NotImplementedError

    async def discover(self) -> Hits:
        """List everything."""
        if self.shown_at_once:
            for command in self.commands():
                yield DiscoveryHit(command.name, command.run, help=command.help)

    async def search(self, query: str) -> Hits:
        """List what fits, best first."""
        matcher = self.matcher(query)
        for command in self.commands():
            score = matcher.match(command.name)
            if score > 0:
                yield Hit(score, matcher.highlight(command.name), command.run, help=command.help)


class ActionCommands(CourseProvider):
    """Every action of the screen below, as its keys offer it."""

    def commands(self) -> Iterable[Command]:
        """Return enabled actions with their keys."""
        seen: set[tuple[object, str]] = set()
        for node, binding, enabled, tooltip in self.screen.active_bindings.values():
            is_shown = binding.show or (binding.id or "").startswith("app.")
            action = binding.action.removeprefix("app.")
            if not (enabled and is_shown and binding.description) or action in ("command_palette",):
                continue
            if (node, action) in seen:
                continue
            seen.add((node, action))
            key = self.app.get_key_display(binding)
            run = partial(self.app.run_action, binding.action, node)
            yield Command(f"{binding.description} ({key})", tooltip or binding.description, run)


class LessonCommands(CourseProvider):
    """Every lesson by title."""

    shown_at_once = False

    def commands(self) -> Iterable[Command]:
        """Return lessons with their standing."""
        if not self.lab.is_open:
            return
        library = self.lab.library
        for lesson in library.course.lessons:
            status = library.status(lesson.id)
            about = f"{MARKS[status]} {WORDS[status]} · {lesson.head.minutes} min · {lesson.head.summary}"
            yield Command(f"Lesson: {lesson.title}", about, partial(self._open, lesson.id))

    def _open(self, lesson_id: str) -> None:
        self.lab.post_message(LessonRequested(lesson_id))


class ThemeCommands(CourseProvider):
    """Themes, and the settings screen line by line."""

    def commands(self) -> Iterable[Command]:
        """Return the themes but the present one."""
        for name, label in THEME_LABELS.items():
            if name != self.app.theme:
                yield Command(
                    f"Theme: {label}",
                    "Use these colours from now on",
                    partial(self.lab.change_setting, "theme", name),
                )


class QuestionCommands(CourseProvider):
    """Everything that is done with questions."""

    def commands(self) -> Iterable[Command]:
        """Return the modes, then a quiz of each chapter."""
        if not self.lab.is_open:
            return
        lab = self.lab
        yield Command("Questions: daily review", "What you are about to forget", lab.show_review)
        yield Command("Questions: drill", "Ten questions of what you know least", lab.show_drill)
        yield Command("Questions: exams", "Timed sittings and their reports", lab.show_exams)
        yield Command("Questions: interviews", "Timed conversations and scorecards", lab.show_interviews)
        yield Command("Questions: readiness", "How ready you are for each exam", lab.show_readiness)
        for chapter in lab.library.chapters:
            yield Command(
                f"Quiz: {chapter.number} {chapter.title}",
                "Twelve questions of this chapter",
                partial(lab.show_quiz, chapter.id),
            )


class LiveCommands(CourseProvider):
    """Calculators, generators and diagrams outside their lessons."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Start without the diagrams' titles."""
        super().__init__(*args, **kwargs)
        self._diagrams: list[tuple[str, str]] = []

    async def startup(self) -> None:
        """Read the titles of the diagrams off the event loop."""
        if self.lab.is_open:
            self._diagrams = await asyncio.to_thread(self._read_titles)

    def _read_titles(self) -> list[tuple[str, str]]:
        from eks_lab.content.diagram.load import diagram_ids, load_diagram

        root = self.lab.library.loaded.root
        titles = []
        for diagram_id in diagram_ids(root):
            try:
                titles.append((diagram_id, load_diagram(root, diagram_id).title))
            except EksLabError:
                # A broken one is listed by its id: opening it says what is wrong.
                titles.append((diagram_id, diagram_id))
        return titles

    def commands(self) -> Iterable[Command]:
        """Return calculators, then generators, then diagrams."""
        from eks_lab.calc.registry import get, names
        from eks_lab.generate.registry import get as get_generator
        from eks_lab.generate.registry import names as generator_names

        for name in names():
            calculator = get(name)
            yield Command(
                f"Calculator: {calculator.title}",
                calculator.summary,
                partial(self.lab.show_live, "calculator", name),
            )
        for name in generator_names():
            generator = get_generator(name)
            yield Command(
                f"Generator: {generator.title}", generator.summary, partial(self.lab.show_generator, name)
            )
        for diagram_id, title in self._diagrams:
            yield Command(
                f"Diagram: {title}", "Step through it", partial(self.lab.show_live, "diagram", diagram_id)
            )
