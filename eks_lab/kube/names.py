"""What Kubernetes accepts as a name, and what it says when it does not.

Each check returns the API server's messages, none when the text is fine. Two families of length
messages exist in the real thing: object names count "characters", labels count "bytes".
Source: kubernetes/apimachinery pkg/util/validation and pkg/api/validate/content.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

LABEL_FORMAT = "[a-z0-9]([-a-z0-9]*[a-z0-9])?"
SUBDOMAIN_FORMAT = rf"{LABEL_FORMAT}(\.{LABEL_FORMAT})*"
DNS1035_FORMAT = "[a-z]([-a-z0-9]*[a-z0-9])?"
WILDCARD_FORMAT = rf"\*\.{SUBDOMAIN_FORMAT}"
QUALIFIED_FORMAT = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]"
LABEL_VALUE_FORMAT = f"({QUALIFIED_FORMAT})?"
CONFIG_KEY_FORMAT = "[-._a-zA-Z0-9]+"
PERCENT_FORMAT = "[0-9]+%"
HTTP_HEADER_FORMAT = "[-A-Za-z0-9]+"
C_IDENTIFIER_FORMAT = "[A-Za-z_][A-Za-z0-9_]*"
LONGEST_LABEL = 63
LONGEST_SUBDOMAIN = 253
LARGEST_ANNOTATIONS = 256 * 1024
"""Bytes of all keys and values together."""

_SUBDOMAIN_RULE = (
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', "
    "and must start and end with an alphanumeric character"
)
_LABEL_RULE = (
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', "
    "and must start and end with an alphanumeric character"
)
_DNS1035_RULE = (
    "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic "
    "character, and end with an alphanumeric character"
)
_WILDCARD_RULE = (
    "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist "
    "of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character"
)
_QUALIFIED_RULE = "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character"
_LABEL_VALUE_RULE = f"a valid label must be an empty string or {_QUALIFIED_RULE.removeprefix('must ')}"


def regex_message(rule: str, expression: str, *examples: str) -> str:
    """Return the API server's sentence about a text that does not match an expression."""
    # The two spaces before "or" are the server's.
    shown = "".join(f"'{example}',  or " for example in examples).removesuffix(" or ")
    return f"{rule} ({'e.g. ' + shown if examples else ''}regex used for validation is '{expression}')"


def too_long(most: int, unit: str = "characters") -> str:
    """Return the API server's sentence about a text that is too long."""
    return f"must be no more than {most} {unit}"


def _check(text: str, most: int, rule: str, expression: str, *examples: str) -> list[str]:
    messages = [too_long(most)] if len(text.encode()) > most else []
    if re.fullmatch(expression, text, re.ASCII) is None:
        messages.append(regex_message(rule, expression, *examples))
    return messages


def dns1123_subdomain(text: str) -> list[str]:
    """Judge a name such as a Deployment's or an Ingress host: at most 253 characters with dots."""
    return _check(text, LONGEST_SUBDOMAIN, _SUBDOMAIN_RULE, SUBDOMAIN_FORMAT, "example.com")


def dns1123_label(text: str) -> list[str]:
    """Judge a name such as a container's, a namespace's or a Service's: at most 63 characters, no dots."""
    messages = [too_long(LONGEST_LABEL)] if len(text.encode()) > LONGEST_LABEL else []
    if re.fullmatch(LABEL_FORMAT, text, re.ASCII) is None:
        if re.fullmatch(SUBDOMAIN_FORMAT, text, re.ASCII):
            messages.append("must not contain dots")
        else:
            messages.append(regex_message(_LABEL_RULE, LABEL_FORMAT, "my-name", "123-abc"))
    return messages


def dns1035_label(text: str) -> list[str]:
    """Judge a name that must start with a letter."""
    return _check(text, LONGEST_LABEL, _DNS1035_RULE, DNS1035_FORMAT, "my-name", "abc-123")


def wildcard_subdomain(text: str) -> list[str]:
    """Judge an Ingress host that starts with `*.`."""
    return _check(text, LONGEST_SUBDOMAIN, _WILDCARD_RULE, WILDCARD_FORMAT, "*.example.com")


def qualified_name(text: str) -> list[str]:
    """Judge a label key, a taint key, a resource name: `[prefix/]name`."""
    prefix, slash, name = text.rpartition("/")
    if "/" in prefix:
        rule = regex_message(_QUALIFIED_RULE, QUALIFIED_FORMAT, "MyName", "my.name", "123-abc")
        return [
            f"a valid label key {rule} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')"
        ]
    messages: list[str] = []
    if slash:
        if not prefix:
            messages.append("prefix part must be non-empty")
        else:
            messages.extend(
                "prefix part " + said.replace("characters", "bytes")
                if said == too_long(LONGEST_SUBDOMAIN)
                else "prefix part " + said
                for said in dns1123_subdomain(prefix)
            )
    if not name:
        messages.append("name part must be non-empty")
    elif len(name.encode()) > LONGEST_LABEL:
        messages.append("name part " + too_long(LONGEST_LABEL, "bytes"))
    if re.fullmatch(QUALIFIED_FORMAT, name, re.ASCII) is None:
        messages.append(
            "name part " + regex_message(_QUALIFIED_RULE, QUALIFIED_FORMAT, "MyName", "my.name", "123-abc")
        )
    return messages


