"""Names as Kubernetes and AWS accept them: each check answers the text, or says what is wrong with it.

Checks take the name of the choice and the text. Sources: RFC 1123 as Kubernetes applies it
(kubernetes.io, Object Names and IDs; Labels and Selectors), IAM identifiers and EC2 resource ids
(docs.aws.amazon.com, read 2026-11-22).
"""

from __future__ import annotations

import base64
import ipaddress
import re
from collections.abc import Callable

from eks_lab.errors import InputError

Check = Callable[[str, str], str]

_LABEL = r"[a-z0-9](?:[-a-z0-9]*[a-z0-9])?"
_LONGEST_LABEL = 63
_LONGEST_SUBDOMAIN = 253
_LABEL_VALUE = r"[A-Za-z0-9](?:[-A-Za-z0-9_.]*[A-Za-z0-9])?"
_PARTITION = r"arn:(?P<partition>aws|aws-cn|aws-us-gov)"


def matching(pattern: str, what: str, example: str, *, longest: int = 2048) -> Check:
    """Return a check for texts of one form.

    Args:
        pattern: regular expression of the whole text.
        what: what the text should be, with its article: `a subnet id`.
        example: a text that would do.
        longest: most characters.
    """
    form = re.compile(pattern, re.ASCII)

    def check(name: str, text: str) -> str:
        if len(text) > longest:
            raise InputError(f"{name}: {len(text)} characters are too many", hint=f"At most {longest}.")
        if form.fullmatch(text) is None:
            shown = text if len(text) <= 60 else text[:59] + "…"
            raise InputError(f"{name}: {shown!r} is not {what}", hint=f"For example {example}.")
        return text

    return check


_label_form = matching(
    _LABEL, "a DNS label (lower-case letters, digits and dashes)", "payments-api", longest=_LONGEST_LABEL
)
_subdomain_form = matching(
    rf"{_LABEL}(?:\.{_LABEL})*",
    "a DNS name (lower-case letters, digits, dashes and dots)",
    "payments-api",
    longest=_LONGEST_SUBDOMAIN,
)


def dns_label(name: str, text: str) -> str:
    """Return a DNS-1123 label: namespaces, Services, and names that other names are made from."""
    return _label_form(name, text)


def dns_subdomain(name: str, text: str) -> str:
    """Return a DNS-1123 subdomain: most objects."""
    return _subdomain_form(name, text)


def service_name(name: str, text: str) -> str:
    """Return a DNS-1035 label: the name of a Service, which may not start with a digit."""
    if dns_label(name, text)[0].isdigit():
        raise InputError(
            f"{name}: {text!r} starts with a digit, and a Service's name may not",
            hint=f"For example {('s-' + text)[:_LONGEST_LABEL].rstrip('-')}.",
        )
    return text


def with_suffix(text: str, suffix: str, longest: int = _LONGEST_LABEL) -> str:
    """Return a name with a suffix, the name cut so that both fit.

    Args:
        text: a DNS label.
        suffix: `-headless`.
        longest: most characters of the result.
    """
    return text[: longest - len(suffix)].rstrip("-.") + suffix


