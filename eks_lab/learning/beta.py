"""What is believed of a share after some evidence: the Beta distribution.

With a prior Beta(1, 1) every share from 0 to 1 is as likely; each piece of evidence adds its weight times its score
to one side and the rest to the other. So few answers give a wide interval and many a narrow one.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

_STEPS = 300
_CLOSE = 1e-12


@dataclass(frozen=True, slots=True)
class Beta:
    """A share that is not known exactly."""

    right: float = 1.0
    """Weight of what speaks for it, with the prior's 1."""
    wrong: float = 1.0
    """Weight of what speaks against it, with the prior's 1."""

    @property
    def mean(self) -> float:
        """Return the expected share."""
        return self.right / (self.right + self.wrong)

    @property
    def variance(self) -> float:
        """Return how uncertain the share is."""
        total = self.right + self.wrong
        return self.right * self.wrong / (total * total * (total + 1))

    @property
    def evidence(self) -> float:
        """Return the weight of the evidence, the prior left out."""
        return self.right + self.wrong - 2

    def after(self, score: float, weight: float = 1.0) -> Beta:
        """Return the belief after one more piece of evidence.

        Args:
            score: 0 to 1.
            weight: how much it counts; 1 is one answer of today.
        """
        return Beta(self.right + weight * score, self.wrong + weight * (1 - score))

    def below(self, share: float) -> float:
        """Return how likely the true share is at most `share`: the regularised incomplete beta function."""
        if share <= 0:
            return 0.0
        if share >= 1:
            return 1.0
        a, b = self.right, self.wrong
        front = math.exp(
            math.lgamma(a + b)
            - math.lgamma(a)
            - math.lgamma(b)
            + a * math.log(share)
            + b * math.log1p(-share)
        )
        # The continued fraction converges quickly on this side of the mean only.
        if share < (a + 1) / (a + b + 2):
            return min(1.0, front * _fraction(share, a, b) / a)
        return max(0.0, 1 - front * _fraction(1 - share, b, a) / b)

    def quantile(self, probability: float) -> float:
        """Return the share that the true one is below with a probability."""
        low, high = 0.0, 1.0
        for _ in range(60):
            middle = (low + high) / 2
            low, high = (middle, high) if self.below(middle) < probability else (low, middle)
        return (low + high) / 2

    def interval(self, probability: float = 0.8) -> tuple[float, float]:
        """Return the shares between which the true one lies with a probability, as much left out on each side."""
        rest = (1 - probability) / 2
        return self.quantile(rest), self.quantile(1 - rest)


def weighted_mean(parts: Iterable[tuple[float, Beta]]) -> Beta:
    """Return the belief about a weighted mean of shares.

    The shares are taken to err together: who is better than believed in one domain likely is in the others, too. So
    nothing known of any domain is nothing known of the whole. The mean of such shares is no Beta exactly; returned is
    the one with its mean and its variance.

    Args:
        parts: weight and belief; the weights need not sum to 1, one of them is positive.
    """
    listed = list(parts)
    whole = sum(weight for weight, _ in listed)
    mean = sum(weight * each.mean for weight, each in listed) / whole
    deviation = sum(weight / whole * math.sqrt(each.variance) for weight, each in listed)
    strength = mean * (1 - mean) / deviation**2 - 1
    return Beta(mean * strength, (1 - mean) * strength)


def _fraction(x: float, a: float, b: float) -> float:
    """Return the continued fraction of the incomplete beta function (DLMF 8.17.22), by Lentz's method."""
    tiny = 1e-300
    c, d = 1.0, 1.0 - (a + b) * x / (a + 1)
    d = 1 / (d if abs(d) > tiny else tiny)
    value = d
    for m in range(1, _STEPS):
        for numerator in (
            m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
        ):
            d = 1 + numerator * d
            c = 1 + numerator / c
            d = 1 / (d if abs(d) > tiny else tiny)
            c = c if abs(c) > tiny else tiny
            value *= d * c
        if abs(d * c - 1) < _CLOSE:
            break
    return value
