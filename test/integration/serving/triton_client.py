"""Drives a server as users of Triton's official client do, over either of its protocols.

Job: {"protocol": "http" | "grpc", "address": "host:port", "model", "picture": base64,
"group": "calls" | "one_call" | "repository"}.
"""

import importlib

import scenarios
from triton_setting import Setting, status_and_message


def main():
    job = scenarios.read_job()
    modules = {
        "calls": ["triton_calls", f"triton_{job['protocol']}_calls"],
        "one_call": ["triton_one_call"],
        "repository": ["triton_repository"],
    }
    functions = [
        function
        for module in modules[job["group"]]
        for function in scenarios.functions_of(importlib.import_module(module))
    ]
    setting = Setting(job)
    outcomes = scenarios.run(functions, status_and_message, setting)
    setting.client.close()
    scenarios.write_outcomes(outcomes)


main()
