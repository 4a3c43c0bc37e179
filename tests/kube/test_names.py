"""Names: the API server's rules and its sentences, as recorded from a real one."""

from __future__ import annotations

import pytest

from eks_lab.kube import names

SUBDOMAIN = (
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start "
    "and end with an alphanumeric character (e.g. 'example.com', regex used for validation is "
    r"'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
)
LABEL = (
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end "
    "with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is "
    "'[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
)
QUALIFIED = (
    "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric "
    "character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is "
    "'([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"
)
VALUE = (
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and "
    "end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is "
    "'(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"
)
CONFIG = (
    "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or "
    "'key-name', regex used for validation is '[-._a-zA-Z0-9]+')"
)
WILDCARD = (
    "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of "
    "lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character (e.g. '*.example.com', "
    r"regex used for validation is '\*\.[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
)


@pytest.mark.parametrize(
    ("check", "text", "said"),
    [
        (names.dns1123_subdomain, "web.example.com", []),
        (names.dns1123_subdomain, "Web", [SUBDOMAIN]),
        (names.dns1123_subdomain, "a" * 254, ["must be no more than 253 characters"]),
        (names.dns1123_label, "2048", []),
        (names.dns1123_label, "my_nginx", [LABEL]),
        (names.dns1123_label, "db.main", ["must not contain dots"]),
        (names.dns1123_label, "a" * 64, ["must be no more than 63 characters"]),
        (names.dns1123_label, "web\n", [LABEL]),
        (names.dns1035_label, "web", []),
        (names.qualified_name, "example.com/My_Name", []),
        (names.qualified_name, "bad label", [QUALIFIED]),
        (names.qualified_name, "", ["name part must be non-empty", QUALIFIED]),
        (names.qualified_name, "/x", ["prefix part must be non-empty"]),
        (names.qualified_name, "a" * 64, ["name part must be no more than 63 bytes"]),
        (names.label_value, "", []),
        (names.label_value, "my web app", [VALUE]),
        (names.label_value, "a" * 64, ["must be no more than 63 bytes"]),
        (names.config_key, "bad key", [CONFIG]),
        (names.config_key, "..", ["must not be '..'"]),
        (names.config_key, "..data", ["must not start with '..'"]),
        (names.wildcard_subdomain, "*.*.example.com", [WILDCARD]),
        (names.port_name, "http", []),
        (
            names.port_name,
            "Web_Port",
            ["must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)"],
        ),
        (names.port_name, "8-0", ["must contain at least one letter (a-z)"]),
        (names.port_name, "a" * 16, ["must be no more than 15 characters"]),
        (
            names.port_name,
            "a--b-",
            ["must not contain consecutive hyphens", "must not begin or end with a hyphen"],
        ),
        (names.env_name, "MY.VAR-1", []),
        (names.env_name, "", ["environment variable name must be non-empty"]),
        (names.percent, "25%", []),
        (names.http_header, "X-A", []),
        (names.path_segment, "a/b%", ["may not contain '/'", "may not contain '%'"]),
        (names.path_segment, "..", ["may not be '..'"]),
        (names.annotation_key, "Example.COM/Key", []),
    ],
)
def test_names(check: object, text: str, said: list[str]) -> None:
    assert callable(check)
    assert check(text) == said


def test_percent_and_ports_and_long_forms() -> None:
    assert names.percent("a-third") == [
        (
            "a valid percent string must be a numeric string followed by an ending '%' "
            "(e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')"
        )
    ]
    assert names.port_number(0) == names.port_number(65536) == ["must be between 1 and 65535, inclusive"]
    assert names.port_number(80) == []
    assert "with an optional DNS subdomain prefix and '/'" in names.qualified_name("a/b/c")[0]
    assert names.dns1035_label("1web")[0].startswith("a DNS-1035 label must consist of")
    assert names.env_name("a=b")[0].endswith("other than '='")
    assert names.masked_prefix("web-") == "wea"
    assert names.annotations_size({"a": "é"}) == 3


def test_each_kind_has_its_rule() -> None:
    assert names.name_rule("", "Namespace") is names.dns1123_label
    assert names.name_rule("apps", "Deployment") is names.dns1123_subdomain
    assert names.name_rule("rbac.authorization.k8s.io", "ClusterRole") is names.path_segment
