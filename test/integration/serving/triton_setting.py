"""What the calls of Triton's official client have in common, whatever the protocol."""

import base64
import importlib

import numpy as np


class Setting:
    """A client, and what to send by it."""

    def __init__(self, job):
        self.triton = importlib.import_module(f"tritonclient.{job['protocol']}")
        self.client = self.triton.InferenceServerClient(job["address"])
        self.model = job["model"]
        self.picture = base64.b64decode(job["picture"])

    def images(self, *pictures, name="image", **form):
        """The model's one input."""
        given = self.triton.InferInput(name, [len(pictures)], "BYTES")
        given.set_data_from_numpy(np.array(pictures, dtype=np.object_), **form)
        return [given]

    def infer(self, inputs=None, outputs=None, model=None, **options):
        inputs = self.images(self.picture) if inputs is None else inputs
        wanted = None if outputs is None else [self.triton.InferRequestedOutput(name) for name in outputs]
        return answer(self.client.infer(model or self.model, inputs, outputs=wanted, **options))


def answer(result):
    """An answer in terms that the test can compare."""
    response = result.get_response()
    if not isinstance(response, dict):
        response = result.get_response(as_json=True)
    outputs = {output["name"]: _tensor(result, output) for output in response.get("outputs", [])}
    head = {key: response.get(key, "") for key in ("model_name", "model_version", "id")}
    return {**head, "outputs": outputs}


def status_and_message(error):
    return getattr(error, "status", lambda: None)(), getattr(error, "message", lambda: str(error))()


def _tensor(result, output):
    array = result.as_numpy(output["name"])
    values = [value.decode() if isinstance(value, bytes) else value for value in array.flatten().tolist()]
    return {"datatype": output["datatype"], "shape": array.shape, "values": values}
