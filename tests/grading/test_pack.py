"""Packs of strangers: what they may hold, and what their templates may do."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eks_lab.content.template import LONGEST_TEXT, fill, fill_value
from eks_lab.content.variables import Variable, drawn
from eks_lab.errors import ContentError, InputError
from eks_lab.grading.command_line import with_files, words_of
from eks_lab.grading.pack import LARGEST_FILE, MOST_FILES, open_pack, pack_folders, safe_name
from eks_lab.grading.workspace import Workspace
from tests.grading.bench import written


@pytest.mark.parametrize(
    "name",
    [
        "/etc/passwd",
        "../x",
        "a/../../x",
        "~/x",
        "~root/x",
        "",
        " ",
        "C:\\x",
        "C:x",
        "a\\b",
        "a\0b",
        ".",
        "./",
    ],
)
def test_names_that_lead_elsewhere(name: str) -> None:
    with pytest.raises(ContentError, match="does not stay inside"):
        safe_name(name)


@given(st.text(max_size=30))
def test_a_safe_name_stays_inside(name: str) -> None:
    try:
        path = safe_name(name)
    except ContentError:
        return
    root = Path("/labs/one")
    assert Path(os.path.normpath(root / path)).is_relative_to(root)


def test_links_are_refused(tmp_path: Path) -> None:
    folder = written(tmp_path)
    (folder / "files" / "secret").symlink_to("/etc/passwd")
    with pytest.raises(ContentError, match=r"secret is a link"):
        open_pack(folder)


def test_a_folder_that_is_a_link_is_refused(tmp_path: Path) -> None:
    folder = written(tmp_path)
    (folder / "more").symlink_to(tmp_path)
    with pytest.raises(ContentError, match=r"more is a link"):
        open_pack(folder)
    (tmp_path / "other").symlink_to(folder)
    with pytest.raises(ContentError, match="is no folder"):
        open_pack(tmp_path / "other")


def test_devices_are_refused(tmp_path: Path) -> None:
    folder = written(tmp_path)
    os.mkfifo(folder / "pipe")
    with pytest.raises(ContentError, match="pipe is no ordinary file"):
        open_pack(folder)


def test_huge_files_and_crowds_are_refused(tmp_path: Path) -> None:
    folder = written(tmp_path)
    (folder / "big").write_bytes(b"a" * (LARGEST_FILE + 1))
    with pytest.raises(ContentError, match="big has 524,289 bytes"):
        open_pack(folder)
    (folder / "big").unlink()
    for number in range(MOST_FILES):
        (folder / f"n{number}").touch()
    with pytest.raises(ContentError, match="more than 200 files"):
        open_pack(folder)


def test_the_digest_tells_of_every_change(tmp_path: Path) -> None:
    folder = written(tmp_path)
    before = open_pack(folder).digest
    assert open_pack(folder).digest == before
    (folder / "story.md").write_text("Another story.\n")
    assert open_pack(folder).digest != before


def test_a_missing_file_is_named_with_those_that_are_there(tmp_path: Path) -> None:
    with pytest.raises(ContentError, match=r"nothing\.md does not exist") as caught:
        open_pack(written(tmp_path)).read("nothing.md")
    assert "files/web.yaml" in caught.value.hint


def test_folders_without_a_lab_are_left_out(tmp_path: Path) -> None:
    folder = written(tmp_path)
    (tmp_path / "notes").mkdir()
    assert pack_folders(tmp_path) == [folder]
    assert pack_folders(folder) == [folder]
    with pytest.raises(ContentError, match="cannot be read"):
        pack_folders(tmp_path / "nowhere")


@pytest.mark.parametrize("closed", [".", "files"])
def test_a_folder_that_is_closed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, closed: str) -> None:
    (tmp_path / "files").mkdir()
    (tmp_path / "lab.yaml").write_text("id: a")
    shut = str(tmp_path / closed)
    monkeypatch.setattr(os, "access", lambda path, _mode: path != shut)  # root may open every folder
    with pytest.raises(ContentError, match="cannot be read: Permission denied"):
        open_pack(tmp_path)


@pytest.mark.parametrize(
    "template",
    [
        "{{ ''.__class__.__mro__ }}",
        "{{ a.__init__.__globals__ }}",
        "{{ self.__init__ }}",
        "{{ lipsum }}",
        "{{ cycler }}",
        "{% include 'x' %}",
        "{% import 'x' as y %}",
        "{{ 2 ** 100 }}",
        "{{ 'a' * 1000000 }}",
        "{{ [0] * 1000000 }}",
        "{{ '%1000000d' % 1 }}",
        "{{ 'a'|center(1000000) }}",
        "{{ '{:>1000000}'.format(1) }}" * 3,
        "{% for a in range(9) %}{% for b in range(9) %}{% endfor %}{% endfor %}",
        "{% for a in range(100000) %}{{ a }}{% endfor %}",
        "{% for a in range(10000000) %}{% endfor %}",
        "{{ nothing }}",
        "{{ 1 / 0 }}",
        "{{ a. }}",
        "{{ 'a'.ljust(900000000)|length }}",
        "{{ '{:>900000000}'.format(1)|length }}",
        "{{ [1]|slice(90000000)|list|length }}",
        "{{ [1]|batch(90000000, 'x')|list|length }}",
        "{{ 'a'|tojson(indent=900000000)|length }}",
        "{{ 'a'|truncate(-5) }}",
        "{{ range(9)|random }}",
        "{{ 1.5|round(1000000000, 'ceil') }}",
        "{{ a|round(precision=1, precision=2) }}",
        "{{ ('a' * 1)|replace('', 'b') }}",
        "{{ range(9999)|join('bbbbbbbbbb')|length }}",
        "{{ 'aaaaaaaaaa'" + "|replace('a', 'aaaaaaaaaa')" * 6 + "|length }}",
        "{{ [a, a]|sum(start=[]) }}",
        "{{ [a]|map(attribute='x')|list }}",
        "{{ [a]|unique }}",
        "{{ " + "(" * 3000 + "1" + ")" * 3000 + " }}",
        "{{ 1" + " + 1" * 3000 + " }}",
        "{{ a" + " ~ a" * 200 + " }}",
        "{{ 99999999" + " * 99999999" * 50 + " }}",
        "{% macro f(n) %}{% if n %}{{ f(n - 1) }}{{ f(n - 1) }}{% endif %}{% endmacro %}{{ f(40) }}",
        "{% set b = 'x' %}{{ b }}",
        "{% for b in [[1]] recursive %}{{ loop(b) }}{% endfor %}",
    ],
)
def test_templates_reach_nothing_and_stay_short(template: str) -> None:
    with pytest.raises(ContentError, match=r"here: the t"):
        fill(template, {"a": 1}, "here")
    with pytest.raises(ContentError, match=r"here: the t"):
        fill_value(template, {"a": 1}, "here")


@pytest.mark.parametrize("grown", ["{{ NAME ~ NAME }}", "{{ NAME * NAME }}", ["{{ NAME }}", "{{ NAME }}"]])
def test_variables_do_not_double_without_end(grown: object) -> None:
    variables = {"v0": Variable(value=99999)}
    for number in range(60):
        doubled = json.loads(json.dumps(grown).replace("NAME", f"v{number}"))
        variables[f"v{number + 1}"] = Variable(value=doubled)
    with pytest.raises(ContentError, match=r"lab.yaml: vars.v\d+"):
        drawn(variables, "lab", 1, "lab.yaml")


def test_templates_fill() -> None:
    values = {"n": 3, "names": ["a", "b"]}
    assert fill("{% for each in names %}{{ each }}{{ n * 2 }} {% endfor %}", values, "here") == "a6 b6 "
    assert fill("${not_ours} {not: ours}", values, "here") == "${not_ours} {not: ours}"
    assert fill_value({"a": ["{{ n }}", "{{ n }} pods", "{{ names }}"]}, values, "here") == {
        "a": [3, "3 pods", ["a", "b"]]
    }
    assert len(fill("{{ 'a' }}" * 100, values, "here")) < LONGEST_TEXT


def test_a_workspace_keeps_to_its_folder(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path / "files")
    workspace.write("k8s/a.yaml", "a: 1\n")
    (tmp_path / "outside").write_text("secret")
    (workspace.root / "link").symlink_to(tmp_path / "outside")
    for name in ("../outside", "link"):
        with pytest.raises(InputError):
            workspace.read(name)
    with pytest.raises(InputError, match=r"b\.yaml is not there") as caught:
        workspace.read("b.yaml")
    assert "k8s/a.yaml" in caught.value.hint
    (workspace.root / "link").unlink()
    before = workspace.fingerprint()
    workspace.write("k8s/a.yaml", "a: 2\n")
    assert workspace.fingerprint() != before
    assert workspace.texts("k8s") == {"k8s/a.yaml": "a: 2\n"}
    workspace.clear()
    assert workspace.names() == []


def test_command_lines(tmp_path: Path) -> None:
    assert words_of("get pods -l 'a=b, c=d' $name ${name}s $other", {"name": "x"}) == [
        *("get", "pods", "-l", "a=b, c=d", "x", "xs", "$other")
    ]
    with pytest.raises(ContentError, match="no command line"):
        words_of("get 'pods", {})
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "trust.json").write_text("{}")
    (tmp_path / "secret").write_text("s")
    assert with_files(
        ["--a", "file://trust.json", "--b=file://trust.json", "file://../secret"], tmp_path / "files"
    ) == [*("--a", "{}", "--b={}", "file://../secret")]
