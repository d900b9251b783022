"""Sends tensors to a Triton by its official client, and shows which bytes went out and which came back.

Reads {"address": "host:port", "protocol": "http" | "grpc", "samples": [{"model", "datatype", "shape", "elements"}]},
writes [{"sent", "shape", "elements"}]. Elements are base64: of BYTES each one, of all other datatypes all in one.
"""

import base64
import json
import sys

import ml_dtypes
import numpy as np
import tritonclient.grpc
import tritonclient.http
from tritonclient.utils import triton_to_np_dtype


def main():
    job = json.load(sys.stdin)
    triton = {"http": tritonclient.http, "grpc": tritonclient.grpc}[job["protocol"]]
    client = triton.InferenceServerClient(job["address"])
    json.dump([exchange(triton, client, sample) for sample in job["samples"]], sys.stdout)
    client.close()


def exchange(triton, client, sample):
    datatype, shape = sample["datatype"], sample["shape"]
    array = array_of(datatype, [base64.b64decode(element) for element in sample["elements"]]).reshape(shape)
    given = triton.InferInput(f"{datatype}_IN", shape, datatype)
    given.set_data_from_numpy(array)
    wanted = triton.InferRequestedOutput(f"{datatype}_OUT")
    answer = client.infer(sample["model"], [given], outputs=[wanted]).as_numpy(f"{datatype}_OUT")
    sent = given._get_binary_data() if triton is tritonclient.http else given._get_content()
    return {"sent": to_base64(sent or b""), "shape": answer.shape, "elements": elements_of(datatype, answer)}


def array_of(datatype, elements):
    if datatype == "BYTES":
        return np.array(elements, dtype=np.object_)
    return np.frombuffer(elements[0], dtype=numpy_type(datatype))


def elements_of(datatype, array):
    elements = array.flatten() if datatype == "BYTES" else [array.tobytes()]
    return [to_base64(element) for element in elements]


def numpy_type(datatype):
    return ml_dtypes.bfloat16 if datatype == "BF16" else triton_to_np_dtype(datatype)


def to_base64(data):
    return base64.b64encode(data).decode()


main()
