"""Drives a server as users of KServe's Python SDK do: its client for V1 and V2 over HTTP, and the one for gRPC.

Job: {"protocol": "v1" | "v2" | "grpc", "address", "model", "picture": base64}; the address is a URL, or "host:port" for
gRPC.
"""

import asyncio
import importlib
import logging

import scenarios
from kserve_setting import Setting, status_and_message


async def main():
    # The client logs each failed call; here failures are what is wanted.
    logging.disable(logging.CRITICAL)
    job = scenarios.read_job()
    setting = Setting(job)
    functions = scenarios.functions_of(importlib.import_module(f"kserve_{job['protocol']}_calls"))
    outcomes = await scenarios.run_async(functions, status_and_message, setting)
    await setting.client.close()
    scenarios.write_outcomes(outcomes)


asyncio.run(main())
