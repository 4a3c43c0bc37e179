"""Tracks: the shipped ones are sound and sourced, mistakes are found and placed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
import yaml

from eks_lab.content.tracks import OURS, PassLine, Track, chosen_track, mistakes, open_tracks, read_track
from eks_lab.errors import ContentError, InputError
from eks_lab.learning.exams.composition import compose, length_of
from eks_lab.locations import content_root
from tests.learning.exams.samples import plenty, track

LESSONS = Path(__file__).parents[2] / "lessons"
TRACKS = open_tracks(LESSONS)
SHIPPED = [pytest.param(each, id=each.id) for each in TRACKS.values()]
COURSE = yaml.safe_load((LESSONS / "course.yaml").read_text(encoding="utf-8"))


def test_all_that_were_promised_are_there() -> None:
    assert set(TRACKS) == {
        *("cka", "ckad", "cks", "kcna", "kcsa"),
        *("dop-c02", "scs-c03", "soa-c03", "sap-c02", "eks-engineer"),
    }


@pytest.mark.parametrize("shipped", SHIPPED)
def test_a_shipped_track_is_sound_and_says_where_its_facts_come_from(shipped: Track) -> None:
    skills = [each["id"] for each in COURSE["skills"]]
    chapters = [each["id"] for each in COURSE["chapters"]]
    assert mistakes(shipped, skills, chapters) == []
    said = {fact for source in shipped.sources for fact in source.says}
    assert said >= {"weights", "minutes", "pass line"}
    assert all(source.checked >= date(2026, 11, 23) for source in shipped.sources)
    if shipped.issuer != OURS:
        assert any(domain.not_covered for domain in shipped.domains)
        assert "recall" not in shipped.practice.kinds


@pytest.mark.parametrize("shipped", SHIPPED)
def test_the_shares_of_every_shipped_track_match_its_weights_over_many_seeds(shipped: Track) -> None:
    everywhere = replace(
        shipped,
        domains=[replace(domain, skills=[*domain.skills, f"only-{domain.id}"]) for domain in shipped.domains],
    )
    offers = [
        replace(each, id=f"{each.id}.{kind}", kind=kind, skills=each.skills[-1:])
        for each in plenty(everywhere, 65)
        for kind in shipped.practice.kinds[:1]
    ]
    for seed in range(40):
        for is_short in (False, True):
            plan = compose(everywhere, offers, seed, length_of(everywhere, short=is_short))
            got = {share.domain: 0.0 for share in plan.shares}
            for task in plan.tasks:
                got[task.domain] += task.points
            for domain in shipped.domains:
                assert domain.weight is not None
                assert abs(got[domain.id] - domain.weight) <= 2
            assert len({task.offer.id for task in plan.tasks}) == len(plan.tasks)


def test_published_weights_are_as_their_sources_have_them() -> None:
    """cncf/curriculum as of March 2026; the AWS exam guides as others repeat them, 2026-11-23."""
    weights = {name: [domain.weight for domain in each.domains] for name, each in TRACKS.items()}
    assert weights["cka"] == [10, 30, 15, 25, 20]
    assert weights["ckad"] == [20, 20, 15, 25, 20]
    assert weights["cks"] == [15, 15, 10, 20, 20, 20]
    assert weights["kcna"] == [44, 28, 16, 12]
    assert weights["kcsa"] == [14, 22, 22, 16, 16, 10]
    assert weights["dop-c02"] == [22, 17, 15, 15, 14, 17]
    assert weights["scs-c03"] == [16, 14, 18, 20, 18, 14]
    assert weights["soa-c03"] == [22, 22, 22, 16, 18]
    assert weights["sap-c02"] == [26, 29, 25, 20]
    assert all(TRACKS[name].is_first_hand("weights") for name in ("cka", "ckad", "cks", "kcna", "kcsa"))
    assert not TRACKS["dop-c02"].is_first_hand("weights")


def test_aws_pass_lines_are_scaled_and_those_of_the_cncf_percent() -> None:
    scales = {name: each.pass_line.scale for name, each in TRACKS.items() if each.pass_line}
    assert {name for name, scale in scales.items() if scale == "scaled"} == {
        "dop-c02", "scs-c03", "soa-c03", "sap-c02"
    }  # fmt: skip


@pytest.mark.parametrize(
    ("spoiled", "says"),
    [
        (replace(track(), domains=track().domains[:1]), "two or more"),
        (track((50, None)), "some have none"),
        (track((50, 40)), "in all 90"),
        (replace(track(), sources=[]), "no source says where the weights"),
        (replace(track(), pass_line=PassLine(value=120, scale="percent")), "outside its scale"),
        (replace(track(), effective=date(2026, 2, 1), retired=date(2026, 1, 1)), "before it took effect"),
        (track(questions=2), "asks 2 questions"),
        (replace(track(), minutes=0), "minutes is 0"),
        (replace(track(), sources=[replace(track().sources[0], url="http://x")]), "no https address"),
        (replace(track(), practice=replace(track().practice, instead=["choice"])), "both"),
        (replace(track(), domains=[*track().domains, replace(track().domains[0], id="e", skills=[])]), "no skills"),
    ],
)  # fmt: skip
def test_mistakes_are_found(spoiled: Track, says: str) -> None:
    assert mistakes(track()) == []
    assert any(says in mistake for mistake in mistakes(spoiled))


def test_skills_and_chapters_have_to_be_the_courses() -> None:
    assert mistakes(track(), ["s0", "s1", "s2"], ["c"]) == []
    assert "s2" in mistakes(track(), ["s0", "s1"], ["c"])[0]


def test_a_broken_file_is_named_with_its_line(tmp_path: Path) -> None:
    sound = (LESSONS / "tracks" / "cka.yaml").read_text(encoding="utf-8")
    path = tmp_path / "cka.yaml"
    for old, new, says in (
        ("weight: 10", "weight: many", r"cka\.yaml:\d+: domains\.0\.weight is 'many'"),
        ("minutes: 120", "minute: 120", "minute"),
        ("weight: 10", "weight: 11", "in all 101"),
        ("id: cka", "id: other", "Call it 'cka'"),
        ("id: cka", "id: [", r"cka\.yaml:\d+: not valid YAML"),
    ):
        path.write_text(sound.replace(old, new, 1), encoding="utf-8")
        with pytest.raises(ContentError, match=says):
            read_track(path)


def test_a_track_is_found_by_its_name_and_the_nearest_is_offered() -> None:
    assert chosen_track(TRACKS, "CKA").id == "cka"
    with pytest.raises(InputError, match="no exam track 'ckb'") as error:
        chosen_track(TRACKS, "ckb")
    assert "cka" in error.value.hint or "ckad" in error.value.hint or "cks" in error.value.hint


def test_a_course_without_tracks_has_none(tmp_path: Path) -> None:
    assert open_tracks(tmp_path) == {}


def test_a_retired_track_knows_it() -> None:
    old = replace(track(), retired=date(2026, 6, 30))
    assert old.is_retired(date(2026, 7, 1))
    assert not old.is_retired(date(2026, 6, 30))
    assert not track().is_retired(date(2036, 1, 1))


def test_author_check_reads_the_tracks(tmp_path: Path) -> None:
    """A weight that does not fit, a skill that is none, and YAML that cannot be read, each in its file."""
    from eks_lab.content.check.tracks import check_tracks
    from eks_lab.content.load import survey_course

    course = survey_course(content_root() / "lessons").course_file
    assert course is not None
    assert check_tracks(content_root() / "lessons", course) == []
    folder = tmp_path / "tracks"
    folder.mkdir()
    text = (content_root() / "lessons" / "tracks" / "eks-engineer.yaml").read_text()
    skill = yaml.safe_load(text)["domains"][0]["skills"][0]
    (folder / "eks-engineer.yaml").write_text(text.replace(f"[{skill}", f"[{skill}-none"))
    (folder / "broken.yaml").write_text("id: [\n")
    found = {finding.path: finding for finding in check_tracks(tmp_path, course)}
    assert set(found) == {"tracks/broken.yaml", "tracks/eks-engineer.yaml"}
    assert f"{skill}-none" in found["tracks/eks-engineer.yaml"].message
    assert found["tracks/broken.yaml"].line >= 1
