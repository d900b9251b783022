"""Calls of kserve.InferenceRESTClient with the protocol v1."""


async def server_is_live(setting):
    return await setting.client.is_server_live(setting.address)


async def model_is_ready(setting):
    return await setting.client.is_model_ready(setting.address, setting.model)


async def unknown_model_is_ready(setting):
    return await setting.client.is_model_ready(setting.address, "no_such_model")


async def instances(setting):
    return await _infer(setting, {"instances": [{"image": {"b64": setting.base64}}, setting.base64]})


async def multi_request(setting):
    return await _infer(setting, {"multi_data": [{"data": {"item": setting.base64}}]})


async def with_headers(setting):
    headers, received = {"x-request-id": "of-the-headers", "x-b3-traceid": "0" * 31 + "1"}, {}
    data = {"instances": [setting.base64]}
    await setting.client.infer(setting.address, data, setting.model, headers=headers, response_headers=received)
    return received


async def as_an_inference_graph(setting):
    """The router of an InferenceGraph posts to the whole URL of a step."""
    url = f"{setting.address}/v1/models/{setting.model}:predict"
    return await setting.client.infer(url, {"instances": [setting.base64]}, is_graph_endpoint=True)


async def explanation(setting):
    return await setting.client.explain(setting.address, setting.model, {"instances": [setting.base64]})


async def unknown_model(setting):
    return await setting.client.infer(setting.address, {"instances": [setting.base64]}, "no_such_model")


async def unknown_key(setting):
    return await _infer(setting, {"pictures": [setting.base64]})


async def no_list(setting):
    return await _infer(setting, {"instances": setting.base64})


async def no_picture(setting):
    return await _infer(setting, {"instances": ["bm8gcGljdHVyZQ=="]})


async def _infer(setting, data):
    return await setting.client.infer(setting.address, data, setting.model)
