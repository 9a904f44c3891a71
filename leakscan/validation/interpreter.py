"""What the program's interpreter is, and the variables that decide how its packages compute."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass

from leakscan.errors import LeakscanError

_PREFIXES = (
    "BLIS_",
    "CUDA_",
    "GOTO_",
    "HIP_",
    "JAX_",
    "KERAS_",
    "KMP_",
    "LD_PRELOAD",
    "MALLOC_",
    "MKL_",
    "MPLBACKEND",
    "NCCL_",
    "NUMEXPR_",
    "NVIDIA_",
    "OMP_",
    "ONEDNN_",
    "OPENBLAS_",
    "PYTHON",
    "PYTORCH_",
    "ROCR_",
    "TF_",
    "TORCH_",
    "VECLIB_",
    "XLA_",
)
_NO_SECRETS = ("KEY", "PASSWORD", "SECRET", "TOKEN")
_SECONDS = 60.0
_PROBE = """
import json, sys
from importlib import metadata
packages = {}
for found in metadata.distributions():
    name = found.metadata["Name"]
    if name:
        packages.setdefault(name.lower().replace("_", "-"), found.version)
found = {"python": sys.version.split()[0], "implementation": sys.implementation.name, "packages": packages}
json.dump(found, sys.stdout)
"""


@dataclass(frozen=True, slots=True)
class Interpreter:
    """A Python: its path, version, implementation, and the version of every package that it has."""

    path: str
    version: str
    implementation: str
    packages: Mapping[str, str]


def probe(python: str) -> Interpreter:
    """Ask an interpreter what it has; takes some tenths of a second.

    Raises LeakscanError for what is no Python of version 3.8 or later.
    """
    try:
        done = subprocess.run(  # noqa: S603 - the interpreter that the user named
            [python, "-c", _PROBE],
            capture_output=True,
            text=True,
            check=True,
            stdin=subprocess.DEVNULL,
            timeout=_SECONDS,
        )
        found = json.loads(done.stdout)
        return Interpreter(
            python, found["python"], found["implementation"], dict(sorted(found["packages"].items()))
        )
    except subprocess.CalledProcessError as error:
        last = (error.stderr.strip().splitlines() or [f"exit status {error.returncode}"])[-1]
        raise LeakscanError(f"--python: {python}: not a Python of version 3.8 or later: {last}") from None
    except (OSError, ValueError, KeyError, TypeError, subprocess.TimeoutExpired) as error:
        raise LeakscanError(f"--python: {python}: not a Python of version 3.8 or later: {error}") from None


def variables(environment: Mapping[str, str] | None = None) -> dict[str, str]:
    """The variables that frameworks, their libraries and Python itself read; none that may hold a secret."""
    found = os.environ if environment is None else environment
    return {
        name: value
        for name, value in sorted(found.items())
        if name.startswith(_PREFIXES) and not any(word in name for word in _NO_SECRETS)
    }
