"""Runs programs that train, each in a process of its own that starts with TensorFlow imported.

Importing takes 6 s of CPU, the programs of the tests about one. So one process imports TensorFlow and does
nothing with it; each program is run in a fork of that, as `python PROGRAM` would run it. TensorFlow's own
threads start with its first operation, so there is nothing yet that a fork could break.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys

_SERVER = r"""
import json, os, sys
import numpy, sklearn.model_selection, tensorflow, keras

def become(task):
    os.environ.update(task["environment"])
    os.chdir(task["directory"])
    for descriptor, name in ((1, "out"), (2, "err")):
        os.dup2(os.open(task[name], os.O_WRONLY | os.O_CREAT | os.O_TRUNC), descriptor)
    import runpy
    sys.argv = task["command"]
    sys.path[:1] = [*task["path"], os.path.dirname(sys.argv[0])]
    code = 0
    try:
        runpy.run_path(sys.argv[0], run_name="__main__")
    except SystemExit as error:
        code = error.code or 0
    except BaseException:
        import traceback
        traceback.print_exc()
        code = 1
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)

answers = os.fdopen(os.dup(1), "w")
for line in sys.stdin:
    child = os.fork()
    if not child:
        become(json.loads(line))
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), file=answers, flush=True)
"""


class Trainer:
    """Runs programs under TensorFlow on the CPU; `directory` is for what they print."""

    def __init__(self, directory):
        self._directory = directory
        self._count = 0
        self._server = None

    def run(self, program, *arguments, environment=None, path=(), directory=None):
        """What a program prints on standard output; it must end well."""
        self._count += 1
        out, err = (self._directory / f"{self._count}.{name}" for name in ("out", "err"))
        task = {
            "command": [str(program), *map(str, arguments)],
            "environment": environment or {},
            "path": list(map(str, path)),
            "directory": str(directory or self._directory),
            "out": str(out),
            "err": str(err),
        }
        server = self._running()
        server.stdin.write(json.dumps(task) + "\n")
        server.stdin.flush()
        code = server.stdout.readline().strip()
        assert code == "0", f"{program} ended with {code or 'its server'}: {err.read_text()[-3000:]}"
        return out.read_text()

    def _running(self):
        if self._server is None:
            environment = {
                **os.environ,
                "CUDA_VISIBLE_DEVICES": "-1",
                "TF_CPP_MIN_LOG_LEVEL": "3",
                "KERAS_BACKEND": "tensorflow",
                # The models are small, and the other core has tests of its own.
                "OMP_NUM_THREADS": "1",
                "TF_NUM_INTRAOP_THREADS": "1",
                "TF_NUM_INTEROP_THREADS": "1",
            }
            self._server = subprocess.Popen(
                [sys.executable, "-c", _SERVER],
                env=environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
        return self._server

    def close(self):
        if self._server is not None:
            self._server.stdin.close()
            self._server.stdout.close()
            self._server.wait()
