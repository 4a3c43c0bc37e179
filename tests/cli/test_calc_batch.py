"""`eks-lab calc NAME --batch`: many questions, one answer a line, whatever stands in the file."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
import tracemalloc
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from eks_lab.calc import registry
from eks_lab.calc.forms import read_inputs
from eks_lab.cli.batch_records import Record, records
from eks_lab.cli.calc import command
from eks_lab.errors import InputError
from tests.fake_calculators import use_fakes

NAMES = [field.name for field in registry.get("max-pods").inputs]


def batch(stdin: str | bytes, *arguments: str, name: str = "max-pods") -> tuple[list[dict[str, Any]], int]:
    result = CliRunner().invoke(command, [name, *arguments, "--batch"], input=stdin)
    assert isinstance(result.exception, SystemExit | None), result.exception
    assert "Traceback" not in result.output
    return [json.loads(line) for line in result.stdout.splitlines()], result.exit_code


def pods(answers: list[dict[str, Any]]) -> list[int | str]:
    return [answer["result"]["max_pods"] if "result" in answer else answer["error"] for answer in answers]


class TestFormats:
    def test_csv(self) -> None:
        answers, code = batch("instance,prefix-delegation\nt3.medium,no\nT3.Medium,yes\n\nm5.large,\n")
        assert pods(answers) == [17, 110, 29]
        assert code == 0
        assert answers[1]["inputs"]["prefix_delegation"] is True

    @pytest.mark.parametrize("mark", [";", "\t"])
    def test_csv_of_other_spreadsheets(self, mark: str) -> None:
        text = "instance,max-eni\r\nt3.medium,2\r\nm5.large,\r\n".replace(",", mark)
        assert pods(batch(b"\xef\xbb\xbf" + text.encode())[0]) == [12, 29]

    def test_csv_quoting(self, monkeypatch: pytest.MonkeyPatch) -> None:
        use_fakes(monkeypatch)
        text = io.StringIO()
        writer = csv.writer(text)
        writer.writerows([["label", "nodes"], ['a "quoted", label\nin two lines', "5"], ["plain", "6"]])
        answers, code = batch(text.getvalue(), name="show")
        assert [answer["inputs"]["label"] for answer in answers] == [
            'a "quoted", label\nin two lines',
            "plain",
        ]
        assert code == 0

    def test_json_lines(self) -> None:
        answers, code = batch('{"instance": "t3.medium"}\n\n  {"max_eni": 2, "instance": "t3.medium"}\n')
        assert pods(answers) == [17, 12]
        assert code == 0

    def test_objects_over_several_lines(self) -> None:
        text = "".join(json.dumps({"instance": name}, indent=2) + "\n" for name in ("t3.medium", "m5.large"))
        assert pods(batch(text)[0]) == [17, 29]

    @pytest.mark.parametrize("indent", [None, 2])
    def test_an_array(self, indent: int | None) -> None:
        questions = [{"instance": "t3.medium"}, {"instance": "m5.large", "max-eni": 1}]
        assert pods(batch(json.dumps(questions, indent=indent))[0]) == [17, 11]

    @pytest.mark.parametrize("text", ["", "\n\n", "[]", "instance\n", "\ufeff"])
    def test_nothing_asked_nothing_answered(self, text: str) -> None:
        assert batch(text) == ([], 0)

    def test_a_file(self, tmp_path: Path) -> None:
        (tmp_path / "nodes.csv").write_text("instance\nm5.large\n")
        result = CliRunner().invoke(command, ["max-pods", "--batch", str(tmp_path / "nodes.csv")])
        assert pods([json.loads(result.stdout)]) == [29]

    def test_an_answer_is_the_one_of_json(self) -> None:
        single = CliRunner().invoke(command, ["max-pods", "--instance", "t3.medium", "--json"])
        assert batch("instance\nt3.medium\n")[0] == [json.loads(single.stdout)]

    def test_options_hold_for_lines_that_do_not_say_otherwise(self) -> None:
        text = '{"instance": "t3.medium"}\n{"instance": "t3.medium", "prefix-delegation": false}\n'
        assert pods(batch(text, "--prefix-delegation")[0]) == [110, 17]

    def test_null_takes_an_option_back(self) -> None:
        text = '{"instance": "t3.medium"}\n{"instance": "t3.medium", "max_eni": null}\n'
        assert pods(batch(text, "--max-eni", "2")[0]) == [12, 17]


class TestErrors:
    def test_a_bad_line_is_told_with_its_number_and_the_others_are_answered(self) -> None:
        answers, code = batch("instance,max-eni\nt3.medium,2\nt3.medum,\nm5.large,x\nm5.large,1\n")
        assert pods(answers)[::3] == [12, 11]
        assert answers[1] == {
            "line": 3,
            "error": "instance: 't3.medum' is no EC2 instance type of the catalogue",
            "hint": "Did you mean t3.medium, t3a.medium or t2.medium?",
        }
        assert answers[2]["line"] == 4
        assert code == 1

    @pytest.mark.parametrize(
        ("text", "line", "said"),
        [
            ("instanse\nm5.large\n", 1, "the first line names an input that does not exist: 'instanse'"),
            ("m5.large,yes\n", 1, "the first line names an input that does not exist: 'm5.large'"),
            ("instance,instance\na,b\n", 1, "the first line names instance twice"),
            ("instance,max-eni,max_eni\na,1,1\n", 1, "the first line names max_eni twice"),
            ("instance\nm5.large,3\n", 2, "2 cells for 1 columns"),
            ('instance\n\n"m5.large\nm5.large\n', 3, "a quote is not closed"),
            ('instance\n"m5.large"x\n', 2, "not CSV: "),
            ("instance\nm5\rlarge\n", 2, "a line end in the middle of a cell"),
            ("\n\n{\n", 3, "not JSON: expecting property name enclosed in double quotes"),
            ('{"instance": "m5.large"} {}\n', 1, "not JSON: extra data, at character 26"),
            ('{"instance": 3}\n', 1, "instance: 3 is no instance type"),
            ('{"instance": "m5.large", "instance": "t3.medium"}\n', 1, "instance is given twice"),
            ('{"max-eni": 1, "max_eni": 1}\n', 1, "max_eni is given twice"),
            ('{"a": ' + "[" * 100_000, 1, "not usable JSON: nested too deeply"),
            (
                '{"max_eni": ' + "9" * 5000 + "}",
                1,
                "not usable JSON: nested too deeply, or a number too long",
            ),
            ('{"max_eni": NaN}', 1, "max_eni: nan is not a whole number"),
            ("[1]", 1, "1 is no question"),
            ("[\n  {},\n  [],\n  {}\n]", 3, "a list is no question"),
            ("[{}", 1, "the closing ] is missing"),
            ("[{}\n{}]", 2, "a comma is missing"),
            ("[{}] more", 1, "something follows the array"),
            ('[{}, {"a": }]', 1, "not JSON: expecting value"),
            ("[{}, " + "[" * 100_000, 1, "not usable JSON"),
        ],
    )
    def test_what_cannot_be_read(self, text: str, line: int, said: str) -> None:
        answers, code = batch(text)
        errors = [answer for answer in answers if "error" in answer]
        assert errors
        assert errors[0]["line"] == line
        assert said in errors[0]["error"]
        assert code == 1

    def test_bytes_that_are_no_text_cost_their_line_only(self) -> None:
        answers, _ = batch(b"instance\nm5.large\n\xff\xfe\nt3.medium\n")
        assert pods(answers) == [29, "not UTF-8 text: byte 0 of the line is 0xff", 17]
        answers, _ = batch(b'{"instance": "m5.large"}\n{"\xff\n{"instance": "t3.medium"}\n')
        assert pods(answers) == [29, "not UTF-8 text: byte 2 of the line is 0xff", 17]

    def test_garbage_between_good_lines(self) -> None:
        answers, code = batch('{"instance": "m5.large"}\ngarbage\n[1, 2\n"text"\n{"instance": "t3.medium"}\n')
        assert [answer.get("line") for answer in answers] == [None, 2, 3, 4, None]
        assert code == 1

    def test_an_unfinished_object_does_not_swallow_the_next(self) -> None:
        assert pods(batch('{"instance":\n{"instance": "t3.medium"}\n')[0])[-1] == 17

    def test_a_defect_costs_its_line_only(self, monkeypatch: pytest.MonkeyPatch) -> None:
        use_fakes(monkeypatch)
        answers, code = batch("nodes\n4\n66\n13\n5\n", name="show")
        assert [answer.get("line") for answer in answers] == [None, 3, 4, None]
        assert "this should not have happened: ZeroDivisionError" in answers[1]["error"]
        assert code == 1

    @pytest.mark.parametrize(("name", "said"), [("none.csv", "there is no file"), (".", "is a folder")])
    def test_a_file_that_cannot_be_opened(self, tmp_path: Path, name: str, said: str) -> None:
        result = CliRunner().invoke(command, ["max-pods", "--batch", str(tmp_path / name)])
        assert isinstance(result.exception, InputError)
        assert said in result.exception.message


class TestDocuments:
    @pytest.fixture(autouse=True)
    def fakes(self, monkeypatch: pytest.MonkeyPatch) -> None:
        use_fakes(monkeypatch)

    def test_json_holds_the_text_or_names_a_file(self, tmp_path: Path) -> None:
        (tmp_path / "pods.yaml").write_text("a\nb\nc\n")
        questions = [{"pods": "a\n"}, {"pods": {"file": str(tmp_path / "pods.yaml")}}, {"pods": "@x\n@y"}]
        answers, code = batch("\n".join(map(json.dumps, questions)), name="read")
        assert [answer["result"]["read"] for answer in answers] == [1, 3, 2]
        assert code == 0

    def test_a_table_names_files_with_an_at(self, tmp_path: Path) -> None:
        (tmp_path / "pods.yaml").write_text("a\nb\nc\n")
        text = f'pods,today\n@{tmp_path / "pods.yaml"},2026-01-01\n"a\nb\n",\n@{tmp_path / "none"},\n'
        answers, code = batch(text, name="read")
        assert [answer.get("result", {}).get("read") for answer in answers] == [3, 2, None]
        assert answers[2]["line"] == 6
        assert "there is no file" in answers[2]["error"]
        assert code == 1

    def test_a_file_for_all_lines(self, tmp_path: Path) -> None:
        (tmp_path / "pods.yaml").write_text("a\nb\n")
        answers, _ = batch(
            '{"today": "2026-01-01"}\n{"pods": "x\\n"}\n', "--pods", str(tmp_path / "pods.yaml"), name="read"
        )
        assert [answer["result"]["read"] for answer in answers] == [2, 1]

    def test_standard_input_cannot_be_both(self) -> None:
        result = CliRunner().invoke(command, ["read", "--pods", "-", "--batch"], input="{}")
        assert isinstance(result.exception, InputError)
        assert "pods: standard input is read by another option already" in result.exception.message

    def test_today_is_filled_in(self) -> None:
        assert batch("{}", name="read")[0][0]["inputs"]["today"] >= "2026-01-01"


class TestManyLines:
    LINES = 10_000

    def question(self, number: int) -> dict[str, object]:
        return {"instance": "m5.large", "max_eni": number % 20 + 1}

    def test_ten_thousand_in_order(self) -> None:
        text = "instance,max_eni\n" + "".join(f"m5.large,{n % 20 + 1}\n" for n in range(self.LINES))
        answers, code = batch(text)
        assert len(answers) == self.LINES
        assert [answer["inputs"]["max_eni"] for answer in answers] == [n % 20 + 1 for n in range(self.LINES)]
        assert code == 0

    def test_garbage_among_ten_thousand(self) -> None:
        text = "".join(
            "garbage\n" if n % 100 == 0 else json.dumps(self.question(n)) + "\n"
            for n in range(1, self.LINES + 1)
        )
        answers, code = batch("{}\n" + text)
        assert len(answers) == self.LINES + 1
        assert [a["line"] for a in answers if "error" in a] == [
            n + 1 for n in range(100, self.LINES + 1, 100)
        ]
        assert code == 1

    @pytest.mark.parametrize("kind", ["csv", "lines", "array", "array on one line"])
    def test_memory_does_not_grow_with_the_file(self, kind: str) -> None:
        """40,000 records are read with less memory than their text takes."""

        class Endless(io.RawIOBase):
            """Writes itself while it is read."""

            def __init__(self) -> None:
                self.parts = self.produce()

            def readable(self) -> bool:
                return True

            def produce(self) -> Iterator[bytes]:
                question = b'{"instance": "m5.large", "max_eni": 3}'
                yield {"csv": b"instance,max_eni\n", "lines": b"", "array": b"[\n"}.get(kind, b"[")
                for number in range(400):
                    if kind == "csv":
                        yield b"m5.large,3\n" * 100
                    elif kind == "lines":
                        yield (question + b"\n") * 100
                    else:
                        end = b"\n" if kind == "array" else b" "
                        yield (b"," if number else b"") + (question + b"," + end) * 99 + question
                yield b"" if kind in ("csv", "lines") else b"]"

            def readinto(self, buffer: Any) -> int:
                data = next((part for part in self.parts if part), b"")
                assert len(data) <= len(buffer)
                buffer[: len(data)] = data
                return len(data)

        tracemalloc.start()
        try:
            stream = io.BufferedReader(Endless(), buffer_size=1 << 17)
            count = sum(record.problem is None for record in records(stream, NAMES))
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert count == 40_000
        assert peak < 1_000_000

    def test_an_answer_leaves_before_the_next_question_comes(self) -> None:
        """A script may ask, read, and ask again."""
        with subprocess.Popen(
            [sys.executable, "-m", "eks_lab", "calc", "max-pods", "--batch"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as process:
            assert process.stdin is not None
            assert process.stdout is not None
            for name, expected in (("t3.medium", 17), ("m5.large", 29)):
                process.stdin.write(json.dumps({"instance": name}) + "\n")
                process.stdin.flush()
                assert json.loads(process.stdout.readline())["result"]["max_pods"] == expected
            process.stdin.close()
            assert process.wait(timeout=30) == 0


def found(data: bytes) -> list[Record]:
    return list(records(io.BytesIO(data), NAMES))


@given(
    st.binary(max_size=400) | st.text(alphabet='[]{},:"\\ \n\r\t;01e.-ainstce_', max_size=200).map(str.encode)
)
def test_no_bytes_break_it(data: bytes) -> None:
    for record in found(data):
        assert record.line >= 1
        if record.problem is None:
            with suppress(InputError):
                read_inputs(registry.get("max-pods"), record.values)


CELLS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20)


@given(st.lists(st.tuples(CELLS, CELLS), max_size=8))
def test_csv_reads_what_a_spreadsheet_writes(rows: list[tuple[str, str]]) -> None:
    text = io.StringIO()
    csv.writer(text, quoting=csv.QUOTE_ALL).writerows([("instance", "ip-family"), *rows])
    kept = [row for row in rows if any(cell.strip() for cell in row)]
    wanted = [
        {name: cell for name, cell in zip(("instance", "ip_family"), row, strict=True) if cell.strip()}
        for row in kept
    ]
    assert [record.values for record in found(text.getvalue().encode())] == wanted


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)
OBJECTS = st.lists(st.dictionaries(st.text(max_size=6), VALUES, max_size=4), max_size=6)


@given(OBJECTS, st.sampled_from([None, 1, 2]), st.booleans())
def test_json_reads_what_json_writes(
    questions: list[dict[str, Any]], indent: int | None, ascii_only: bool
) -> None:
    array = json.dumps(questions, indent=indent, ensure_ascii=ascii_only).encode()
    assert [record.values for record in found(array)] == questions
    lines = "".join(json.dumps(question, ensure_ascii=ascii_only) + "\n" for question in questions).encode()
    assert [record.values for record in found(lines)] == questions


def test_an_item_is_read_across_pieces() -> None:
    long = {"instance": 'ä\\"' * 50_000, "max_eni": 12345}
    data = json.dumps([long, long], ensure_ascii=False).encode()
    assert [record.values for record in found(data)] == [long, long]
