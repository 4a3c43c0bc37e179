"""The way to the cluster: a kubeconfig whose token is signed anew for every client, with the named profile alone."""

from __future__ import annotations

import base64
import json
import sys
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from eks_lab.errors import DataError
from eks_lab.sandbox.kubeconfig import kubeconfig
from eks_lab.sandbox.state_directory import write_private

PREFIX = "k8s-aws-v1."
"""Of every token (aws-iam-authenticator, pkg/token/token.go)."""
CLUSTER_HEADER = "x-k8s-aws-id"
PRESIGNED_SECONDS = 60
LIFETIME = timedelta(minutes=14)
"""A token is good for 15 minutes; clients ask for the next one a minute earlier, as `aws eks get-token` says."""
MODULE = "eks_lab.sandbox.backends.aws.token"


def token(session: Any, region: str, cluster: str) -> str:
    """Return a token for a cluster: a presigned sts:GetCallerIdentity that names it. Nothing is sent.

    Args:
        session: of botocore, with the profile's credentials.
        region: of the cluster.
        cluster: its name.

    Source: https://github.com/kubernetes-sigs/aws-iam-authenticator, pkg/token/token.go.
    """
    from botocore.signers import RequestSigner

    client = session.create_client("sts", region_name=region)
    model = client.meta.service_model
    signer = RequestSigner(
        model.service_id,
        region,
        "sts",
        "v4",
        session.get_credentials(),
        session.get_component("event_emitter"),
    )
    host = client.meta.endpoint_url.rstrip("/")
    request = {
        "method": "GET",
        "url": f"{host}/?Action=GetCallerIdentity&Version=2011-06-15",
        "body": {},
        "headers": {CLUSTER_HEADER: cluster},
        "context": {},
    }
    url = signer.generate_presigned_url(
        request, region_name=region, expires_in=PRESIGNED_SECONDS, operation_name=""
    )
    return PREFIX + base64.urlsafe_b64encode(url.encode()).decode().rstrip("=")


def exec_credential(value: str, now: datetime) -> dict[str, Any]:
    """Return what an exec plugin of a kubeconfig prints.

    Args:
        value: the token.
        now: wall time.

    Source: https://kubernetes.io/docs/reference/config-api/client-authentication.v1/.
    """
    expires = (now + LIFETIME).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return {
        "apiVersion": "client.authentication.k8s.io/v1",
        "kind": "ExecCredential",
        "spec": {},
        "status": {"expirationTimestamp": expires, "token": value},
    }


def write_kubeconfig(path: Path, described: Mapping[str, Any], profile: str, region: str) -> None:
    """Write a kubeconfig, readable by its owner only; no credential is in it.

    Args:
        path: of the file.
        described: `cluster` of DescribeCluster.
        profile: that signs.
        region: of the cluster.

    Raises:
        DataError: it cannot be written, or the cluster has no endpoint yet.
    """
    authority = (described.get("certificateAuthority") or {}).get("data")
    if not described.get("endpoint") or not authority:
        raise DataError(
            f"the cluster {described.get('name')} has no endpoint yet: it is {described.get('status')}",
            hint="Type the same command again when it is ACTIVE.",
        )
    words = ["-m", MODULE, "--profile", profile, "--region", region, "--cluster", str(described["name"])]
    user = {
        "exec": {
            "apiVersion": "client.authentication.k8s.io/v1",
            "command": sys.executable,
            "args": words,
            "interactiveMode": "IfAvailable",
            "provideClusterInfo": False,
        }
    }
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    write_private(path, kubeconfig(str(described["endpoint"]), base64.b64decode(authority), user))


def printed(value: str, now: datetime) -> str:
    """Return the line that an exec plugin prints."""
    return json.dumps(exec_credential(value, now))
