"""The command line: a module for each command. Nothing else in leakscan prints or exits."""

from leakscan.cli.entry import main, program

__all__ = ["main", "program"]
