"""Every mistake of an author comes out as file, line, what is wrong and what to write."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
import yaml

from eks_lab.errors import InputError
from eks_lab.grading.lab_file import LabFileError, load_lab, read_lab
from eks_lab.grading.new import write_lab
from eks_lab.grading.schema import schema, schema_text


def findings(folder: Path, old: str, new: str) -> list[str]:
    write_lab(folder, "sample")
    path = folder / "sample" / "lab.yaml"
    text = path.read_text()
    assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times"
    path.write_text(text.replace(old, new))
    lab, found = read_lab(folder / "sample")
    assert found
    assert lab is None or found
    prefix = f"{path.as_posix()}:"
    shown = [str(each) for each in found]
    assert all(each.startswith(prefix) for each in shown)
    return [each.removeprefix(prefix) for each in shown]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "title: A Deployment without pods",
            "titel: A Deployment without pods",
            "3: error: titel is not a known field",
        ),
        ("minutes: 5\n", "minutes: soon\n", "7: error: minutes is 'soon'"),
        ("chapter: 0", "chapter: 77", "4: error: chapter is 77"),
        ("difficulty: 1", "difficulty: 4", "6: error: difficulty is 4"),
        ("id: sample", "id: Sample", "2: error: id is 'Sample'"),
        ("id: sample", "id: other", "2: error: id is 'other', the folder 'sample'"),
        ("title: A D", "title: [A D", "error: not valid YAML"),
        (
            "title: A Deployment without pods",
            "title: !!python/name:os.system x",
            "error: a value cannot be read",
        ),
        ("title: A Deployment without pods", "title: &a x", "anchors and aliases"),
        ("minutes: 5\n", "minutes: 5\nminutes: 6\n", "8: error: the key 'minutes' stands twice"),
        ("weight: 100", "weight: 90", "error: the weights make 90"),
        ("caught_by: pods-run", "caught_by: podsrun", "error: there is no check 'podsrun'"),
        ("range: [2, 4]", "range: [4, 2]", "error: vars.replicas.range is [4, 2]"),
        ("range: [2, 4]", "choose: [], range: [1, 2]", "error: vars.replicas has choose and range"),
        (
            "--replicas={{ replicas }}",
            "--replicas={{ replica }}",
            "the template cannot be filled: 'replica' is undefined",
        ),
        ("- apply: files/web.yaml", "- apply: files/wob.yaml", "files/wob.yaml is not in the lab's folder"),
        (
            "- apply: files/web.yaml",
            "- apply: ../web.yaml",
            "'../web.yaml' does not stay inside the lab's folder",
        ),
        (
            "- apply: files/web.yaml",
            "- apply: /etc/passwd",
            "'/etc/passwd' does not stay inside the lab's folder",
        ),
        ("- apply: files/web.yaml", "- kubectl: get pods", "1: error: files/web.yaml is used nowhere"),
        ("- apply: files/web.yaml", "- {apply: files/web.yaml, kubectl: get pods}", "has apply and kubectl"),
        ("- apply: files/web.yaml", "- {apply: files/web.yaml, wait: {until: {}}}", "has apply and wait"),
        (
            "- apply: files/web.yaml",
            "- {apply: files/web.yaml, fails: true}\n    - advance: soon",
            "'soon' is no duration",
        ),
        (
            "    caught_by: pods-run",
            "      - fault: {id: locked-out}\n    caught_by: pods-run",
            "fault cannot be done by a learner",
        ),
        (
            "    caught_by: pods-run",
            "      - answer: {check: pods-run, value: 1}\n    caught_by: pods-run",
            "asks no question",
        ),
        (
            "minutes: 5\n",
            "minutes: 5\npatience: 5 minutes\n",
            "8: error: patience: '5 minutes' is no duration",
        ),
        (
            "backends: {embedded: full,",
            "backends: {embedded: partial,",
            "error: backends.embedded is 'partial'",
        ),
        (
            'where: {.status.phase: Running}\n      count: "{{ replicas }}"',
            "path: .x\n      matches: '('",
            "is no regular expression",
        ),
        (
            'where: {.status.phase: Running}\n      count: "{{ replicas }}"',
            "path: .x\n      matches: 'a{99999999999}'",
            "is no regular expression: the repetition number is too large",
        ),
        (
            'where: {.status.phase: Running}\n      count: "{{ replicas }}"',
            "path: .x\n      matches: '(?a)(?u)'",
            "is no regular expression: ASCII and UNICODE",
        ),
        ("requires: [cluster, kubectl]", "requires: [cluster, docker]", "error: requires.1 is 'docker'"),
        ("hints:\n", "hints:\n  - {text: a, cost: -1}\n", "error: cost is -1"),
        ("solutions:\n", "solutions: []\nold_solutions:\n", "old_solutions is not a known field"),
        (
            "    title: The pods of web run\n",
            "    title: The pods of web run\n    absent: {kind: Pod}\n",
            "has resource and absent",
        ),
    ],
)
def test_mistakes(tmp_path: Path, old: str, new: str, said: str) -> None:
    found = findings(tmp_path, old, new)
    assert any(said in each for each in found), found


CHECK = """\
  - id: more
    title: More
    weight: 1
    otherwise: "{{observed}}"
    {}
