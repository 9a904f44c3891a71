"""Configuration files and the command line -> one frozen `Config` for each directory."""

from leakscan.config.reading import selector_problem, strategy_problem
from leakscan.config.resolving import ConfigResolver, configured_at, configured_rules_dirs, project_rules_dirs
from leakscan.config.settings import Config, Overrides, Selection, Strategies

__all__ = [
    "Config",
    "ConfigResolver",
    "Overrides",
    "Selection",
    "Strategies",
    "configured_at",
    "configured_rules_dirs",
    "project_rules_dirs",
    "selector_problem",
    "strategy_problem",
]
