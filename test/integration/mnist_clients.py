"""Sends digits as numbers by an official client, KServe's or Triton's, over HTTP and gRPC.

Job: {"client": "kserve" | "triton", "http": "host:port", "grpc": "host:port", "shape": [...], "digits": base64 of
float32}. Writes what the client finds in the answer's `predict`, and its datatype; and, of KServe's, in `explain` on V1's
explain route. One process imports one of them: both bring the same proto.
"""

import asyncio
import base64
import json
import sys

import numpy as np

MODEL = "mnist"


def by_triton(job, digits):
    import tritonclient.grpc
    import tritonclient.http

    def ask(triton, address):
        client = triton.InferenceServerClient(address)
        given = triton.InferInput("input-0", list(digits.shape), "FP32")
        given.set_data_from_numpy(digits)
        answer = client.infer(MODEL, [given]).as_numpy("predict")
        client.close()
        return shown(answer)

    return {"http": ask(tritonclient.http, job["http"]), "grpc": ask(tritonclient.grpc, job["grpc"])}


async def by_kserve(job, digits):
    import httpx
    from kserve import InferenceGRPCClient, InferenceRESTClient, InferInput, InferRequest, InferResponse
    from kserve.inference_client import RESTConfig

    def request(is_binary):
        given = InferInput("input-0", list(digits.shape), "FP32")
        given.set_data_from_numpy(digits, binary_data=is_binary)
        return InferRequest(MODEL, [given])

    async def rest(is_binary):
        client = InferenceRESTClient(RESTConfig(protocol="v2"))
        answer = await client.infer(f"http://{job['http']}", request(is_binary), MODEL)
        await client.close()
        return shown(output_of(answer, "predict"))

    async def grpc():
        client = InferenceGRPCClient(job["grpc"], retries=0)
        answer = await client.infer(request(is_binary=True))
        await client.close()
        return shown(output_of(answer, "predict"))

    async def explained():
        # The client has no call for it: it writes the body and reads the answer.
        body, _ = request(is_binary=False).to_rest()
        async with httpx.AsyncClient(timeout=60) as client:
            response = await client.post(f"http://{job['http']}/v1/models/{MODEL}:explain", json=body)
        values = output_of(InferResponse.from_rest(response.json()), "explain")
        return {**shown(values), "shape": list(values.shape)}

    return {
        "rest_json": await rest(is_binary=False),
        "rest_binary": await rest(is_binary=True),
        "grpc": await grpc(),
        "explain": await explained(),
    }


def output_of(answer, name):
    return next(output for output in answer.outputs if output.name == name).as_numpy()


def shown(array):
    return {"datatype": str(array.dtype), "values": array.flatten().tolist()}


def main():
    job = json.load(sys.stdin)
    digits = np.frombuffer(base64.b64decode(job["digits"]), np.float32).reshape(job["shape"])
    found = by_triton(job, digits) if job["client"] == "triton" else asyncio.run(by_kserve(job, digits))
    json.dump(found, sys.stdout)


main()
