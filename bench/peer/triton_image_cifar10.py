"""Triton does it all: python-backend model that decodes BYTES images and calls cifar10 by BLS (no transformer).
The peer that needs no transformer."""

import base64
import io
import json

import numpy as np
import triton_python_backend_utils as pb
from PIL import Image

SIZE = 32


class TritonPythonModel:
    def initialize(self, args):
        parameters = json.loads(args["model_config"]).get("parameters", {})
        self.draft = parameters.get("draft", {}).get("string_value") == "1"

    def tensor(self, data: bytes) -> np.ndarray:
        if data[:2] != b"\xff\xd8" and data[:4] != b"\x89PNG":  # a JSON request carries base64
            data = base64.b64decode(data, validate=True)
        with Image.open(io.BytesIO(data)) as image:
            if self.draft:
                image.draft("RGB", (2 * SIZE, 2 * SIZE))
            pixels = np.asarray(image.convert("RGB").resize((SIZE, SIZE), Image.Resampling.BILINEAR))
        return ((pixels.astype(np.float32) / 255.0 - 0.5) / 0.5).transpose(2, 0, 1)

    def execute(self, requests):
        """One BLS call for all requests that the scheduler put together (at most max_batch_size images)."""
        responses, batches = [None] * len(requests), {}
        for number, request in enumerate(requests):
            try:
                images = pb.get_input_tensor_by_name(request, "IMAGE").as_numpy().ravel()
                batches[number] = np.stack([self.tensor(image) for image in images])
            except Exception as error:
                message = pb.TritonError(f"image cannot be decoded: {error}", pb.TritonError.INVALID_ARG)
                responses[number] = pb.InferenceResponse(error=message)
        if not batches:
            return responses
        answer = pb.InferenceRequest(
            model_name="cifar10", requested_output_names=["OUTPUT__0"],
            inputs=[pb.Tensor("INPUT__0", np.concatenate(list(batches.values())))]).exec()
        at = 0
        for number, batch in batches.items():
            if answer.has_error():
                responses[number] = pb.InferenceResponse(error=answer.error())
                continue
            scores = pb.get_output_tensor_by_name(answer, "OUTPUT__0").as_numpy()[at:at + len(batch)]
            at += len(batch)
            responses[number] = pb.InferenceResponse(
                [pb.Tensor("PREDICTION", scores.argmax(axis=-1).astype(np.int64).reshape(-1, 1))])
        return responses
