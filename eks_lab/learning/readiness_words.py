"""Readiness and forecast in sentences: the same for a terminal and for a screen."""

from __future__ import annotations

from collections.abc import Sequence

from eks_lab.learning.forecast import DayForecast
from eks_lab.learning.readiness import TrackReadiness


def readiness_words(readiness: TrackReadiness) -> str:
    """Return what is believed of a learner before an exam, with what is not known."""
    low, high = readiness.whole.interval()
    said = f"Of our questions for it, you would answer {low:.0%} to {high:.0%} now (80 % sure)."
    if not readiness.has_weights:
        said += " No weights are published, so every domain counts the same."
    if readiness.chance is not None and readiness.pass_share is not None:
        said += (
            f" The chance that this is {readiness.pass_share:.0%} or more, where the exam passes: "
            f"{readiness.chance:.0%}. The exam asks other questions."
        )
    else:
        said += " The issuer publishes no share of points that passes."
    return said


def forecast_words(forecast: Sequence[DayForecast]) -> str:
    """Return how much of what was reviewed will be known."""
    if not forecast:
        return "Retention: nothing was reviewed yet, so there is nothing to forecast."
    first, last = forecast[0], forecast[-1]
    reviews = sum(day.reviews for day in forecast)
    return (
        f"Retention of what you reviewed: {first.untouched:.0%} now. In {last.day} days {last.untouched:.0%} without"
        f" reviews, {last.reviewed:.0%} when the daily queue is done and known ({reviews} reviews)."
    )
