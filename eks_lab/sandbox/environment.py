"""The variables and files with which a learner's programs find the sandbox: AWS profile, endpoint, kubeconfig."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING

from eks_lab.sandbox import serving
from eks_lab.sandbox.state_directory import StateDirectory, write_private

if TYPE_CHECKING:
    from eks_lab.aws.account import Account

PROFILE = "eks-lab"
"""Of the sandbox's own AWS configuration; `default` names the same."""
_LOOKS = ("AWS_DEFAULT_OUTPUT", "AWS_CLI_")
"""Variables that only say how the AWS CLI looks; a learner's stay."""
_DIRECT = (serving.HOST, "localhost")


def write_environment(directory: StateDirectory, account: Account, aws_port: int) -> None:
    """Write the AWS profile of the sandbox's user, readable by its owner only.

    Args:
        directory: of the sandbox.
        account: whose user `student` it is.
        aws_port: of the AWS API.

    Raises:
        DataError: a file cannot be written.
    """
    key, secret = account.student_key
    endpoint = f"http://{serving.HOST}:{aws_port}"
    profile = f"region = {account.region}\noutput = json\nendpoint_url = {endpoint}\n"
    config = f"[default]\n{profile}\n[profile {PROFILE}]\n{profile}"
    keys = f"aws_access_key_id = {key}\naws_secret_access_key = {secret}\n"
    write_private(directory.aws_config, config.encode())
    write_private(directory.aws_credentials, f"[default]\n{keys}\n[{PROFILE}]\n{keys}".encode())
    variables = {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ACCESS_KEY_ID": key,
        "AWS_SECRET_ACCESS_KEY": secret,
        "AWS_REGION": account.region,
        "AWS_DEFAULT_REGION": account.region,
    }
    write_private(directory.aws_environment, json.dumps(variables).encode())


def environment(directory: StateDirectory, inherited: Mapping[str, str]) -> dict[str, str]:
    """Return the variables of a shell in which kubectl and aws talk to the sandbox.

    A learner's own credentials, endpoints and proxies must never be found by accident: what could name them is set
    here, or, with an empty value, to be unset.

    Args:
        directory: of the sandbox.
        inherited: variables of the learner's shell.
    """
    found = {"KUBECONFIG": str(directory.kubeconfig)}
    try:
        found |= json.loads(directory.aws_environment.read_bytes())
    except (OSError, ValueError):
        return found
    found |= {
        "AWS_CONFIG_FILE": str(directory.aws_config),
        "AWS_SHARED_CREDENTIALS_FILE": str(directory.aws_credentials),
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_PROFILE": "",
        "AWS_SESSION_TOKEN": "",
        "AWS_PAGER": "",
    }
    # AWS_ENDPOINT_URL_EKS, AWS_ROLE_ARN and the like win over what is set above.
    others = [name for name in inherited if name.startswith("AWS_") and not name.startswith(_LOOKS)]
    found |= {name: "" for name in others if name not in found}
    # botocore sends even requests to loopback through HTTP_PROXY.
    for name in ("NO_PROXY", "no_proxy"):
        passed = [each for each in inherited.get(name, "").split(",") if each.strip()]
        found[name] = ",".join([*passed, *(each for each in _DIRECT if each not in passed)])
    return found
