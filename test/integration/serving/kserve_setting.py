"""What the calls of KServe's own clients have in common."""

import base64

import grpc
import httpx
import numpy as np
from kserve import InferenceGRPCClient, InferenceRESTClient, InferInput, InferRequest
from kserve.inference_client import RESTConfig
from kserve.protocol.infer_type import RequestedOutput


class Setting:
    """A client, and what to send by it."""

    def __init__(self, job):
        self.protocol, self.address, self.model = job["protocol"], job["address"], job["model"]
        self.base64 = job["picture"]
        self.picture = base64.b64decode(self.base64)
        if self.protocol == "grpc":
            self.client = InferenceGRPCClient(self.address, retries=0)
        else:
            self.client = InferenceRESTClient(RESTConfig(protocol=self.protocol))

    def request(self, given, outputs=(), **options):
        wanted = [RequestedOutput(name, parameters) for name, parameters in outputs]
        return InferRequest(self.model, [given], request_outputs=wanted, **options)

    def raw_images(self, *pictures):
        """Pictures as binary data."""
        given = InferInput("image", [len(pictures)], "BYTES")
        given.set_data_from_numpy(np.array(pictures, dtype=np.object_), binary_data=True)
        return given

    def base64_images(self, *pictures):
        """Pictures as JSON has them."""
        return InferInput("image", [len(pictures)], "BYTES", data=list(pictures))


def answer(response):
    """An answer in terms that the test can compare."""
    outputs = {output.name: _tensor(output) for output in response.outputs}
    return {"id": response.id, "model_name": response.model_name, "outputs": outputs}


def status_and_message(error):
    if isinstance(error, httpx.HTTPStatusError):
        return error.response.status_code, str(error)
    if isinstance(error, grpc.RpcError):
        return error.code().name, error.details()
    return None, str(error)


def _tensor(output):
    values = output.as_numpy().flatten().tolist()
    texts = [value.decode() if isinstance(value, bytes) else value for value in values]
    return {"datatype": output.datatype, "shape": list(output.shape), "values": texts}
