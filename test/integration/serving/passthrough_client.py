"""Sends requests of every kind for the models of the tests by Triton's official client: to Triton, or through a service.

Job: {"protocol": "http" | "grpc", "addresses": {model: "host:port"}}.
"""

import importlib
import json

import numpy as np

import scenarios
from triton_setting import answer, status_and_message


class Setting:
    """A client for each model, since a service answers for one."""

    def __init__(self, job):
        self.triton = importlib.import_module(f"tritonclient.{job['protocol']}")
        self.is_http = job["protocol"] == "http"
        self.addresses = job["addresses"]

    def client(self, model):
        return self.triton.InferenceServerClient(self.addresses[model])

    def input(self, name, array, datatype, **form):
        given = self.triton.InferInput(name, list(array.shape), datatype)
        given.set_data_from_numpy(array, **form)
        return given

    def infer(self, model, inputs, outputs=None, **options):
        wanted = None if outputs is None else [self.triton.InferRequestedOutput(name) for name in outputs]
        with self.client(model) as client:
            return answer(client.infer(model, inputs, outputs=wanted, **options))

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
        with self.client("request_extensions") as client:
            return answer(client.infer("request_extensions", given, outputs=wanted))


def main():
    job = scenarios.read_job()
    functions = scenarios.functions_of(importlib.import_module("passthrough_calls"))
    scenarios.write_outcomes(scenarios.run(functions, status_and_message, Setting(job)))


main()
