"""What a configuration may not say on the sandbox, and what is found out about it before it runs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from eks_lab.errors import InputError
from eks_lab.sandbox.terraform.configuration import read


def write(folder: Path, **files: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / f"{name}.tf").write_text(text)
    return folder


@pytest.mark.parametrize(
    ("argument", "what"),
    [
        ('profile = "production"', "names an AWS profile"),
        ('shared_credentials_files = ["~/.aws/credentials"]', "names files with credentials"),
        ('access_key = "AKIA"', "has an access key"),
        ("endpoints {\n eks = var.endpoint\n}", "names endpoints"),
        ('https_proxy = "http://proxy:3128"', "names a proxy"),
    ],
)
def test_a_provider_that_leads_elsewhere_is_refused(tmp_path: Path, argument: str, what: str) -> None:
    write(tmp_path, main=f'provider "aws" {{\n  region = "us-east-1"\n  {argument}\n}}\n')
    with pytest.raises(InputError, match=what) as error:
        read(tmp_path)
    assert f"{tmp_path / 'main.tf'}:3" in error.value.message
    assert argument.split()[0] in error.value.hint


def test_also_in_json_and_in_a_module_above(tmp_path: Path) -> None:
    root = write(tmp_path / "live" / "lab", main='module "net" {\n  source = "../../modules/net"\n}\n')
    module = write(tmp_path / "modules" / "net", main="locals {}\n")
    assert read(root).levels_above == 2
    document = {"provider": {"aws": [{"alias": "other", "profile": "production"}]}}
    (module / "providers.tf.json").write_text(json.dumps(document))
    with pytest.raises(InputError, match="names an AWS profile"):
        read(root)


def test_another_provider_may_name_what_it_likes(tmp_path: Path) -> None:
    write(tmp_path, main='provider "kubernetes" {\n  token = "x"\n}\nprovider "aws" {\n  region = "x"\n}\n')
    assert read(tmp_path).state == ""


@pytest.mark.parametrize(
    ("settings", "state"),
    [
        ('backend "s3" {\n bucket = "states"\n}', "s3"),
        ('cloud {\n organization = "shop"\n}', "cloud"),
        ('required_version = ">= 1.11"', ""),
    ],
)
def test_where_the_state_would_be(tmp_path: Path, settings: str, state: str) -> None:
    write(tmp_path, main=f"terraform {{\n  {settings}\n}}\n")
    assert read(tmp_path).state == state


def test_where_the_state_would_be_in_json(tmp_path: Path) -> None:
    (tmp_path / "backend.tf.json").write_text('{"terraform": {"backend": {"s3": {"bucket": "states"}}}}')
    assert read(tmp_path).state == "s3"


@pytest.mark.parametrize(
    ("text", "levels"),
    [
        ('locals { a = file("../shared/policy.json") }', 1),
        ('locals { a = file("${path.module}/../../policy.json") }', 2),
        ('locals { a = "two..three" }', 0),
        ("", 0),
    ],
)
def test_how_far_up_it_reaches(tmp_path: Path, text: str, levels: int) -> None:
    assert read(write(tmp_path, main=text)).levels_above == levels


def test_what_terraform_cannot_read_is_left_to_it(tmp_path: Path) -> None:
    write(tmp_path, main="resource {{{")
    assert len(read(tmp_path).files) == 1


def test_a_folder_without_a_configuration(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no Terraform configuration"):
        read(tmp_path)
