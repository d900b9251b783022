"""Sends events by CloudEvents' own SDK, and reads the answers by it.

Job: {"url": of a V1 predict route, "picture": base64}.
"""

import base64
import json

import httpx
from cloudevents.conversion import to_binary, to_structured
from cloudevents.http import CloudEvent, from_http

import scenarios

ATTRIBUTES = {
    "type": "org.example.picture",
    "source": "/cameras/7",
    "id": "event-1",
    "subject": "door",
    "tenant": "blue",
}


class Setting:
    """What to send, and where."""

    def __init__(self, job):
        self.url, self.base64 = job["url"], job["picture"]
        self.picture = base64.b64decode(self.base64)
        self.client = httpx.Client(timeout=60)

    def send(self, converted):
        headers, body = converted
        answer = self.client.post(self.url, headers=headers, content=body)
        answer.raise_for_status()
        event = from_http(answer.headers, answer.content)
        return {
            "contentType": answer.headers["content-type"],
            "attributes": {key: str(value) for key, value in event.get_attributes().items()},
            "data": event.data,
        }

    def json_event(self, **attributes):
        return CloudEvent({**ATTRIBUTES, **attributes}, {"instances": [self.base64]})

    def picture_event(self):
        return CloudEvent({**ATTRIBUTES, "datacontenttype": "image/png"}, self.picture)


def binary(setting):
    return setting.send(to_binary(setting.json_event()))


def structured(setting):
    return setting.send(to_structured(setting.json_event()))


def structured_with_extension(setting):
    return setting.send(to_structured(setting.json_event(datacontenttype="application/json", priority="high")))


def binary_of_the_older_version(setting):
    return setting.send(to_binary(setting.json_event(specversion="0.3")))


def a_picture_as_the_body(setting):
    return setting.send(to_binary(setting.picture_event()))


def a_picture_in_the_envelope(setting):
    """Bytes, which the SDK writes as data_base64."""
    return setting.send(to_structured(setting.picture_event()))


def without_a_source(setting):
    headers, body = to_binary(setting.json_event())
    return setting.send(({name: value for name, value in headers.items() if name != "ce-source"}, body))


def an_envelope_without_an_id(setting):
    headers, body = to_structured(setting.json_event())
    envelope = json.loads(body)
    del envelope["id"]
    return setting.send((headers, json.dumps(envelope)))


def an_empty_envelope(setting):
    headers, body = to_structured(setting.json_event())
    envelope = json.loads(body)
    del envelope["data"]
    return setting.send((headers, json.dumps(envelope)))


def status_and_message(error):
    if isinstance(error, httpx.HTTPStatusError):
        return error.response.status_code, error.response.text
    return None, str(error)


SCENARIOS = [
    binary,
    structured,
    structured_with_extension,
    binary_of_the_older_version,
    a_picture_as_the_body,
    a_picture_in_the_envelope,
    without_a_source,
    an_envelope_without_an_id,
    an_empty_envelope,
]


if __name__ == "__main__":
    setting = Setting(scenarios.read_job())
    scenarios.write_outcomes(scenarios.run(SCENARIOS, status_and_message, setting))