def label_value(text: str) -> list[str]:
    """Judge a label's value: empty, or at most 63 bytes."""
    messages = [too_long(LONGEST_LABEL, "bytes")] if len(text.encode()) > LONGEST_LABEL else []
    if re.fullmatch(LABEL_VALUE_FORMAT, text, re.ASCII) is None:
        messages.append(regex_message(_LABEL_VALUE_RULE, LABEL_VALUE_FORMAT, "MyValue", "my_value", "12345"))
    return messages


def annotation_key(text: str) -> list[str]:
    """Judge an annotation's key: a qualified name in which case does not matter."""
    return qualified_name(text.lower())


def annotations_size(annotations: Mapping[str, str]) -> int:
    """Return how many bytes the annotations take; `LARGEST_ANNOTATIONS` is the limit."""
    return sum(len(key.encode()) + len(value.encode()) for key, value in annotations.items())


def config_key(text: str) -> list[str]:
    """Judge a key of a ConfigMap or Secret."""
    rule = "a valid config key must consist of alphanumeric characters, '-', '_' or '.'"
    messages = _check(text, LONGEST_SUBDOMAIN, rule, CONFIG_KEY_FORMAT, "key.name", "KEY_NAME", "key-name")
    return messages + _directory_traps(text)


def env_name(text: str) -> list[str]:
    """Judge an environment variable's name: printable ASCII without `=`."""
    if not text:
        return ["environment variable name must be non-empty"]
    if any(not " " <= letter <= "~" or letter == "=" for letter in text):
        return [
            "a valid environment variable name must consist only of printable ASCII characters other than '='"
        ]
    return []


def port_name(text: str) -> list[str]:
    """Judge a container port's name, or a port that is given by name."""
    messages = [too_long(15)] if len(text.encode()) > 15 else []
    if re.fullmatch("[-a-z0-9]+", text, re.ASCII) is None:
        messages.append("must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)")
    if re.search("[a-z]", text) is None:
        messages.append("must contain at least one letter (a-z)")
    if "--" in text:
        messages.append("must not contain consecutive hyphens")
    if text.startswith("-") or text.endswith("-"):
        messages.append("must not begin or end with a hyphen")
    return messages


def port_number(number: int) -> list[str]:
    """Judge a port's number."""
    return [] if 1 <= number <= 65535 else ["must be between 1 and 65535, inclusive"]


def percent(text: str) -> list[str]:
    """Judge a percentage such as `25%`."""
    if re.fullmatch(PERCENT_FORMAT, text, re.ASCII):
        return []
    rule = "a valid percent string must be a numeric string followed by an ending '%'"
    return [regex_message(rule, PERCENT_FORMAT, "1%", "93%")]


def http_header(text: str) -> list[str]:
    """Judge the name of an HTTP header of a probe."""
    if re.fullmatch(HTTP_HEADER_FORMAT, text, re.ASCII):
        return []
    rule = "a valid HTTP header must consist of alphanumeric characters or '-'"
    return [regex_message(rule, HTTP_HEADER_FORMAT, "X-Header-Name")]


def _directory_traps(text: str) -> list[str]:
    if text in (".", ".."):
        return [f"must not be '{text}'"]
    return ["must not start with '..'"] if text.startswith("..") else []


def path_segment(text: str) -> list[str]:
    """Judge a name that only has to fit into a URL: roles, role bindings and their like."""
    if text in (".", ".."):
        return [f"may not be '{text}'"]
    return [f"may not contain '{part}'" for part in ("/", "%") if part in text]


def masked_prefix(text: str) -> str:
    """Return a `generateName` in the form in which it is judged: a dash at its end is allowed."""
    return text[:-2] + "a" if len(text) > 1 and text.endswith("-") else text


_PATH_SEGMENT_GROUPS = frozenset(("rbac.authorization.k8s.io",))
_LABEL_KINDS = frozenset((("", "Namespace"), ("", "Service")))


def name_rule(group: str, kind: str) -> Callable[[str], list[str]]:
    """Return the check that an object's name must pass.

    Args:
        group: API group, empty for the core group.
        kind: `Deployment`.
    """
    if group in _PATH_SEGMENT_GROUPS:
        return path_segment
    return dns1123_label if (group, kind) in _LABEL_KINDS else dns1123_subdomain
