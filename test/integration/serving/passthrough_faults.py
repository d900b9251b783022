"""Requests whose data do not fill their shapes: this build of Triton ends by some of them, so a service refuses them."""

import numpy as np


def fewer_numbers_than_the_shape(setting):
    return _as_shape(setting, [5])


def more_numbers_than_the_shape(setting):
    return _as_shape(setting, [2])


def a_huge_shape(setting):
    return _as_shape(setting, [2**62])


def a_negative_shape(setting):
    return _as_shape(setting, [-1])


def fewer_texts_than_the_shape(setting):
    given = setting.input("BYTES_IN", np.array([[b"one", b"two"]], dtype=np.object_), "BYTES")
    given.set_shape([1, 3])
    return setting.infer("every_datatype", [given])


def text_longer_than_the_data(setting):
    given = setting.input("BYTES_IN", np.array([[b"one", b"two"]], dtype=np.object_), "BYTES")
    if setting.is_http:
        given._raw_data = b"\xff\xff\xff\x7f" + given._raw_data[4:]
    else:
        given._raw_content = b"\xff\xff\xff\x7f" + given._raw_content[4:]
    return setting.infer("every_datatype", [given])


def no_data_for_the_shape(setting):
    given = setting.input("INPUT0", np.zeros(0, dtype=np.float32), "FP32")
    given.set_shape([4])
    return setting.infer("copy", [given])


def afterwards(setting):
    given = setting.input("INPUT0", np.array([1, 2], dtype=np.float32), "FP32")
    return setting.infer("copy", [given])["outputs"]["OUTPUT0"]["values"]


def _as_shape(setting, shape):
    given = setting.input("INPUT0", np.array([1, 2, 3], dtype=np.float32), "FP32")
    given.set_shape(shape)
    return setting.infer("copy", [given])