label_value = matching(_LABEL_VALUE, "a label value", "payments", longest=_LONGEST_LABEL)
label_key = matching(
    rf"(?:{_LABEL}(?:\.{_LABEL})*/)?{_LABEL_VALUE}", "a label key", "app.kubernetes.io/name", longest=253
)
account_id = matching(r"\d{12}", "an AWS account id of twelve digits", "111122223333")
region = matching(r"[a-z]{2}(?:-[a-z]+){1,2}-\d", "an AWS region", "us-east-1", longest=25)
zone = matching(r"[a-z]{2}(?:-[a-z]+){1,2}-\d[a-z]", "an availability zone", "us-east-1a", longest=26)
cluster_name = matching(r"[0-9A-Za-z][A-Za-z0-9_-]*", "the name of an EKS cluster", "lab", longest=100)
role_arn = matching(
    rf"{_PARTITION}:iam::\d{{12}}:role/(?:[\w+=,.@-]+/)*[\w+=,.@-]{{1,64}}",
    "the ARN of an IAM role",
    "arn:aws:iam::111122223333:role/payments",
)
principal_arn = matching(
    rf"{_PARTITION}:iam::\d{{12}}:(?:role|user)/(?:[\w+=,.@-]+/)*[\w+=,.@-]{{1,64}}",
    "the ARN of an IAM role or user",
    "arn:aws:iam::111122223333:role/platform-admin",
)
role_name = matching(r"[\w+=,.@-]{1,64}", "the name of an IAM role", "lab-karpenter-node")
oidc_id = matching(
    r"[0-9A-Za-z]{16,64}",
    "the id at the end of the cluster's OIDC issuer",
    "EXAMPLED539D4633E53DE1B71EXAMPLE",
)
subnet_id = matching(r"subnet-[0-9a-f]{8}(?:[0-9a-f]{9})?", "a subnet id", "subnet-0123456789abcdef0")
security_group_id = matching(r"sg-[0-9a-f]{8}(?:[0-9a-f]{9})?", "a security group id", "sg-0123456789abcdef0")
file_system_id = matching(r"fs-[0-9a-f]{8}(?:[0-9a-f]{9})?", "an EFS file system id", "fs-0123456789abcdef0")
access_point_id = matching(
    r"fsap-[0-9a-f]{8}(?:[0-9a-f]{9})?", "an EFS access point id", "fsap-0123456789abcdef0"
)
kms_key_arn = matching(
    rf"{_PARTITION}:kms:[a-z0-9-]+:\d{{12}}:key/[0-9A-Za-z-]+",
    "the ARN of a KMS key",
    "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab",
)
certificate_arn = matching(
    rf"{_PARTITION}:acm:[a-z0-9-]+:\d{{12}}:certificate/[0-9A-Za-z-]+",
    "the ARN of an ACM certificate",
    "arn:aws:acm:us-east-1:111122223333:certificate/12345678-1234-1234-1234-123456789012",
)
host_name = matching(
    rf"(?:\*\.)?{_LABEL}(?:\.{_LABEL})+", "a host name", "shop.example.com", longest=_LONGEST_SUBDOMAIN
)
container_image = matching(
    r"[a-z0-9][\w.:-]*(?:/[\w.-]+)*(?::[\w][\w.-]{0,127})?(?:@sha256:[0-9a-f]{64})?",
    "a container image",
    "public.ecr.aws/nginx/nginx:1.27",
    longest=512,
)
git_url = matching(
    r"(?:https://|ssh://)[\w.@:-]+(?:/[\w.~%+@-]+)+|[\w.-]+@[\w.-]+:[\w.~%+@/-]+",
    "the address of a Git repository",
    "https://git.example.com/shop/config.git",
)
git_revision = matching(r"[\w][\w./-]*", "a Git branch, tag or commit", "main", longest=255)
folder_path = matching(r"[\w.][\w./-]*", "a folder inside the repository", "shop/overlays/prod", longest=512)
url_path = matching(r"/[\w./~%+@-]*", "a path that starts with /", "/metrics", longest=512)
metric_name = matching(r"[a-zA-Z_:][a-zA-Z0-9_:]*", "the name of a Prometheus metric", "http_requests_total")
port_name = matching(
    r"(?=.*[a-z])[a-z0-9](?:-?[a-z0-9])*", "the name of a port (at most 15 characters)", "http", longest=15
)
log_group = matching(r"[\w./#-]+", "the name of a log group", "/eks/lab/pods", longest=512)
https_url = matching(
    r"https://[\w.-]+(?::\d{1,5})?(?:/[\w./~%+@-]*)?", "an https address", "https://example.com"
)
single_line = matching(
    r"[^\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff\ue000]*", "one line of text", "Checkout is slow", longest=400
)


def network(name: str, text: str) -> str:
    """Return an IPv4 or IPv6 network in its usual form: `10.0.0.0/16`."""
    try:
        return str(ipaddress.ip_network(text))
    except ValueError as error:
        raise InputError(
            f"{name}: {text!r} is not a network: {error}", hint="For example 10.0.0.0/16."
        ) from None


def base64_text(name: str, text: str) -> str:
    """Return bytes written in base64, which is all a certificate looks like outside."""
    try:
        base64.b64decode(text, validate=True)
    except ValueError as error:
        raise InputError(f"{name}: {text[:40]!r} is not base64: {error}", hint="Copy all of it.") from None
    return text


def partition_of(region_name: str) -> str:
    """Return the partition of a region: `aws`, `aws-cn` or `aws-us-gov`."""
    if region_name.startswith("cn-"):
        return "aws-cn"
    return "aws-us-gov" if region_name.startswith("us-gov-") else "aws"


def account_of(arn: str) -> str:
    """Return the account of a checked ARN."""
    return arn.split(":")[4]
