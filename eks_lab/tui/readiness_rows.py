"""Readiness as the rows that its screens show."""

from __future__ import annotations

from eks_lab.learning.beta import Beta
from eks_lab.learning.overview import Overview
from eks_lab.learning.readiness import TrackReadiness
from eks_lab.learning.readiness_words import forecast_words, readiness_words
from eks_lab.tui.question_rows import DomainRow, RangeRow, StepRow, TrackRow, TrackStanding

FORECAST_DAYS = (0, 7, 14, 30)
"""Of the forecast, the days that are shown."""


def track_row(readiness: TrackReadiness) -> TrackRow:
    """Return an exam as its row.

    Args:
        readiness: for it.
    """
    return TrackRow(
        readiness.id,
        readiness.title,
        _range(readiness.whole),
        readiness.questions,
        readiness.answered,
        readiness.pass_share,
    )


def standing_row(row: TrackRow, overview: Overview) -> TrackStanding:
    """Return how a learner stands before an exam.

    Args:
        row: of the exam.
        overview: of the learner.
    """
    domains = tuple(
        DomainRow(
            domain.title,
            domain.weight,
            _range(domain.belief) if domain.is_covered else None,
            domain.questions,
            domain.answered,
            domain.labs,
            domain.solved,
            domain.not_covered,
        )
        for domain in overview.readiness.domains
    )
    return TrackStanding(
        row,
        readiness_words(overview.readiness),
        domains,
        tuple(StepRow(step.kind, step.text, step.why, step.minutes, step.target) for step in overview.steps),
        forecast_words(overview.forecast),
        tuple(
            (day.day, day.untouched, day.reviewed) for day in overview.forecast if day.day in FORECAST_DAYS
        ),
    )


def _range(belief: Beta) -> RangeRow:
    low, high = belief.interval()
    return RangeRow(low, belief.mean, high)
