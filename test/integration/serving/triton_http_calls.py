"""Calls of tritonclient.http."""

import base64

from triton_setting import answer


def server_metadata(setting):
    return setting.client.get_server_metadata()


def model_metadata(setting):
    return setting.client.get_model_metadata(setting.model)


def unknown_model_is_ready(setting):
    return setting.client.is_model_ready("no_such_model")


def json_in_json_out(setting):
    return _chosen(setting, _base64(setting), {"face_quality_score": False, "response": False})


def json_in_binary_out(setting):
    return _chosen(setting, _base64(setting), {"face_quality_score": True, "response": True})


def binary_in_json_out(setting):
    return _chosen(setting, setting.images(setting.picture), {"face_quality_score": False, "response": False})


def one_output_binary_one_json(setting):
    return _chosen(setting, setting.images(setting.picture), {"face_quality_score": True, "response": False})


def gzip_request(setting):
    return setting.infer(request_compression_algorithm="gzip")


def deflate_request(setting):
    return setting.infer(request_compression_algorithm="deflate")


def gzip_json_request(setting):
    return setting.infer(_base64(setting), request_compression_algorithm="gzip")


def gzip_answer(setting):
    return setting.infer(response_compression_algorithm="gzip")


def deflate_answer(setting):
    return setting.infer(response_compression_algorithm="deflate")


def ten_at_once(setting):
    address = setting.client._client_stub
    client = setting.triton.InferenceServerClient(f"{address.host}:{address.port}", concurrency=4)
    calls = [
        client.async_infer(setting.model, setting.images(setting.picture), request_id=f"number-{index}")
        for index in range(10)
    ]
    answers = [call.get_result().get_response()["id"] for call in calls]
    client.close()
    return answers


def body_by_hand(setting):
    """As where another HTTP library sends what generate_request_body has made."""
    stub = setting.client._client_stub
    body, header_length = setting.triton.InferenceServerClient.generate_request_body(setting.images(setting.picture))
    headers = {"Inference-Header-Content-Length": str(header_length)}
    response = stub.post(f"/v2/models/{setting.model}/infer", body=body, headers=headers)
    parsed = setting.triton.InferenceServerClient.parse_response_body(
        response.read(), header_length=int(response.get("Inference-Header-Content-Length"))
    )
    return parsed.as_numpy("face_quality_score").tolist()


def statistics(setting):
    return setting.client.get_inference_statistics(setting.model)


def _base64(setting):
    """JSON has no bytes: pictures are base64 there."""
    return setting.images(base64.b64encode(setting.picture), binary_data=False)


def _chosen(setting, inputs, outputs):
    wanted = [setting.triton.InferRequestedOutput(name, binary_data=binary) for name, binary in outputs.items()]
    result = setting.client.infer(setting.model, inputs, outputs=wanted)
    received = result.get_response()["outputs"]
    binary = {output["name"]: "binary_data_size" in output.get("parameters", {}) for output in received}
    return {**answer(result), "binary": binary}
