"""Calls the models of the tests in every way by Triton's official client: at Triton itself, or through a service.

Job: {"protocol": "http" | "grpc", "address": "host:port", "calls": the name of a module beside this one}.
"""

import importlib
import json

import numpy as np

import scenarios
from triton_setting import answer, status_and_message


class Setting:
    """A client, and how to send by it."""

    def __init__(self, job):
        self.triton = importlib.import_module(f"tritonclient.{job['protocol']}")
        self.is_http = job["protocol"] == "http"
        self.client = self.triton.InferenceServerClient(job["address"])

    def input(self, name, array, datatype, **form):
        given = self.triton.InferInput(name, list(array.shape), datatype)
        given.set_data_from_numpy(array, **form)
        return given

    def infer(self, model, inputs, outputs=None, **options):
        wanted = None if outputs is None else [self.triton.InferRequestedOutput(name) for name in outputs]
        shown = answer(self.client.infer(model, inputs, outputs=wanted, **options))
        # Over HTTP the service makes up an id where a request has none.
        return shown if "request_id" in options else {**shown, "id": ""}

    def shown(self, scores=(0.5, 3, -1), **options):
        """What the model request_extensions says of a request."""
        given = [self.input("SCORES_IN", np.array([scores], dtype=np.float32), "FP32")]
        response = self.infer("request_extensions", given, outputs=["REQUEST"], **options)
        shown = json.loads(response["outputs"]["REQUEST"]["values"][0])
        del shown["executedAs"]
        return {"id": response["id"], "shown": shown}

    def classified(self, count):
        given = [self.input("SCORES_IN", np.array([[0.5, 3, -1], [7, 8, 9]], dtype=np.float32), "FP32")]
        wanted = [self.triton.InferRequestedOutput("SCORES_OUT", class_count=count)]
        return {**answer(self.client.infer("request_extensions", given, outputs=wanted)), "id": ""}


def main():
    job = scenarios.read_job()
    functions = scenarios.functions_of(importlib.import_module(job["calls"]))
    setting = Setting(job)
    outcomes = scenarios.run(functions, status_and_message, setting)
    setting.client.close()
    scenarios.write_outcomes(outcomes)


main()
