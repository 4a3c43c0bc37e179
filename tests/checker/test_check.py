"""What a file is, what cannot be read, and damage of every kind."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eks_lab.checker.check import check_paths, check_texts, kind_of
from eks_lab.checker.model import CheckOptions, Finding
from eks_lab.checker.sources import LARGEST_BYTES

OPTIONS = CheckOptions(today=date(2026, 11, 22))
GUIDE_LIKE = (Path(__file__).parent / "terraform" / "guide_like.tf").read_text("utf-8")
POLICY = '{"Version": "2012-10-17", "Statement": []}'


@pytest.mark.parametrize(
    ("name", "text", "kind"),
    [
        ("main.tf", "", "terraform"),
        ("x.tfvars", "", "terraform"),
        ("a.yaml", "", "manifest"),
        ("a.yml", "{", "manifest"),
        ("a.tf.json", "{}", "terraform-json"),
        ("a.json", POLICY, "policy"),
        ("a.json", '{"apiVersion": "v1", "kind": "Pod"}', "manifest"),
        ("a.json", '[{"apiVersion": "v1", "kind": "Pod"}]', "manifest"),
        ("a.json", "{", "broken-json"),
        ("a.json", '{"a": 1}', "other"),
        ("-", POLICY, "policy"),
        ("-", 'resource "aws_vpc" "x" {\n', "terraform"),
        ("-", "# a comment\n\nlocals {\n}\n", "terraform"),
        ("-", "apiVersion: v1\nkind: Pod\n", "manifest"),
        ("snippet", 'variable "x" {}', "terraform"),
    ],
)
def test_kinds(name: str, text: str, kind: str) -> None:
    assert kind_of(name, text) == kind


def only_problem(path: Path) -> Finding:
    """Return the single reason why a path could not be checked."""
    report = check_paths([path], OPTIONS)
    assert report.findings == ()
    (finding,) = report.unreadable
    assert finding.message
    assert finding.fix
    return finding


@pytest.mark.parametrize(
    ("data", "line", "says"),
    [
        (b'resource "a" "b" {\n  x = 1\n', 1, "never closed"),
        (b"a = 1\n\x00\x01", 2, "NUL byte"),
        (b"# ok\n# \xff\xfe\n", 2, "0xff is not UTF-8"),
        ('resource "a" "b" {}'.encode("utf-16"), 0, "UTF-16"),
        (b"\x7fELF\x02\x01\x01\x00\x00", 1, "NUL byte"),
        (b"a = " + b"[" * 5000, 1, "nested deeper"),
    ],
)
def test_files_that_cannot_be_judged(tmp_path: Path, data: bytes, line: int, says: str) -> None:
    path = tmp_path / "main.tf"
    path.write_bytes(data)
    finding = only_problem(path)
    assert says in finding.message
    assert finding.line == line
    assert finding.file == path.as_posix()


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "main.tf"
    with path.open("wb") as stream:
        stream.truncate(50 * 1024 * 1024)
    assert "52,428,800 bytes" in only_problem(path).message


def test_paths_that_are_not_there_or_hold_nothing(tmp_path: Path) -> None:
    assert "no such file" in only_problem(tmp_path / "gone.tf").message
    assert "nothing to check" in only_problem(tmp_path).message
    (tmp_path / "note.txt").write_text("hello")
    assert "nothing to check" in only_problem(tmp_path).message


def test_links_in_a_circle(tmp_path: Path) -> None:
    (tmp_path / "loop.tf").symlink_to(tmp_path / "loop.tf")
    assert "cannot be read" in only_problem(tmp_path / "loop.tf").message
    assert "cannot be read" in only_problem(tmp_path).message
    (tmp_path / "loop.tf").unlink()
    (tmp_path / "inside").symlink_to(tmp_path, target_is_directory=True)
    (tmp_path / "main.tf").write_text("locals {}\n")
    assert [Path(name).name for name in check_paths([tmp_path], OPTIONS).files] == ["main.tf"]


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.tf")
    assert "neither a file nor a folder" in only_problem(tmp_path / "pipe.tf").message


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_a_file_without_permission(tmp_path: Path) -> None:
    path = tmp_path / "main.tf"
    path.write_text("locals {}\n")
    path.chmod(0)
    assert "permission denied" in only_problem(path).message


def test_a_file_without_permission_for_anyone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "main.tf"
    path.write_text("locals {}\n")

    def refuse(self: Path, *_: object, **__: object) -> object:
        raise PermissionError(13, "Permission denied", str(self))

    monkeypatch.setattr(Path, "open", refuse)
    assert "permission denied" in only_problem(path).message


def test_tabs_marks_and_windows_line_ends_do_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "main.tf"
    path.write_bytes(b"\xef\xbb\xbf" + b"locals {\r\n\tnothing = 1\r\n}\r\n")
    (finding,) = check_paths([path], OPTIONS).findings
    assert (finding.rule, finding.line) == ("tf-unused-local", 2)


def test_json_in_a_folder_is_left_alone_unless_it_is_named(tmp_path: Path) -> None:
    (tmp_path / "package.json").write_text('{"name": "x"}')
    (tmp_path / "policy.json").write_text(
        '{"Version": "2012-10-17",\n "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}'
    )
    report = check_paths([tmp_path], OPTIONS)
    assert [(each.rule, each.line) for each in report.findings] == [("iam-star-action", 2)]
    assert report.unreadable == ()
    assert "neither a manifest nor an IAM policy" in only_problem(tmp_path / "package.json").message
    (tmp_path / "policy.json").write_text('{"Statement": [}')
    assert "this is no JSON" in only_problem(tmp_path / "policy.json").message
    (tmp_path / "policy.json").write_text("[" * 100_000)
    assert "nested too deep" in only_problem(tmp_path / "policy.json").message


def test_hidden_folders_are_not_entered(tmp_path: Path) -> None:
    (tmp_path / ".terraform" / "modules").mkdir(parents=True)
    (tmp_path / ".terraform" / "modules" / "x.tf").write_text("broken {")
    (tmp_path / "main.tf").write_text("locals {}\n")
    report = check_paths([tmp_path], OPTIONS)
    assert report.unreadable == ()
    assert len(report.files) == 1


def test_standard_input() -> None:
    report = check_paths([Path("-")], OPTIONS, stdin=b"locals {\n  a = 1\n}\n")
    assert [(each.file, each.line, each.rule) for each in report.findings] == [("-", 2, "tf-unused-local")]
    assert "nothing came" in check_paths([Path("-")], OPTIONS, stdin=b" \n").unreadable[0].message
    assert "NUL" in check_paths([Path("-")], OPTIONS, stdin=b"\x00").unreadable[0].message
    large = check_paths([Path("-")], OPTIONS, stdin=b"a" * (LARGEST_BYTES + 1))
    assert "more than" in large.unreadable[0].message


def test_findings_are_sorted_and_come_once() -> None:
    report = check_texts({"b.tf": GUIDE_LIKE, "a.tf": "locals {\n  x = 1\n}\n"}, OPTIONS)
    assert list(report.findings) == sorted(set(report.findings))
    assert report.findings[0].file == "a.tf"


@settings(max_examples=60, deadline=None)
@given(st.integers(0, len(GUIDE_LIKE) - 1), st.integers(0, 60), st.text(max_size=6))
def test_a_damaged_configuration_never_stops_the_checker(start: int, length: int, instead: str) -> None:
    report = check_texts({"main.tf": GUIDE_LIKE[:start] + instead + GUIDE_LIKE[start + length :]}, OPTIONS)
    for finding in (*report.findings, *report.unreadable):
        assert finding.message
        assert finding.line >= 0


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(GUIDE_LIKE.split("\n")), max_size=40))
def test_shuffled_lines_never_stop_the_checker(lines: list[str]) -> None:
    check_texts({"main.tf": "\n".join(lines)}, OPTIONS)


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_on_standard_input(data: bytes) -> None:
    check_paths([Path("-")], OPTIONS, stdin=b"locals {" + data)


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=8)
    | st.sampled_from(["Allow", "*", "s3:*", "sts:AssumeRole"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "Statement",
                    "Effect",
                    "Action",
                    "Principal",
                    "Resource",
                    "Condition",
                    "Service",
                    "StringLike",
                    "a:sub",
                ]
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=12,
)


@settings(max_examples=100, deadline=None)
@given(JSON)
def test_any_policy_is_judged(document: object) -> None:
    import json

    report = check_texts(
        {"policy.json": json.dumps({"Version": "2012-10-17", "Statement": document})}, OPTIONS
    )
    assert report.unreadable == ()


@pytest.mark.parametrize(
    "text",
    [
        (
            "apiVersion: storage.k8s.io/v1\nkind: StorageClass\nmetadata: {name: a}\nprovisioner: ebs.csi.aws.com\n"
            "parameters: {type: [gp3]}\n"
        ),
        (
            "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: a}\n"
            "spec: {accessModes: [[ReadWriteMany]], storageClassName: gp2}\n"
        ),
        (
            "apiVersion: v1\nkind: Pod\nmetadata: {name: a, labels: {app: a}}\nspec:\n  containers:\n"
            "  - {name: a, image: b, ports: [{containerPort: [80]}], livenessProbe: {httpGet: {port: 80}}}\n"
            "---\napiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec: {selector: {app: a}, ports: [{port: 80}]}\n"
        ),
        (
            "apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec: {ports: [{port: [80]}]}\n"
            "---\napiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: a}\nspec: {defaultBackend: "
            "{service: {name: a, port: {number: 80}}}}\n"
        ),
    ],
    ids=["type of a volume", "access mode", "port of a container", "port of a Service"],
)
def test_a_list_where_a_word_or_a_number_goes_is_a_finding(text: str) -> None:
    assert check_texts({"a.yaml": text}, OPTIONS).findings
