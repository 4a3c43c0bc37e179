"""Lists: pages, a look back, refusals."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eks_lab.sim import store as store_module
from eks_lab.sim.api import ListOptions
from eks_lab.sim.objects import ApiError, Key
from tests.sim.small_cluster import config_map, small_api


def names(keys: list[Key]) -> list[str]:
    return [key.name for key in keys]


@given(st.integers(0, 12), st.integers(1, 5), st.booleans())
def test_pages_show_everything_once_as_it_was(count: int, limit: int, has_selector: bool) -> None:
    api = small_api()
    for number in range(count):
        api.create("configmaps", config_map(f"c{number:02}"))
    matches = (lambda obj: obj["metadata"]["name"] != "c03") if has_selector else None
    wanted = [f"c{number:02}" for number in range(count) if not (has_selector and number == 3)]
    page = api.page("configmaps", ListOptions(matches=matches, limit=limit))
    seen, revision = names(page.keys), page.revision
    while page.token:
        # What happens between pages does not show: the list is of one moment.
        api.create("configmaps", {"metadata": {"generateName": "c0"}}, namespace="default")
        if api.get("configmaps", Key("default", "c11")):
            api.delete("configmaps", Key("default", "c11"))
        page = api.page("configmaps", ListOptions(matches=matches, limit=limit, token=page.token))
        assert page.revision == revision
        seen += names(page.keys)
    assert seen == wanted


def test_a_page_says_how_many_remain() -> None:
    api = small_api()
    for number in range(5):
        api.create("configmaps", config_map(f"c{number}"))
    page = api.page("configmaps", ListOptions(limit=2))
    assert page.remaining == 3
    assert api.page("configmaps", ListOptions(limit=2, matches=lambda obj: True)).remaining is None


def test_an_expired_token_offers_the_inconsistent_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store_module, "KEPT_EVENTS", 3)
    api = small_api()
    for number in range(4):
        api.create("configmaps", config_map(f"c{number}"))
    page = api.page("configmaps", ListOptions(limit=2))
    for number in range(6):
        api.create("configmaps", config_map(f"d{number}"))
    with pytest.raises(ApiError, match="The provided continue parameter is too old") as caught:
        api.page("configmaps", ListOptions(limit=2, token=page.token))
    assert caught.value.code == 410
    rest = api.page("configmaps", ListOptions(token=caught.value.details["continue"]))
    assert names(rest.keys) == ["c2", "c3", *(f"d{number}" for number in range(6))]


def test_an_exact_revision_looks_back() -> None:
    api = small_api()
    first = api.create("configmaps", config_map("a", k="1"))
    revision = str(api.store.revision)
    api.update("configmaps", config_map("a", k="2"))
    api.create("configmaps", config_map("b"))
    page = api.page("configmaps", ListOptions(revision=revision, match="Exact"))
    assert page.objects == [first]
    newest = api.page("configmaps", ListOptions(revision=revision, match="NotOlderThan"))
    assert names(newest.keys) == ["a", "b"]


@pytest.mark.parametrize(
    ("options", "code", "text"),
    [
        (ListOptions(match="Exact"), 422, "resourceVersionMatch is forbidden unless resourceVersion is provided"),
        (ListOptions(match="x", revision="1"), 422, 'Unsupported value: "x"'),
        (ListOptions(match="Exact", revision="0"), 422, 'resourceVersionMatch "exact" is forbidden for resourceVersion "0"'),
        (ListOptions(revision="abc"), 400, 'strconv.ParseUint: parsing "abc": invalid syntax'),
        (ListOptions(revision="999"), 504, "Too large resource version: 999, current:"),
        (ListOptions(token="???"), 400, "continue key is not valid"),
    ],
)  # fmt: skip
def test_lists_that_are_refused(options: ListOptions, code: int, text: str) -> None:
    with pytest.raises(ApiError) as caught:
        small_api().page("configmaps", options)
    assert caught.value.code == code
    assert text in caught.value.message
