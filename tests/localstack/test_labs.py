"""What labs promise of the docker backend, against what is behind it."""

from __future__ import annotations

from eks_lab.content.actions import Action
from eks_lab.grading.catalogue import labs_root
from eks_lab.grading.lab_file import Lab, load_lab
from eks_lab.grading.pack import pack_folders
from tests.localstack.lesson_blocks import SERVICES


def labs_of_docker() -> list[Lab]:
    """Return the labs that say they work on docker, wholly or in part."""
    labs = [load_lab(folder, 7) for folder in pack_folders(labs_root(""))]
    return [each for each in labs if not each.file.backends.get("docker", "none").startswith("none")]


def asked(actions: list[Action]) -> set[str]:
    """Return the AWS services that steps ask."""
    return {each.aws.split()[0] for each in actions if each.aws}


def test_no_lab_promises_more_than_is_behind_it() -> None:
    labs = labs_of_docker()
    assert len(labs) >= 10
    for lab in labs:
        file = lab.file
        services = asked(file.start.steps).union(*(asked(each.steps) for each in file.solutions))
        services |= {each.aws.service for each in file.checks if each.aws is not None}
        assert services <= {*SERVICES, "eks"}, lab.id
