"""Calls whose outcome through a service is to be that of Triton itself."""

import numpy as np


def metadata(setting):
    return _metadata(setting, "every_datatype_batched")


def metadata_of_a_version(setting):
    return _metadata(setting, "copy", "1")


def metadata_of_an_unknown_version(setting):
    return _metadata(setting, "copy", "7")


def ready(setting):
    return [setting.client.is_model_ready("copy"), setting.client.is_model_ready("copy", "1")]


def an_id(setting):
    return setting.shown(request_id="request 1 für alle")


def custom_parameters(setting):
    return setting.shown(
        parameters={
            "whole": 7,
            "negative": -5,
            "largest": 2**63 - 1,
            "least": -(2**63),
            "decimal": 0.1,
            "large": 1e21,
            "yes": True,
            "no": False,
            "text": 'x "ü"',
        }
    )


def a_priority(setting):
    return setting.shown(priority=1)


def a_queue_timeout(setting):
    return setting.shown(timeout=5_000_000)


def a_sequence_by_number(setting):
    return _sum(setting, 42)


def a_sequence_by_the_largest_number(setting):
    return _sum(setting, 2**63 - 1)


def a_sequence_by_text(setting):
    return _sum(setting, "user 7")


def a_sequence_that_was_not_started(setting):
    return _add(setting, 999, 1)


def two_classes(setting):
    return setting.classified(2)


def more_classes_than_there_are(setting):
    return setting.classified(99)


def the_version(setting):
    return setting.infer("copy", [_numbers(setting, 3)], model_version="1")


def an_unknown_version(setting):
    return setting.infer("copy", [_numbers(setting, 3)], model_version="7")


def no_numbers(setting):
    return setting.infer("copy", [_numbers(setting, 0)])


def a_megabyte(setting):
    given = np.arange(262144, dtype=np.float32)
    array = setting.client.infer("copy", [setting.input("INPUT0", given, "FP32")]).as_numpy("OUTPUT0")
    return bool(np.array_equal(array, given))


def an_unknown_output(setting):
    return setting.infer("copy", [_numbers(setting, 3)], outputs=["NO_SUCH_OUTPUT"])


def an_unknown_input(setting):
    return setting.infer("copy", [_numbers(setting, 3, name="NO_SUCH_INPUT")])


def no_input(setting):
    return setting.infer("request_extensions", [])


def a_second_input(setting):
    return setting.infer("copy", [_numbers(setting, 3), _numbers(setting, 3, name="NO_SUCH_INPUT")])


def a_wrong_datatype(setting):
    return setting.infer("copy", [setting.input("INPUT0", np.zeros(3, dtype=np.int32), "INT32")])


def a_wrong_shape(setting):
    given = setting.input("SCORES_IN", np.zeros((1, 4), dtype=np.float32), "FP32")
    return setting.infer("request_extensions", [given])


def too_few_dimensions(setting):
    given = setting.input("SCORES_IN", np.zeros(3, dtype=np.float32), "FP32")
    return setting.infer("request_extensions", [given])


def too_large_a_batch(setting):
    given = setting.input("SCORES_IN", np.zeros((5, 3), dtype=np.float32), "FP32")
    return setting.infer("request_extensions", [given])


def an_empty_batch(setting):
    given = setting.input("SCORES_IN", np.zeros((0, 3), dtype=np.float32), "FP32")
    return setting.infer("request_extensions", [given])


def a_decoupled_model(setting):
    given = setting.input("text_input", np.array([b"hello"], dtype=np.object_), "BYTES")
    return setting.infer("repeat", [given], parameters={"times": 2})


def _metadata(setting, *model):
    if setting.is_http:
        return setting.client.get_model_metadata(*model)
    return setting.client.get_model_metadata(*model, as_json=True)


def _numbers(setting, count, name="INPUT0"):
    return setting.input(name, np.arange(count, dtype=np.float32), "FP32")


def _add(setting, sequence, number, **flags):
    given = setting.input("INPUT0", np.array([[number]], dtype=np.int64), "INT64")
    response = setting.infer("sequence_sum", [given], sequence_id=sequence, **flags)
    return {name: output["values"] for name, output in response["outputs"].items()}


def _sum(setting, sequence):
    return [
        _add(setting, sequence, 5, sequence_start=True),
        _add(setting, sequence, 6),
        _add(setting, sequence, 7, sequence_end=True),
    ]
