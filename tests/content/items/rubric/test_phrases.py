"""Where phrases occur."""

from __future__ import annotations

import pytest

from eks_lab.content.items.rubric.phrases import occurrences, read_phrase
from eks_lab.content.items.rubric.reading import read


def occurs(phrase: str, text: str) -> bool:
    return any(list(occurrences(read_phrase(phrase), sentence.words)) for sentence in read(text))


@pytest.mark.parametrize(
    ("phrase", "text"),
    [
        ("node group", "nodegroup"),
        ("nodegroup", "two managed node groups"),
        ("node-group", "a NodeGroup"),
        ("pdb", "a PodDisruptionBudget"),
        ("pod disruption budget", "PDBs"),
        ("max unavailable", "maxUnavailable: 1"),
        ("minavailable", "minAvailable"),
        ("drain node", "drain the old node"),
        ("drain the node", "it drains both remaining nodes"),
        ("evict*", "the evictions"),
        ("16 ips", "sixteen IPs"),
        ("5 minutes", "after 5 min"),
        ("20 percent", "20%"),
        ("$72", "72 dollars"),
        ("/28", "a /28 prefix"),
        ("topology spread", "topologySpreadConstraints"),
        ("kubeproxy", "kube-proxy"),
    ],
)
def test_spellings_meet(phrase: str, text: str) -> None:
    assert occurs(phrase, text)


@pytest.mark.parametrize(
    ("phrase", "text"),
    [
        ("drain node", "drain it, and look at the node"),
        ("drain node", "the node is drained"),
        ("drain node", "drain one or perhaps even another node"),
        ("node", "note"),
        ("zone", "sones of a kind"),
        ("", "anything"),
        ("...", "anything"),
        ("evict", "convict"),
        ("16", "160"),
    ],
)
def test_others_do_not(phrase: str, text: str) -> None:
    assert not occurs(phrase, text)


@pytest.mark.parametrize("typed", ["subent", "subnt", "subnnet", "sabnet"])
def test_one_letter_may_be_wrong(typed: str) -> None:
    assert occurs("subnet", f"in the {typed}")


@pytest.mark.parametrize(
    ("meant", "typed"),
    [
        ("typical", "atypical"),
        ("secure", "insecure"),
        ("taint", "paint"),
        ("subnet", "sabnat"),
        ("1000000", "1000001"),
    ],
)
def test_more_is_another_word(meant: str, typed: str) -> None:
    assert not occurs(meant, f"it is {typed} here")
