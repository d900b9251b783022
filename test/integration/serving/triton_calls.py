"""Calls that are written in the same way for HTTP and gRPC."""

import numpy as np

# Neither a picture nor text, which would be taken for base64.
NO_PICTURE = b"\x00\x01 no picture"


def server_is_live(setting):
    return setting.client.is_server_live()


def server_is_ready(setting):
    return setting.client.is_server_ready()


def model_is_ready(setting):
    return setting.client.is_model_ready(setting.model)


def version_is_ready(setting):
    return setting.client.is_model_ready(setting.model, "1")


def one_picture(setting):
    return setting.infer(request_id="first-1")


def without_an_id(setting):
    return setting.infer()


def three_pictures(setting):
    return setting.infer(setting.images(setting.picture, NO_PICTURE, setting.picture))


def the_version(setting):
    return setting.infer(model_version="1")


def one_output(setting):
    return setting.infer(outputs=["face_quality_score"])


def outputs_in_another_order(setting):
    return setting.infer(outputs=["response", "face_quality_score"])


def input_of_another_name(setting):
    return setting.infer(setting.images(setting.picture, name="picture"))


def with_every_parameter(setting):
    return setting.infer(
        request_id="x",
        priority=1,
        timeout=5_000_000,
        sequence_id=7,
        sequence_start=True,
        sequence_end=True,
        parameters={"text": "ü", "whole": 1, "decimal": 0.5, "yes": True},
    )


def with_headers(setting):
    return setting.infer(headers={"x-request-id": "of-the-headers"})


def no_pictures(setting):
    return setting.infer(setting.images())


def no_picture(setting):
    return setting.infer(setting.images(NO_PICTURE))


def unknown_model(setting):
    return setting.infer(model="no_such_model")


def unknown_version(setting):
    return setting.infer(model_version="7")


def second_input(setting):
    return setting.infer(setting.images(setting.picture) + setting.images(setting.picture, name="picture"))


def unknown_output(setting):
    return setting.infer(outputs=["no_such_output"])


def wrong_datatype(setting):
    given = setting.triton.InferInput("image", [1], "FP32")
    given.set_data_from_numpy(np.zeros(1, dtype=np.float32))
    return setting.infer([given])


def wrong_shape(setting):
    given = setting.images(setting.picture)
    given[0].set_shape([2])
    return setting.infer(given)


def metadata_of_unknown_model(setting):
    return setting.client.get_model_metadata("no_such_model")


def repository_without_leave(setting):
    return setting.client.get_model_repository_index()


def unload_without_leave(setting):
    return setting.client.unload_model(setting.model)
