"""Calls of tritonclient.grpc."""

import queue

from triton_setting import answer, status_and_message

LIMIT_S = 30


def server_metadata(setting):
    return setting.client.get_server_metadata(as_json=True)


def model_metadata(setting):
    return setting.client.get_model_metadata(setting.model, as_json=True)


def unknown_model_is_ready(setting):
    return setting.client.is_model_ready("no_such_model")


def gzip_request(setting):
    return setting.infer(compression_algorithm="gzip")


def deflate_request(setting):
    return setting.infer(compression_algorithm="deflate")


def within_a_time_limit(setting):
    return setting.infer(client_timeout=LIMIT_S)


def ten_at_once(setting):
    results = queue.Queue()
    for index in range(10):
        setting.client.async_infer(
            setting.model,
            setting.images(setting.picture),
            callback=lambda result, error: results.put(_shown(result, error)),
            request_id=f"number-{index}",
        )
    return [results.get(timeout=LIMIT_S) for _ in range(10)]


def a_stream(setting):
    """Three requests, of which the second is bad."""
    return _streamed(setting, [setting.model, "no_such_model", setting.model])


def a_compressed_stream(setting):
    return _streamed(setting, [setting.model], compression_algorithm="gzip")


def statistics(setting):
    return setting.client.get_inference_statistics(setting.model, as_json=True)


def _streamed(setting, models, **options):
    results = queue.Queue()
    setting.client.start_stream(callback=lambda result, error: results.put(_shown(result, error)), **options)
    try:
        for index, model in enumerate(models):
            setting.client.async_stream_infer(model, setting.images(setting.picture), request_id=f"message-{index}")
        return [results.get(timeout=LIMIT_S) for _ in models]
    finally:
        setting.client.stop_stream()


def _shown(result, error):
    if error is None:
        return answer(result)
    status, message = status_and_message(error)
    return {"status": status, "message": message}
