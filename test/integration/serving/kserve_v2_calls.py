"""Calls of kserve.InferenceRESTClient with the protocol v2."""

from kserve import InferInput

from kserve_setting import answer


async def server_is_live(setting):
    return await setting.client.is_server_live(setting.address)


async def server_is_ready(setting):
    return await setting.client.is_server_ready(setting.address)


async def model_is_ready(setting):
    return await setting.client.is_model_ready(setting.address, setting.model)


async def unknown_model_is_ready(setting):
    return await setting.client.is_model_ready(setting.address, "no_such_model")


async def json_request(setting):
    return await _infer(setting, setting.request(setting.base64_images(setting.base64), request_id="first-1"))


async def binary_request(setting):
    return await _infer(setting, setting.request(setting.raw_images(setting.picture), request_id="first-1"))


async def plain_dict(setting):
    """Where users write the request themselves."""
    image = {"name": "image", "shape": [1], "datatype": "BYTES", "data": [setting.base64]}
    response = await setting.client.infer(setting.address, {"inputs": [image]}, setting.model)
    return answer(response)


async def binary_answer(setting):
    request = setting.request(setting.raw_images(setting.picture), parameters={"binary_data_output": True})
    return await _infer(setting, request)


async def chosen_outputs(setting):
    outputs = [("response", {"binary_data": True}), ("face_quality_score", {"binary_data": False})]
    return await _infer(setting, setting.request(setting.raw_images(setting.picture), outputs))


async def two_pictures(setting):
    return await _infer(setting, setting.request(setting.raw_images(setting.picture, setting.picture)))


async def with_headers(setting):
    received = {}
    await setting.client.infer(
        setting.address,
        setting.request(setting.raw_images(setting.picture)),
        setting.model,
        headers={"x-request-id": "of-the-headers"},
        response_headers=received,
    )
    return received


async def unknown_model(setting):
    request = setting.request(setting.base64_images(setting.base64))
    return answer(await setting.client.infer(setting.address, request, "no_such_model"))


async def unknown_output(setting):
    request = setting.request(setting.base64_images(setting.base64), [("no_such_output", None)])
    return await _infer(setting, request)


async def wrong_datatype(setting):
    return await _infer(setting, setting.request(InferInput("image", [1], "FP32", data=[0.5])))


async def no_picture(setting):
    return await _infer(setting, setting.request(setting.base64_images("bm8gcGljdHVyZQ==")))


async def _infer(setting, request):
    return answer(await setting.client.infer(setting.address, request, setting.model))
