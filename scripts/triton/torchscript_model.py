"""Runs the TorchScript file model.pt beside this file, in place of Triton's PyTorch backend.

As there, a tensor whose name ends in two underscores and a number is the argument, or the result, of that number.
"""

import json
import re
from pathlib import Path

import numpy as np
import torch
import triton_python_backend_utils as pb_utils


class TritonPythonModel:
    """The class that Triton's Python backend looks for. The model must batch, and answer FP32."""

    def initialize(self, args):
        """Loads the model; called once per instance."""
        torch.set_num_threads(1)
        config = json.loads(args["model_config"])
        self._inputs = _by_number(config["input"])
        self._outputs = _by_number(config["output"])
        self._model = torch.jit.load(str(Path(__file__).parent / "model.pt"), map_location="cpu").eval()

    def execute(self, requests):
        """Answers each request, in order; the dynamic batcher's requests are run as one batch."""
        try:
            arrays = [[_input(request, name) for request in requests] for name in self._inputs]
            answers = self._run([np.concatenate(parts) for parts in arrays])
        except Exception as error:  # whatever it is, each caller has to hear of it
            failure = pb_utils.TritonError(str(error))
            return [pb_utils.InferenceResponse(error=failure) for _ in requests]
        ends = np.cumsum([len(part) for part in arrays[0]])[:-1]
        parts = zip(*(np.split(answer, ends) for answer in answers))
        return [self._response(request, part) for request, part in zip(requests, parts)]

    def _run(self, batches):
        with torch.inference_mode():
            # A tensor of its own memory: that of a request is read-only.
            answers = self._model(*(torch.tensor(batch) for batch in batches))
        return [answer.numpy() for answer in (answers if isinstance(answers, tuple) else (answers,))]

    def _response(self, request, answers):
        wanted = request.requested_output_names()
        return pb_utils.InferenceResponse(
            [
                pb_utils.Tensor(name, np.ascontiguousarray(answer))
                for name, answer in zip(self._outputs, answers)
                if name in wanted
            ]
        )


def _by_number(tensors):
    return sorted((tensor["name"] for tensor in tensors), key=lambda name: int(re.search(r"__(\d+)$", name)[1]))


def _input(request, name):
    return pb_utils.get_input_tensor_by_name(request, name).as_numpy()
