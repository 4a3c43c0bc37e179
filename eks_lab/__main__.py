"""Entry point of `eks-lab` and of `python -m eks_lab`."""

import sys


def main() -> None:
    """Run the command line; every error leaves through `eks_lab.cli.run`."""
    try:
        from eks_lab.cli import run

        exit_code = run(sys.argv[1:])
    except KeyboardInterrupt:
        # While modules were still being read; later it is told.
        exit_code = 130
    sys.exit(exit_code)


if __name__ == "__main__":
    main()
