"""Folds what may differ between two correct clusters, so that their answers can be held side by side."""

from __future__ import annotations

import re

_SAFE = "[bcdfghjklmnpqrstvwxz2456789]"

_RULES = [
    (re.compile(pattern, re.MULTILINE), word)
    for pattern, word in (
        (r"\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)", "<time>"),
        (r"\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d \w{3} \d{4} \d\d:\d\d:\d\d [+-]\d{4}", "<time>"),
        (r"\b\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)? \+0000(?: UTC)?", "<time>"),
        (r"/tmp/(LIVE|MERGED)-\d+", r"<tmp>/\1"),
        (r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b", "<uid>"),
        (r"containerd://[0-9a-f]+", "<container>"),
        (r"sha256:[0-9a-f]{64}", "<digest>"),
        (r"\bip-\d+-\d+-\d+-\d+\.ec2\.internal\b", "<node>"),
        (r"(topology\.kubernetes\.io/zone(?:=|: ))us-east-1[abc]", r"\1<zone>"),
        (r'("?resourceVersion"?: )"?\d+"?', r"\1<rv>"),
        (r'("?(?:observedG|g)eneration"?: )\d+', r"\1<gen>"),
        (rf"-(?={_SAFE}*\d){_SAFE}{{8,10}}\b", "-<hash>"),
        (rf"(<hash>)-{_SAFE}{{5}}\b", r"\1-<rand>"),
        (r"(pod-template-hash[=:] ?\"?)[0-9a-z]{6,10}", r"\1<hash>"),
        (r"(controller-revision-hash[=:] ?\"?[a-z0-9-]*?)-?[0-9a-z]{6,10}\b", r"\1<hash>"),
        (r"\b(?:\d{1,3}\.){3}\d{1,3}\b", "<ip>"),
        (r"\(x\d+ over [0-9smhd]+\)", "(repeated)"),
        (r"\(\d+[smhd][0-9smhd]* ago\)", "(<age> ago)"),
        (r":3\d{4}/", ":<nodeport>/"),
        (r"(NodePort:.*?)3\d{4}", r"\1<nodeport>"),
        (r"(nodePort\"?: )3\d{4}", r"\1<nodeport>"),
        (r"<ip>:\d{4,5}\b(?=/(?:api|version|openapi|readyz)|$|[\s\"'])", "<server>"),
        (r"kube-api-access-[a-z0-9]{5}", "kube-api-access-<rand>"),
        (r"\.[0-9a-f]{16}\b", ".<event>"),
    )
]
_AGE = re.compile(
    r"(?:(?<=  )|(?<=^)|(?<=\t))(?:\d+y)?(?:\d+d)?(?:\d+h)?(?:\d+m)?(?:\d+s)?(?<=[smhdy])(?=\s|$)"
)
_OWN_REMARK = re.compile(
    r'^[IWE]\d{4} .*reflector\.go:\d+\] "Warning: watch ended with error".*very short watch'
)
"""client-go's, of a watch that kubectl itself ended within a second: which of two channels it reads first is chance."""
_SPACES = re.compile(r"(?<=\S)[ \t]+")
_QUANTITIES = re.compile(r"\s*(?:cpu|memory|ephemeral-storage|requests|limits)\b")


def normalise(text: str, namespace: str) -> str:
    """Return an answer as the recordings keep theirs; indentation stays.

    Args:
        text: what kubectl printed.
        namespace: of the scenario.
    """
    text = text.replace(namespace, "<namespace>")
    for rule, word in _RULES:
        text = rule.sub(word, text)
    lines = []
    for line in text.splitlines():
        if _OWN_REMARK.match(line):
            continue
        aged = line if _QUANTITIES.match(line) else _AGE.sub("<age>", line)
        folded = _SPACES.sub(" ", aged.replace("\t", "  ")).rstrip()
        if folded:
            lines.append(folded)
    return "".join(f"{line}\n" for line in lines)
