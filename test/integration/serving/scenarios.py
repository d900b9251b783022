"""What the scripts beside it have in common: each tries out what a client's user does, and tells what came of it.

A script reads its job as JSON, and writes {scenario: {"value": …} or {"error": {"type", "status", "message"}}} as JSON.
"""

import inspect
import json
import sys


def read_job():
    return json.load(sys.stdin)


def write_outcomes(outcomes):
    json.dump(outcomes, sys.stdout)


def run(scenarios, describe_error, *arguments):
    """Calls functions one after the other; describe_error gives the status and the message of an error."""
    return {scenario.__name__: _outcome(scenario, describe_error, arguments) for scenario in scenarios}


async def run_async(scenarios, describe_error, *arguments):
    """The same for coroutine functions."""
    outcomes = {}
    for scenario in scenarios:
        outcomes[scenario.__name__] = await _outcome_async(scenario, describe_error, arguments)
    return outcomes


def functions_of(module):
    """A module's own public functions, in the order in which they are written."""
    functions = inspect.getmembers(module, inspect.isfunction)
    own = [function for name, function in functions if function.__module__ == module.__name__ and name[0] != "_"]
    return sorted(own, key=lambda function: function.__code__.co_firstlineno)


def _outcome(scenario, describe_error, arguments):
    try:
        return {"value": scenario(*arguments)}
    except Exception as error:
        return _failure(error, describe_error)


async def _outcome_async(scenario, describe_error, arguments):
    try:
        return {"value": await scenario(*arguments)}
    except Exception as error:
        return _failure(error, describe_error)


def _failure(error, describe_error):
    status, message = describe_error(error)
    return {"error": {"type": type(error).__name__, "status": status, "message": message}}
