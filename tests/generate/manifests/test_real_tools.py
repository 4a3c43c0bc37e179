"""Commands and Terraform, judged by the shell and by terraform where this machine has them."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator

import pytest

from eks_lab.errors import InputError
from eks_lab.generate import registry
from eks_lab.generate.choices import read_choices
from eks_lab.generate.model import GeneratedFile
from tests.generate.manifests.random_choices import some_choices

FORMS = {
    ".sh": (
        "access-entries-from-aws-auth",
        "access-entry",
        "argocd-install",
        "pod-identity-association",
        "trust-policy-irsa",
        "trust-policy-pod-identity",
    ),
    ".tf": ("access-entries-from-aws-auth", "access-entry", "pod-identity-association"),
}


def texts(suffix: str) -> Iterator[str]:
    """Yield different texts of one kind, from defaults and from random choices."""
    seen: set[str] = set()
    for name in FORMS[suffix]:
        generator = registry.get(name)
        usual: list[dict[str, object]] = [{}, {"form": "terraform"} if suffix == ".tf" else {}]
        for choices in (*usual, *some_choices(generator, 25)):
            try:
                files: tuple[GeneratedFile, ...] = generator.render(
                    read_choices(generator, "", choices)
                ).files
            except InputError:
                continue
            seen |= {file.text for file in files if file.name.endswith(suffix)}
    assert len(seen) > 10
    yield from sorted(seen)


@pytest.mark.skipif(shutil.which("sh") is None, reason="no shell here")
def test_the_shell_can_read_the_commands() -> None:
    # In functions of one script: starting a shell for each would take longer than everything else.
    script = "\n".join(f"f{number}() {{\n{text}\n}}" for number, text in enumerate(texts(".sh")))
    done = subprocess.run(["sh", "-n"], input=script, text=True, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.skipif(shutil.which("terraform") is None, reason="no terraform here")
def test_terraform_would_not_format_it_otherwise() -> None:
    text = "\n".join(texts(".tf"))
    done = subprocess.run(["terraform", "fmt", "-"], input=text, text=True, capture_output=True, check=False)
    # What stands on its other output is about the machine, such as a configuration file that is missing.
    assert done.returncode == 0, done.stderr
    assert done.stdout == text
