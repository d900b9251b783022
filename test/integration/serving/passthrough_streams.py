"""Streams to a decoupled model, whose messages through a service are to be those of Triton itself."""

import queue

import numpy as np
from triton_setting import answer, status_and_message

LIMIT_S = 30


def three_answers(setting):
    return _streamed(setting, 3, times=3)


def an_empty_last_answer(setting):
    return _streamed(setting, 3, final=True, times=2)


def the_last_answer_marked_by_the_model(setting):
    return _streamed(setting, 2, final=True, times=2, final_with_last=True)


def an_error_midway(setting):
    return _streamed(setting, 3, times=5, fail_at=2)


def an_unknown_output(setting):
    return _streamed(setting, 1, outputs=["NO_SUCH_OUTPUT"])


def two_requests(setting):
    """The answers to each in their order; how they interleave is nobody's promise."""
    with _Stream(setting) as stream:
        stream.send("a", times=3, delay_ms=10)
        stream.send("b", times=3, delay_ms=10)
        answers = stream.receive(6)
    return {request: [message for message in answers if message.get("id") == request] for request in ("a", "b")}


def a_model_that_is_not_decoupled(setting):
    with _Stream(setting) as stream:
        given = setting.input("INPUT0", np.array([1, 2], dtype=np.float32), "FP32")
        setting.client.async_stream_infer("copy", [given], request_id="a")
        return stream.receive(1)


def a_request_that_is_left(setting):
    """How many more cancelled requests the model counts afterwards; it looks before each answer."""
    before = _cancelled(setting)
    with _Stream(setting, cancel=True) as stream:
        stream.send("a", times=500, delay_ms=20)
        stream.receive(1)
    for _ in range(100):
        after = _cancelled(setting)
        if after > before:
            break
    return after - before


def _streamed(setting, count, **options):
    with _Stream(setting) as stream:
        stream.send("a", **options)
        return stream.receive(count)


def _cancelled(setting):
    [message] = _streamed(setting, 1, times=1, delay_ms=50, report=True)
    return message["outputs"]["index"]["values"][0]


class _Stream:
    """A stream of the client."""

    def __init__(self, setting, cancel=False):
        self._setting, self._cancel = setting, cancel
        self._messages = queue.Queue()

    def __enter__(self):
        self._setting.client.start_stream(callback=lambda result, error: self._messages.put((result, error)))
        return self

    def __exit__(self, *_):
        self._setting.client.stop_stream(cancel_requests=self._cancel)

    def send(self, request_id, outputs=None, final=False, **parameters):
        triton = self._setting.triton
        self._setting.client.async_stream_infer(
            "repeat",
            [self._setting.input("text_input", np.array([b"hello"], dtype=np.object_), "BYTES")],
            outputs=None if outputs is None else [triton.InferRequestedOutput(name) for name in outputs],
            request_id=request_id,
            enable_empty_final_response=final,
            parameters=parameters,
        )

    def receive(self, count):
        return [_shown(*self._messages.get(timeout=LIMIT_S)) for _ in range(count)]


def _shown(result, error):
    if error is not None:
        status, message = status_and_message(error)
        return {"status": status, "message": message}
    return {**answer(result), "parameters": result.get_response(as_json=True).get("parameters", {})}
