"""The words a rubric knows something about: how they tie a sentence together, negate it, or stand for others.

Only general English and the field's own abbreviations; nothing here belongs to a single question.
"""

from __future__ import annotations


def _listed(words: str) -> frozenset[str]:
    return frozenset(words.split())


DETERMINERS = _listed("a an the its their your my our his her this these those such own")
"""Words that may stand anywhere in a phrase without changing it."""

NEGATORS = _listed("not no never nor neither none nothing nobody nowhere without hardly lack")
"""Words that turn what follows into its opposite."""

NOT_NEGATING = _listed(
    "only just merely simply more less fewer later earlier doubt matter wonder forget hesitate miss"
)
"""After `not` or `no` these keep the sense: "not only", "no more than", "do not forget"."""

NEGATED_PAIRS = frozenset({("instead", "of"), ("rather", "than"), ("fail", "to"), ("unable", "to")})
"""Pairs of words that negate what follows."""

SCOPE_ENDS = _listed(
    "but because so although though whereas while however then unless until before after except if when where "
    "instead rather since therefore otherwise"
)
"""Words after which an earlier negation no longer holds."""

CONTRACTIONS = {
    "can't": ("can", "not"),
    "cannot": ("can", "not"),
    "won't": ("will", "not"),
    "shan't": ("shall", "not"),
}
"""Those that do not follow the pattern `<word>n't`."""

NUMBER_WORDS = {
    name: str(value)
    for value, name in enumerate(
        (
            *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"),
            *(
                "eleven",
                "twelve",
                "thirteen",
                "fourteen",
                "fifteen",
                "sixteen",
                "seventeen",
                "eighteen",
                "nineteen",
            ),
            "twenty",
        )
    )
} | {
    "once": "1",
    "twice": "2",
    "dozen": "12",
    "thirty": "30",
    "forty": "40",
    "fifty": "50",
    "sixty": "60",
    "ninety": "90",
    "hundred": "100",
    "thousand": "1000",
}
"""Numbers that people write as words."""

UNITS = {
    "%": "percent",
    "min": "minute",
    "mins": "minute",
    "sec": "second",
    "secs": "second",
    "s": "second",
    "hr": "hour",
    "hrs": "hour",
    "h": "hour",
    "d": "day",
    "millisecond": "ms",
    "milliseconds": "ms",
    "gi": "gib",
    "gb": "gib",
    "gigabyte": "gib",
    "gigabytes": "gib",
    "mi": "mib",
    "mb": "mib",
    "ki": "kib",
    "kb": "kib",
    "ti": "tib",
    "tb": "tib",
    "$": "usd",
    "dollar": "usd",
    "dollars": "usd",
    "millicore": "m",
    "millicores": "m",
}
"""Behind a number: other spelling -> ours. 1 GB is taken for 1 GiB, as people say it."""

ABBREVIATIONS = {
    "k8s": "kubernetes",
    "az": "availability zone",
    "pdb": "pod disruption budget",
    "hpa": "horizontal pod autoscaler",
    "vpa": "vertical pod autoscaler",
    "irsa": "iam role for service account",
    "sg": "security group",
    "ns": "namespace",
    "pv": "persistent volume",
    "pvc": "persistent volume claim",
    "svc": "service",
    "lb": "load balancer",
    "alb": "application load balancer",
    "nlb": "network load balancer",
    "elb": "elastic load balancer",
    "lbc": "load balancer controller",
    "ebs": "elastic block store",
    "efs": "elastic file system",
    "eni": "elastic network interface",
    "mng": "managed node group",
    "asg": "auto scaling group",
    "crd": "custom resource definition",
    "cmk": "customer managed key",
    "iac": "infrastructure as code",
    "rto": "recovery time objective",
    "rpo": "recovery point objective",
    "slo": "service level objective",
    "sli": "service level indicator",
    "ami": "machine image",
    "mfa": "multi factor authentication",
    "ttl": "time to live",
    "oom": "out of memory",
    "cd": "continuous delivery",
    "ci": "continuous integration",
    "db": "database",
    "dbs": "database",
    "config": "configuration",
    "configs": "configuration",
    "auth": "authentication",
    "authn": "authentication",
    "authz": "authorization",
    "repo": "repository",
    "app": "application",
    "env": "environment",
    "infra": "infrastructure",
    "prod": "production",
    "perms": "permission",
    "creds": "credential",
    "cred": "credential",
    "msg": "message",
    "vm": "virtual machine",
    "utilisation": "utilization",
}
"""Abbreviation -> what it stands for; both spellings meet there."""

GLUE = _listed(
    """
    of in on at to for from with by as into onto over under between through across per about against during within
    out off up down around behind beside above below toward towards than via like without near along upon
    is are was were be been being am do does did done has have had having can could will would shall should may might
    must
    i you he she it we they them us me him who whom whose which what that there here one each every all any some both
    either most many much few several other others another same else something anything everything someone nobody
    if when while because since so although though whereas unless until before after where why how whether once
    however therefore then thus hence instead rather otherwise but nor yet still already again too even only often
    always never usually sometimes not no none nothing
    first next finally later now soon directly mostly enough almost exactly eg ie etc vs e g yes
    """
)
"""Words that tie a sentence together. Articles, `and` and `or` are not among them: they also tie lists."""

COMMON_VERBS = _listed(
    """
    use run need keep get give take make go come check look see add remove create delete start stop
    begin move put let allow deny mean work fail pay wait ask tell say know happen hold stay
    show choose prefer avoid send receive return find fix turn try want help become bring build buy decide
    depend do expect explain fit follow forget grow handle have include keep learn leave lie live lose
    matter miss open own pass pick play prevent protect prove provide put raise reach refuse
    reject require save seem sit split suggest switch talk think treat
    understand answer assume belong break carry catch close compare confirm connect
    consider consume define describe differ drop ensure exist fall guarantee
    hit ignore improve increase reduce investigate look offer prepare
    produce react remain respect
    serve solve specify speak survive verify
    supports contains writes attaches stands measures shares leads replaces recovers covers requires
    get got gave given took taken made went gone came kept ran told said knew known held stood found left lost met
    paid sent spent built bought brought thought chose chosen wrote written broke broken fell grew
    """
)
"""Everyday verbs, so that terse notes count as sentences; none that is also one of the field's nouns."""
