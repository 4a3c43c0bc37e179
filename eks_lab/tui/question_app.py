"""The app's way to questions: who has them, and their screens. Nothing of it is loaded before it is wanted."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from textual import on, work

from eks_lab.errors import EksLabError, UnavailableError
from eks_lab.tui.lab_app import LabApp
from eks_lab.tui.messages import CourseOpened, DueCounted, QuestionsRequested
from eks_lab.tui.screen_stack import show

if TYPE_CHECKING:
    from eks_lab.content.model import LoadedCourse
    from eks_lab.learning.progress import Progress
    from eks_lab.tui.question_access import QuestionAccess


class QuestionApp(LabApp):
    """An app with quizzes, reviews, interviews and exams."""

    @cached_property
    def questions(self) -> QuestionAccess:
        """Whoever has the questions; nothing is read before it is asked."""
        from eks_lab.tui.local_questions import LocalQuestions

        return LocalQuestions(self._loaded_course, self._whole_record, self.cache_dir, self.clock)

    def on_unmount(self) -> None:
        """End the bench of practical questions."""
        if "questions" in self.__dict__:
            self.questions.close()

    def _loaded_course(self) -> LoadedCourse:
        return self.library.loaded

    def _whole_record(self) -> Progress:
        # Asked from worker threads only. A quick hand is here before the record is open.
        self._record_opened.wait(self.RECORD_SECONDS)
        if self._progress is None:
            raise UnavailableError(
                "your record is not open yet",
                hint="Wait a moment; what is wrong with it is said at the start.",
            )
        return self._progress

    # What is due

    @on(CourseOpened)
    def _count_once_idle(self) -> None:
        # The first frames and the first keys come before a number that nobody waits for.
        self.when_idle(self.count_due)

    @work(thread=True, exclusive=True, group="due", exit_on_error=False)
    def count_due(self) -> None:
        """Count what is to be reviewed, for the home screen."""
        try:
            self.post_message(DueCounted(self.questions.due_count()))
        except EksLabError:
            # Whoever opens the review is told why; a number on the home screen is no reason to complain.
            return

    @on(DueCounted)
    def _due_counted(self, event: DueCounted) -> None:
        # It was counted when the app had time; by now it may be on its way out.
        if self.is_running and self.screen_stack:
            self.home.show_due(event.count)

    # Screens

    @on(QuestionsRequested)
    def _questions_requested(self) -> None:
        self.action_questions()

    def action_questions(self) -> None:
        """Show what can be done with questions."""
        from eks_lab.tui.screens.questions import QuestionsScreen

        show(self, QuestionsScreen(self.questions))

    def show_review(self) -> None:
        """Hold the daily review."""
        from eks_lab.tui.screens.review import ReviewScreen

        show(self, ReviewScreen(self.questions))

    def show_quiz(self, chapter: str) -> None:
        """Ask questions of a chapter.

        Args:
            chapter: its id.
        """
        from eks_lab.tui.screens.quiz_run import QuizRunScreen

        show(self, QuizRunScreen(self.questions, "Quiz", lambda: self.questions.quiz(chapter)))

    def show_drill(self, skill: str = "") -> None:
        """Ask what the learner knows least.

        Args:
            skill: only this one; empty for all.
        """
        from eks_lab.tui.screens.quiz_run import QuizRunScreen

        show(self, QuizRunScreen(self.questions, "Drill", lambda: self.questions.drill(skill)))

    def show_readiness(self, track: str = "") -> None:
        """Show how ready the learner is for exams.

        Args:
            track: id of one; empty for the list of all.
        """
        if track:
            from eks_lab.tui.screens.standing import StandingScreen

            show(self, StandingScreen(self.questions, track))
            return
        from eks_lab.tui.screens.readiness import ReadinessScreen

        show(self, ReadinessScreen(self.questions))

    def show_exams(self) -> None:
        """List exams and past sittings."""
        from eks_lab.tui.screens.exams import ExamsScreen

        show(self, ExamsScreen(self.questions))

    def show_interviews(self) -> None:
        """List interviews."""
        from eks_lab.tui.screens.interviews import InterviewsScreen

        show(self, InterviewsScreen(self.questions))
