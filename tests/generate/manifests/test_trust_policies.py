"""Generated trust policies, judged by the calculator that knows how STS decides."""

from __future__ import annotations

import pytest

from eks_lab.calc import trust
from eks_lab.calc.forms import read_inputs
from eks_lab.errors import InputError
from eks_lab.generate import registry
from eks_lab.generate.choices import read_choices


def policy_of(name: str, **choices: object) -> str:
    """Return the text of the generated policy."""
    generator = registry.get(name)
    return generator.render(read_choices(generator, "", choices)).files[0].text


def answer(policy: str, identity: str, **inputs: object) -> dict[str, object]:
    """Return what the calculator finds."""
    given = {"policy": policy, "identity": identity, **inputs}
    return trust.CALCULATOR.compute(read_inputs(trust.CALCULATOR, given)).result


@pytest.mark.parametrize("match", ["exact", "prefix"])
def test_irsa(match: str) -> None:
    policy = policy_of("trust-policy-irsa", match=match, service_account="reader")
    account = "reader" if match == "exact" else "reader-2"
    assert answer(policy, "irsa", service_account=account)["allowed"] is True
    assert answer(policy, "irsa", service_account="other")["allowed"] is False
    assert answer(policy, "irsa", service_account=account, namespace="other")["allowed"] is False


@pytest.mark.parametrize(
    ("scope", "kept_out"),
    [
        ("any", []),
        ("account", [{"account": "999988887777"}]),
        ("cluster", [{"account": "999988887777"}, {"cluster": "other"}]),
        ("service-account", [{"cluster": "other"}, {"namespace": "other"}, {"service_account": "other"}]),
    ],
)
def test_pod_identity(scope: str, kept_out: list[dict[str, object]]) -> None:
    policy = policy_of("trust-policy-pod-identity", scope=scope)
    assert answer(policy, "pod-identity")["allowed"] is True
    for other in kept_out:
        assert answer(policy, "pod-identity", **other)["allowed"] is False, other


def test_a_short_prefix_is_refused() -> None:
    with pytest.raises(InputError, match="almost any"):
        policy_of("trust-policy-irsa", match="prefix", service_account="a")
