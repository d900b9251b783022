"""Runs the model.onnx beside this file, in place of Triton's onnxruntime backend."""

import json
from pathlib import Path

import numpy as np
import onnxruntime as ort
import triton_python_backend_utils as pb_utils


class TritonPythonModel:
    """The class that Triton's Python backend looks for."""

    def initialize(self, args):
        """Loads the model; called once per instance."""
        options = ort.SessionOptions()
        options.intra_op_num_threads = 1
        model = Path(__file__).parent / "model.onnx"
        self._session = ort.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
        self._inputs = [tensor.name for tensor in self._session.get_inputs()]
        self._outputs = [tensor.name for tensor in self._session.get_outputs()]
        self._batches = json.loads(args["model_config"])["max_batch_size"] > 0

    def execute(self, requests):
        """Answers each request, in order. The dynamic batcher's requests are run as one batch."""
        if not self._batches:
            return [response for request in requests for response in self._run([request])]
        return self._run(requests)

    def _run(self, requests):
        try:
            arrays = {name: [_input(request, name) for request in requests] for name in self._inputs}
            answers = self._session.run(
                self._outputs, {name: np.concatenate(parts) for name, parts in arrays.items()}
            )
        except Exception as error:  # whatever it is, each caller has to hear of it
            failure = pb_utils.TritonError(str(error))
            return [pb_utils.InferenceResponse(error=failure) for _ in requests]
        ends = np.cumsum([len(part) for part in arrays[self._inputs[0]]])
        parts = zip(*(np.split(answer, ends[:-1]) for answer in answers))
        return [self._response(request, part) for request, part in zip(requests, parts)]

    def _response(self, request, answers):
        wanted = request.requested_output_names()
        tensors = [
            pb_utils.Tensor(name, np.ascontiguousarray(answer))
            for name, answer in zip(self._outputs, answers)
            if name in wanted
        ]
        return pb_utils.InferenceResponse(tensors)


def _input(request, name):
    return pb_utils.get_input_tensor_by_name(request, name).as_numpy()
