"""A belief about a share: against values that are known, and its own laws."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eks_lab.learning.beta import Beta, weighted_mean

sides = st.floats(0.5, 500)


@pytest.mark.parametrize(
    ("belief", "share", "probability"),
    [
        (Beta(1, 1), 0.3, 0.3),
        (Beta(3, 1), 0.5, 0.125),
        (Beta(1, 3), 0.5, 0.875),
        (Beta(3, 5), 0.3, 0.3529305),
        (Beta(0.5, 0.5), 0.25, 1 / 3),
        (Beta(50, 50), 0.5, 0.5),
        (Beta(2, 2), 0, 0),
        (Beta(2, 2), 1, 1),
    ],
)
def test_known_values(belief: Beta, share: float, probability: float) -> None:
    assert belief.below(share) == pytest.approx(probability, abs=1e-9)


def test_nothing_known_may_be_anything_and_evidence_narrows_it() -> None:
    assert Beta().interval() == pytest.approx((0.1, 0.9))
    widths = []
    belief = Beta()
    for _ in range(4):
        low, high = belief.interval()
        widths.append(high - low)
        for _ in range(10):
            belief = belief.after(1).after(0)
    assert widths == sorted(widths, reverse=True)
    assert belief.mean == 0.5
    assert belief.evidence == 80
    assert Beta().after(0.5, weight=2) == Beta(2, 2)


@given(sides, sides, st.floats(0.01, 0.99))
def test_a_quantile_is_the_share_below_which_the_probability_lies(
    right: float, wrong: float, probability: float
) -> None:
    belief = Beta(right, wrong)
    share = belief.quantile(probability)
    assert 0 <= share <= 1
    assert belief.below(share) == pytest.approx(probability, abs=1e-6)
    assert Beta(wrong, right).below(1 - share) == pytest.approx(1 - probability, abs=1e-6)


@given(st.lists(st.tuples(st.floats(0.1, 100), st.builds(Beta, sides, sides)), min_size=1, max_size=6))
def test_the_whole_lies_among_its_parts_and_is_no_surer_than_they_are(
    parts: list[tuple[float, Beta]],
) -> None:
    whole = weighted_mean(parts)
    means = [each.mean for _, each in parts]
    assert min(means) - 1e-9 <= whole.mean <= max(means) + 1e-9
    assert whole.variance >= min(each.variance for _, each in parts) * (1 - 1e-6)
    assert whole.variance <= max(each.variance for _, each in parts) * (1 + 1e-6)


def test_nothing_known_of_the_parts_is_nothing_known_of_the_whole() -> None:
    whole = weighted_mean([(10, Beta()), (30, Beta()), (60, Beta())])
    assert (whole.right, whole.wrong) == pytest.approx((1, 1))
