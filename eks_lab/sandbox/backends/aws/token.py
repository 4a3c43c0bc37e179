"""`python -m eks_lab.sandbox.backends.aws.token`: what kubectl runs to get a token; it sends nothing by itself.

Getting a profile's credentials may take requests of its own (a role to take, IAM Identity Center).
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from botocore.exceptions import BotoCoreError

from eks_lab.clock import Clock, SystemClock
from eks_lab.sandbox.backends.aws.access import printed, token
from eks_lab.sandbox.backends.aws.profile import session_of


def main(arguments: Sequence[str], clock: Clock) -> int:
    """Print a token and return the exit code.

    Args:
        arguments: of the command line.
        clock: wall time.
    """
    parser = argparse.ArgumentParser(prog=f"python -m {__spec__.name if __spec__ else __name__}")
    for name in ("profile", "region", "cluster"):
        parser.add_argument(f"--{name}", required=True)
    given = parser.parse_args(arguments)
    try:
        print(printed(token(session_of(given.profile), given.region, given.cluster), clock.now()))
    except BotoCoreError as error:
        print(f"eks-lab: the profile {given.profile} has no usable credentials: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], SystemClock()))
