"""Files become diagrams, or say where and why not."""

from __future__ import annotations

from pathlib import Path

import pytest

from eks_lab.content.diagram import Diagram, diagram_ids, load_diagram
from eks_lab.content.diagram.load import ReadDiagram, read_diagram
from eks_lab.errors import ContentError
from tests.content.diagram.builders import diagram, fields, write

TWO = {"row": [{"id": "a", "name": "A"}, {"id": "b", "name": "B"}]}


def course(folder: Path, content: dict[str, object] | str) -> Path:
    """Return a lessons folder with one diagram."""
    (folder / "diagrams").mkdir()
    write(folder / "diagrams", content)
    return folder


def test_reads_what_an_author_wrote(tmp_path: Path) -> None:
    arrows = [{"id": "go", "from": "a", "to": "b", "label": "calls", "leave": "right"}]
    loaded = load_diagram(course(tmp_path, fields(TWO, arrows)), "sample")
    assert isinstance(loaded, Diagram)
    assert [box.name for box in loaded.picture.row] == ["A", "B"]
    assert (loaded.arrows[0].source, loaded.arrows[0].target, loaded.arrows[0].leave) == ("a", "b", "right")
    assert loaded.sources[0].checked.isoformat() == "2026-11-22"


def test_lists_ids_in_order(tmp_path: Path) -> None:
    folder = tmp_path / "diagrams"
    folder.mkdir()
    for name in ("zebra", "ant"):
        (folder / f"{name}.yaml").write_text("", "utf-8")
    assert diagram_ids(tmp_path) == ["ant", "zebra"]
    assert diagram_ids(tmp_path / "nowhere") == []


def test_unknown_id_lists_what_there_is(tmp_path: Path) -> None:
    with pytest.raises(ContentError, match="no diagram 'other'") as caught:
        load_diagram(course(tmp_path, fields(TWO)), "other")
    assert "sample" in caught.value.hint


def test_an_id_is_no_path(tmp_path: Path) -> None:
    course(tmp_path, fields(TWO))
    with pytest.raises(ContentError, match="no diagram"):
        load_diagram(tmp_path, "../diagrams/sample")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("a: 1\npicture: ]", "sample.yaml:2: not valid YAML"),
        ("format: 1\nid: sample\n", "title is missing"),
        ("a: &x 1\nb: *x\n", "anchors and aliases"),
    ],
)
def test_unusable_files_name_file_and_line(tmp_path: Path, content: str, message: str) -> None:
    with pytest.raises(ContentError, match=message):
        load_diagram(course(tmp_path, content), "sample")


def test_a_number_as_label_is_explained_at_its_line(tmp_path: Path) -> None:
    path = write(tmp_path, fields(TWO, [{"id": "go", "from": "a", "to": "b", "label": 443}]))
    read = read_diagram(path)
    assert isinstance(read, list)
    line = path.read_text("utf-8").splitlines().index("  label: 443") + 1
    assert [trouble.line for trouble in read] == [line]
    assert "443" in read[0].message


def test_a_file_that_is_no_text(tmp_path: Path) -> None:
    path = tmp_path / "sample.yaml"
    path.write_bytes(b"\xff\xfe\x00")
    read = read_diagram(path)
    assert isinstance(read, list)
    assert "cannot be read" in read[0].message


