"""The registry and the reading of choices."""

from __future__ import annotations

import importlib
import subprocess
import sys

import pytest
import yaml

from eks_lab import locations
from eks_lab.errors import InputError
from eks_lab.generate import registry
from eks_lab.generate.choices import read_choices


def test_every_name_has_a_generator_of_that_name() -> None:
    assert len(registry.manifest_names()) >= 28
    for name in registry.names():
        generator = registry.get(name)
        assert generator.name == name
        assert generator.summary.endswith(".")
        assert len(generator.summary) <= 110
        assert len({field.name for field in generator.inputs}) == len(generator.inputs)


def test_every_manifest_names_its_source() -> None:
    for name in registry.manifest_names():
        module = importlib.import_module(f"eks_lab.generate.manifests.{name.replace('-', '_')}")
        assert "\n\nSource: " in (module.__doc__ or ""), name


def test_every_lesson_exists() -> None:
    root = locations.content_root() / "lessons"
    ids = {
        yaml.safe_load(path.read_text(encoding="utf-8").split("---")[1])["id"]
        for path in root.glob("*/*/lesson.md")
    }
    for name in registry.names():
        assert registry.get(name).lesson in ids, name


def test_an_unknown_name_is_answered_with_the_nearest() -> None:
    with pytest.raises(InputError) as refused:
        registry.get("storage-class-gp2")
    assert "storage-class-gp3" in refused.value.hint
    assert registry.get(" Storage_Class_GP3 ").name == "storage-class-gp3"


def test_names_do_not_import_generators() -> None:
    code = (
        "import sys, eks_lab.generate.registry as r; r.names();"
        "assert not any('manifests' in name or name == 'jinja2' for name in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_presets_and_own_choices() -> None:
    generator = registry.get("storage-class-gp3")
    assert read_choices(generator, "", {})["iops"] == 3000
    preset = read_choices(generator, "database", {})
    assert (preset["iops"], preset["reclaim_policy"]) == (6000, "Retain")
    own = read_choices(generator, "Database", {"reclaim-policy": "delete"})
    assert (own["iops"], own["reclaim_policy"]) == (6000, "Delete")


@pytest.mark.parametrize(
    ("preset", "pairs", "message", "hint"),
    [
        ("databse", {}, "no preset 'databse'", "database"),
        ("", {"iopz": "1"}, "no input 'iopz'", "iops"),
        ("", {"iops": "1"}, "iops: '1' is below 3000", "IOPS"),
        ("", {"iops": "x"}, "not a whole number", ""),
    ],
)
def test_refused_choices(preset: str, pairs: dict[str, object], message: str, hint: str) -> None:
    with pytest.raises(InputError) as refused:
        read_choices(registry.get("storage-class-gp3"), preset, pairs)
    assert message in refused.value.message
    assert hint in refused.value.hint
