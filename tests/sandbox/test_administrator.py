"""The administrator of any cluster, made from the keys on disk."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509

from eks_lab.errors import DataError
from eks_lab.sandbox import credentials
from eks_lab.sandbox.administrator import administrator_kubeconfig

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def test_the_kubeconfig_names_the_server_and_holds_a_certificate_of_its_authority(tmp_path: Path) -> None:
    kept = credentials.prepared(tmp_path, NOW)
    document = json.loads(administrator_kubeconfig(tmp_path, "https://127.0.0.1:6444", NOW))
    cluster = document["clusters"][0]["cluster"]
    assert cluster["server"] == "https://127.0.0.1:6444"
    assert base64.b64decode(cluster["certificate-authority-data"]) == kept.authority
    pem = base64.b64decode(document["users"][0]["user"]["client-certificate-data"])
    certificate = x509.load_pem_x509_certificate(pem)
    certificate.verify_directly_issued_by(x509.load_pem_x509_certificate(kept.authority))
    assert certificate.not_valid_after_utc > NOW + timedelta(hours=1)
    assert {each.value for each in certificate.subject} == {"kubernetes-admin", "system:masters"}


def test_a_cluster_without_keys_is_said_with_its_folder(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"gone/pki: the keys of the cluster cannot be read"):
        administrator_kubeconfig(tmp_path / "gone" / "pki", "https://127.0.0.1:6444", NOW)
    (tmp_path / "ca.crt").write_text("x")
    (tmp_path / "ca.key").write_text("y")
    with pytest.raises(DataError, match="cannot be read"):
        administrator_kubeconfig(tmp_path, "https://127.0.0.1:6444", NOW)
