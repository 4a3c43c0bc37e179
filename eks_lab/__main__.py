"""Entry point of `eks-lab` and of `python -m eks_lab`."""

import sys


def main() -> None:
    """Run the command line; every error leaves through `eks_lab.cli.run`."""
    from eks_lab.cli import run

    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
