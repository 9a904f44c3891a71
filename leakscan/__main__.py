"""`python -m leakscan`."""

from leakscan.cli import program

if __name__ == "__main__":
    raise SystemExit(program())