def trouble(tmp_path: Path, content: dict[str, object]) -> list[str]:
    """Return the messages about a file's form and references."""
    read = read_diagram(write(tmp_path, content))
    return [] if isinstance(read, ReadDiagram) else [f"{each.message} | {each.fix}" for each in read]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (fields(TWO, id="other"), "`other` in a file called `sample.yaml`"),
        (fields({"row": [{"id": "a", "name": "A"}, {"id": "a", "name": "B"}]}), "`a` is used 2 times"),
        (fields({"row": [{"id": "A_1", "name": "A"}]}), "`A_1` is no usable id"),
        (fields(TWO, steps=[]), "either `steps` or `variants`"),
        (fields(TWO, variants=[{"id": "v", "title": "V", "steps": []}]), "either `steps` or `variants`"),
        (
            fields(TWO, steps=[], variants=[{"id": "v", "title": "V", "steps": []}]),
            "variant `v` has no steps",
        ),
        (fields({"row": [{"name": "A"}], "column": [{"name": "B"}]}), "more than one of"),
        (fields({"row": [{"note": "x", "name": "A"}]}), "a note has no `name`"),
        (fields({"row": [{"id": "g", "text": "x", "row": [{"name": "A"}]}]}), "a group has no `text`"),
        (fields({"run_by": "aws", "row": [{"name": "A"}]}), "`run_by` belongs to a group"),
        (fields({"across": -1, "row": [{"name": "A"}]}), "`across` is -1 | Use 0 or more."),
        (fields({"row": [{"name": "A", "width": 3}]}), "`width` is 3 | Use 5 or more."),
        (fields({"grid": [[None, None]]}), "the grid is empty"),
        (fields({"joined": True, "row": [{"name": "A"}, {"note": "x"}]}), "only plain boxes can be joined"),
        (fields(TWO, [{"id": "go", "from": "a", "to": "bb"}]), "no box or arrow `bb` | Did you mean `b`?"),
        (
            fields(
                {"row": [{"id": "a", "name": "A"}, {"id": "n", "note": "x"}]},
                [{"id": "go", "from": "a", "to": "n"}],
            ),
            "`n` is a note",
        ),
        (fields(TWO, [{"id": "go", "from": "a", "to": "a"}]), "with itself or with something inside it"),
        (
            fields({"id": "g", "row": [{"id": "a", "name": "A"}]}, [{"id": "go", "from": "a", "to": "g"}]),
            "with itself or with something inside it",
        ),
        (fields(TWO, steps=[{"focus": ["c"]}]), "step 1, `focus`: there is no box or arrow `c`"),
        (fields(TWO, steps=[{"show": ["aa"]}]), "step 1, `show`"),
        (fields(TWO, steps=[{"change": [{"id": "zz"}]}]), "step 1, `change`"),
        (
            fields(TWO, [{"id": "go", "from": "a", "to": "b"}], [{"change": [{"id": "go", "text": "x"}]}]),
            "arrow `go` has no text",
        ),
        (
            fields({"row": [{"id": "n", "note": "x"}]}, steps=[{"change": [{"id": "n", "name": "x"}]}]),
            "note `n` has no name",
        ),
    ],
)
def test_references_and_contradictions(tmp_path: Path, content: dict[str, object], message: str) -> None:
    assert any(message in found for found in trouble(tmp_path, content)), trouble(tmp_path, content)


def test_a_sound_file_has_no_trouble(tmp_path: Path) -> None:
    assert trouble(tmp_path, fields(TWO, [{"id": "go", "from": "a", "to": "b"}], [{"focus": ["go"]}])) == []


def test_references_point_at_the_line_of_the_id(tmp_path: Path) -> None:
    path = write(tmp_path, fields(TWO, steps=[{}, {"focus": ["a", "missing"]}]))
    read = read_diagram(path)
    assert isinstance(read, list)
    line = path.read_text("utf-8").splitlines().index("  - missing") + 1
    assert [each.line for each in read] == [line]


def test_a_diagram_can_be_the_key_of_a_cache() -> None:
    assert hash(diagram(TWO)) == hash(diagram(TWO))
    assert diagram(TWO) != diagram(TWO, title="Another")


def test_rows_of_every_way_to_write_them() -> None:
    a, b = {"name": "A"}, {"name": "B"}
    shapes = [
        [[box.name if box else None for box in row] for row in diagram(picture).picture.rows]
        for picture in ({"row": [a, b]}, {"column": [a, b]}, {"grid": [[a, None], [None, b]]})
    ]
    assert shapes == [[["A", "B"]], [["A"], ["B"]], [["A", None], [None, "B"]]]
