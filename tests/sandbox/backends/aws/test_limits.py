"""Time and money: what a session may cost, what it has cost, and what is refused."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eks_lab.errors import DataError, InputError
from eks_lab.sandbox.backends.aws import ledger, limits, price, profile, wanted
from eks_lab.sandbox.backends.aws.ledger import Head, Ledger
from eks_lab.sandbox.backends.interface import Wishes
from eks_lab.sandbox.state_directory import StateDirectory
from tests.sandbox.backends.aws.own_account import MORNING, PROFILE, write_profiles

TODAY = date(2026, 11, 23)


def head(hours: float = 3.0, budget_usd: float = 1.0, usd_per_hour: float = 0.2) -> Head:
    return Head(
        session="0000abcd", mode="new", profile=PROFILE, account="123456789012", principal="arn:aws:iam::1:user/a",
        region="us-east-1", cluster="mine", started=MORNING, hours=hours, budget_usd=budget_usd,
        usd_per_hour=usd_per_hour,
    )  # fmt: skip


@given(
    st.floats(0.1, 72), st.floats(0.1, 50), st.floats(0.01, 30), st.floats(0, 100)
)  # hours, budget, price an hour, hours that have passed
def test_a_limit_has_passed_when_time_or_money_is_up(
    hours: float, budget_usd: float, usd_per_hour: float, passed_hours: float
) -> None:
    kept = Ledger(Path("nowhere"), head(hours, budget_usd, usd_per_hour))
    now = MORNING + timedelta(hours=passed_hours)
    assert limits.passed(kept, now) == "", "nothing was made, so nothing costs"
    kept.entries["vpc"] = ledger.Entry("vpc", "vpc", "x")
    spent = limits.spent_usd(kept.head, now)
    assert spent == pytest.approx(passed_hours * usd_per_hour, abs=0.01)
    is_over = now >= kept.head.expires or spent >= budget_usd
    assert bool(limits.passed(kept, now)) is is_over
    if is_over:
        with pytest.raises(InputError, match="Nothing further is made"):
            limits.require_within(kept, now)


@given(st.floats(0.001, 100), st.floats(0.01, 72))
def test_the_most_it_costs_is_never_less_than_price_times_time(usd_per_hour: float, hours: float) -> None:
    most = price.most_usd(usd_per_hour, hours)
    assert usd_per_hour * hours - 1e-9 <= most <= usd_per_hour * hours + 0.0101


@given(st.integers(1, 10))
def test_every_node_adds_its_price(nodes: int) -> None:
    """Instance, 20 GiB of gp3 and a public address; the control plane once."""
    found = price.hourly(nodes, "t3.medium", 20, "1.36", TODAY)
    each = 0.0416 + 20 * 0.08 / 730 + 0.005
    assert found.usd_per_hour == pytest.approx(0.10 + nodes * each, abs=1e-4)
    assert sum(usd for _, usd in found.rows) == pytest.approx(found.usd_per_hour, abs=1e-3)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path))
    keys = {"aws_access_key_id": "AKIAOWN", "aws_secret_access_key": "own"}
    profiles = {PROFILE: {**keys, "region": "eu-west-1"}, "placeless": keys, "empty": {"region": "us-east-1"}}
    profiles["role"] = {"role_arn": "arn:aws:iam::1:role/a", "source_profile": PROFILE}
    profiles["round"] = {"role_arn": "arn:aws:iam::1:role/a", "source_profile": "about"}
    profiles["about"] = {"role_arn": "arn:aws:iam::1:role/b", "source_profile": "round"}
    write_profiles(tmp_path, profiles)
    return tmp_path


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize(
    ("wishes", "message"),
    [
        (Wishes(), "name the AWS profile"),
        (Wishes(profile="nobody"), "have no profile 'nobody'"),
        (Wishes(profile="empty"), "has no credentials"),
        (Wishes(profile="round"), "based on one another"),
        (Wishes(profile="placeless"), "--region"),
        (Wishes(profile=PROFILE, region="Frankfurt"), "'Frankfurt' is no region"),
        (Wishes(profile=PROFILE, cluster="a", new="b"), "not both"),
        (Wishes(profile=PROFILE, read_only=True), "--read-only"),
        (Wishes(profile=PROFILE, new="no spaces"), "no name of a cluster"),
        (Wishes(profile=PROFILE, cluster="a", nodes=3), "--nodes: nothing is made"),
        (Wishes(profile=PROFILE, cluster="a", budget_usd=3), "--budget-usd: nothing is made"),
        (Wishes(profile=PROFILE, nodes=0), "not between 1 and 10"),
        (Wishes(profile=PROFILE, hours=100), "--hours"),
        (Wishes(profile=PROFILE, hours=0), "--hours"),
        (Wishes(profile=PROFILE, budget_usd=-1), "--budget-usd"),
        (
            Wishes(profile=PROFILE, hours=10, budget_usd=1),
            "cost up to \\$1.98, more than the limit of \\$1.00",
        ),
        (Wishes(profile=PROFILE, instance="t3.gigantic"), "t3.gigantic"),
        (Wishes(profile=PROFILE, version="1.2"), "1.2"),
    ],
)
def test_wishes_that_cannot_be_had(wishes: Wishes, message: str) -> None:
    with pytest.raises(InputError, match=message):
        wanted.of(wishes, TODAY)


@pytest.mark.usefixtures("home")
def test_what_is_not_said_is_cheap_and_short() -> None:
    found = wanted.of(Wishes(profile=PROFILE), TODAY)
    assert (found.mode, found.region, found.cluster, found.nodes) == ("new", "eu-west-1", "eks-lab", 2)
    assert (found.instance, found.hours, found.budget_usd) == ("t3.medium", 3.0, found.most_usd)
    assert found.most_usd == 0.6


@pytest.mark.usefixtures("home")
def test_a_role_takes_a_request_more_and_says_so() -> None:
    found = profile.read("role")
    assert found.also_asks == ("sts:AssumeRole for arn:aws:iam::1:role/a",)
    assert found.way == "an access key in ~/.aws, then a role is taken"


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b'{"format": 2}', b'{"format": 1, "head": {}, "entries": []}']
)
def test_a_damaged_record_is_never_taken_for_none(tmp_path: Path, content: bytes) -> None:
    directory = StateDirectory(tmp_path)
    assert ledger.read(directory) is None
    path = ledger.path_of(directory)
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    with pytest.raises(DataError, match="cannot tell what was made") as caught:
        ledger.read(directory)
    assert "eks-lab:session" in caught.value.hint


@settings(max_examples=15, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["vpc", "cluster", "role"]), st.sampled_from(["intend", "made", "removed"])
        ),
        max_size=6,
    )
)
def test_the_record_comes_back_as_it_was_written(moves: list[tuple[str, str]]) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        directory = StateDirectory(Path(folder))
        kept = Ledger(ledger.path_of(directory), head())
        kept.write()
        for step, move in moves:
            kept.intend(step, step, f"name-{step}")
            if move == "made":
                kept.made(step, f"id-{step}")
            elif move == "removed":
                kept.removed(step)
        found = ledger.read(directory)
        assert found is not None
        assert (found.head, found.entries) == (kept.head, kept.entries)
        assert [each.step for each in found.open] == [
            each.step for each in reversed(kept.entries.values()) if each.state != "removed"
        ]


def test_a_time_without_a_zone_is_no_time(tmp_path: Path) -> None:
    directory = StateDirectory(tmp_path)
    kept = Ledger(ledger.path_of(directory), head())
    kept.write()
    document = json.loads(kept.path.read_text())
    document["head"]["started"] = datetime(2026, 1, 1, tzinfo=UTC).replace(tzinfo=None).isoformat()
    kept.path.write_text(json.dumps(document))
    with pytest.raises(DataError, match="no time zone"):
        ledger.read(directory)