"""


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("history: {}", "the history has no limit"),
        ("history: {downtime_seconds: 1}", "downtime_seconds and workload belong together"),
        ("history: {commands_max: 1, may_change: [web]}", "may_change is 'web'"),
        ("invariant: {log: {pod: a, matches: b}}", "an invariant cannot look at log"),
        ("answer: {question: q}", "the answer has no form"),
        ("answer: {question: q, exact: a, regex: b}", "the answer has exact and regex"),
        ("answer: {question: q, options: [a], choice: 2}", "names options that are not there"),
        ("any: [{absent: {kind: Pod}}, {}]", "looks at nothing"),
        ("any: [{answer: {question: q, exact: a}}]", "a question stands where nobody can answer it"),
        ("resource: {kind: Pod, colour: red}", "colour is not a known field"),
    ],
)
def test_mistakes_in_queries(tmp_path: Path, query: str, said: str) -> None:
    found = findings(tmp_path, "hints:\n", CHECK.format(query) + "hints:\n")
    assert any(said in each for each in found), found


def test_a_lab_that_is_used_raises_the_first_mistake_and_counts_the_others(tmp_path: Path) -> None:
    write_lab(tmp_path, "sample")
    path = tmp_path / "sample" / "lab.yaml"
    path.write_text(path.read_text().replace("chapter: 0", "chapter: 70").replace("minutes: 5", "minutes: 0"))
    with pytest.raises(LabFileError, match=r"lab\.yaml:4: chapter is 70 \(and 1 more\)") as caught:
        load_lab(tmp_path / "sample")
    assert len(caught.value.findings) == 2


def test_texts_are_filled_and_numbers_stay_numbers(tmp_path: Path) -> None:
    write_lab(tmp_path, "sample")
    lab = load_lab(tmp_path / "sample")
    resource = lab.file.checks[0].resource
    assert resource is not None
    assert resource.count == lab.values["replicas"]
    assert lab.file.steps == [f"Let {lab.values['replicas']} pods of `web` run."]


def test_seeds_draw_other_values_and_the_same_seed_the_same(tmp_path: Path) -> None:
    write_lab(tmp_path, "sample")
    drawn = [load_lab(tmp_path / "sample", seed).values["replicas"] for seed in range(30)]
    assert set(drawn) == {2, 3, 4}
    assert drawn == [load_lab(tmp_path / "sample", seed).values["replicas"] for seed in range(30)]
    # The same on every machine and in every version: progress and bug reports name seeds.
    assert drawn[:8] == [load_lab(tmp_path / "sample", seed).values["replicas"] for seed in range(8)]


def test_a_calculator_can_give_a_variable(tmp_path: Path) -> None:
    write_lab(tmp_path, "sample")
    path = tmp_path / "sample" / "lab.yaml"
    added = "  most: {calc: {calculator: max-pods, inputs: {instance: t3.medium}, output: max_pods}}\n"
    path.write_text(
        path.read_text().replace("start:\n", f"{added}  more: {{value: '{{{{ most + 1 }}}}'}}\nstart:\n", 1)
    )
    assert load_lab(tmp_path / "sample").values["more"] == 18


def test_a_new_lab_fits_the_schema_and_a_spoiled_one_does_not(tmp_path: Path) -> None:
    write_lab(tmp_path, "sample")
    document = yaml.safe_load((tmp_path / "sample" / "lab.yaml").read_text())
    assert json.loads(schema_text()) == schema()
    jsonschema.validate(document, schema())
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**document, "minutes": [5]}, schema())


def test_new_refuses_what_it_would_overwrite_and_ids_that_are_none(tmp_path: Path) -> None:
    write_lab(tmp_path, "sample")
    with pytest.raises(InputError, match="is there already"):
        write_lab(tmp_path, "sample")
    with pytest.raises(InputError, match=r"'\.\./x' is no id"):
        write_lab(tmp_path, "../x")
