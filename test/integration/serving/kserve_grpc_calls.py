"""Calls of kserve.InferenceGRPCClient."""

import asyncio

from kserve import InferenceGRPCClient, InferInput, InferRequest

from kserve_setting import answer


async def server_is_live(setting):
    return await setting.client.is_server_live()


async def server_is_ready(setting):
    return await setting.client.is_server_ready()


async def model_is_ready(setting):
    return await setting.client.is_model_ready(setting.model)


async def unknown_model_is_ready(setting):
    return await setting.client.is_model_ready("no_such_model")


async def contents_of_bytes(setting):
    """Without numpy the data travel as the message's typed contents."""
    return await _infer(setting, setting.request(setting.base64_images(setting.picture), request_id="first-1"))


async def contents_of_base64(setting):
    return await _infer(setting, setting.request(setting.base64_images(setting.base64), request_id="first-1"))


async def raw_contents(setting):
    return await _infer(setting, setting.request(setting.raw_images(setting.picture), request_id="first-1"))


async def chosen_output(setting):
    request = setting.request(setting.raw_images(setting.picture), [("face_quality_score", None)])
    return await _infer(setting, request)


async def two_pictures(setting):
    return await _infer(setting, setting.request(setting.raw_images(setting.picture, setting.picture)))


async def with_headers(setting):
    headers = (("x-request-id", "of-the-headers"), ("request_type", "grpc_v2"), ("response_type", "grpc_v2"))
    return await _infer(setting, setting.request(setting.raw_images(setting.picture)), headers=headers)


async def many_at_once_with_retries(setting):
    """The client's default: a retry policy in its channel."""
    async with InferenceGRPCClient(setting.address) as client:
        requests = [setting.request(setting.raw_images(setting.picture), request_id=str(index)) for index in range(8)]
        return [response.id for response in await asyncio.gather(*(client.infer(request) for request in requests))]


async def unknown_model(setting):
    request = InferRequest("no_such_model", [setting.raw_images(setting.picture)])
    return answer(await setting.client.infer(request))


async def unknown_output(setting):
    request = setting.request(setting.raw_images(setting.picture), [("no_such_output", None)])
    return await _infer(setting, request)


async def wrong_datatype(setting):
    return await _infer(setting, setting.request(InferInput("image", [1], "FP32", data=[0.5])))


async def no_picture(setting):
    return await _infer(setting, setting.request(setting.base64_images("bm8gcGljdHVyZQ==")))


async def _infer(setting, request, **options):
    return answer(await setting.client.infer(request, **options))
