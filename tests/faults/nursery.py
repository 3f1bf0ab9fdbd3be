"""A process that has loaded Django once and forks a child for each command, so that tests can kill real processes
without waiting for imports.

Reads a line of JSON, answers with one: {"run": ["send_messages"], …} starts `manage.py send_messages` and answers with
its process id; {"call": "module.function", "with": [...], …} calls a function; {"wait": 123} answers with the exit
code, negative for the number of the signal that ended it. With both kinds of start come the database ("database"), the
mail server ("smtp": OPTIONS) and the file for what is printed ("log"), so that one nursery serves all tests.
"""

import json
import multiprocessing
import os
import sys
import traceback
from importlib import import_module
from typing import Any, NoReturn


def main() -> None:
    import django

    django.setup()
    for line in sys.stdin:
        request = json.loads(line)
        if "wait" in request:
            _, status = os.waitpid(request["wait"], 0)
            answer = os.waitstatus_to_exitcode(status)
        else:
            answer = os.fork()
            if answer == 0:
                _work(request)
        print(json.dumps(answer), flush=True)


def _work(request: dict[str, Any]) -> NoReturn:
    """What the child does, and all it does: it never returns into the loop above."""
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connections

    code = 0
    os.setsid()  # so that a test can end it with everything it has started
    try:
        with open(request["log"], "a") as log:
            os.dup2(log.fileno(), 1)
            os.dup2(log.fileno(), 2)
        connections.settings["default"].update(request["database"])
        settings.MAILERS["default"]["OPTIONS"].update(request["smtp"])
        if "run" in request:
            call_command(*request["run"])
        else:
            module, _, function = request["call"].rpartition(".")
            getattr(import_module(module), function)(*request["with"])
        for child in multiprocessing.active_children():
            child.join()  # the worker's main process lives as long as its guard, as under `python manage.py qcluster`
    except BaseException:
        traceback.print_exc()
        code = 1
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    main()
