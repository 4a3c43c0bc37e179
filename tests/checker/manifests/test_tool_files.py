"""Files that look like manifests and are read by tools only."""

from __future__ import annotations

from datetime import date

import pytest

from eks_lab.checker.check import check_texts
from eks_lab.checker.model import CheckOptions

OPTIONS = CheckOptions(today=date(2026, 11, 22))
KUBECONFIG = "apiVersion: v1\nkind: Config\nclusters: []\ncontexts: []\nusers: []\n"
VALUES = "kind: DaemonSet\nserviceAccount:\n  create: true\n"


@pytest.mark.parametrize(
    ("name", "text"), [("config.yaml", KUBECONFIG), ("agent-values.yaml", VALUES), ("values.yaml", VALUES)]
)
def test_what_no_cluster_reads_is_not_judged_as_an_object(name: str, text: str) -> None:
    assert check_texts({name: text}, OPTIONS).findings == ()


@pytest.mark.parametrize(
    ("name", "text", "rule"),
    [
        ("agent.yaml", VALUES, "k8s-no-kind"),
        ("values.yaml", "apiVersion: apps/v1\nkind: Deploymnet\nmetadata: {name: a}\n", "k8s-unknown-kind"),
        ("config.yaml", "apiVersion: v1\nkind: Config\nmetadata: {name: a}\n", "k8s-unknown-kind"),
    ],
)
def test_an_object_is_judged_whatever_its_file_is_called(name: str, text: str, rule: str) -> None:
    assert rule in {each.rule for each in check_texts({name: text}, OPTIONS).findings}
