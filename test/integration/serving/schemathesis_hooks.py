"""What the description of the API cannot say, for schemathesis to make requests that are to be accepted.

JSON Schema says that an item is a text, not that the text is a picture, and not that a tensor's data fill its shape. So
such requests get real pictures in the places of items; all the rest stays as it was made up.
"""

import base64
import re

import requests
import schemathesis
from hypothesis import strategies

# A grey PNG of 4 × 3 pixels.
PICTURE = "iVBORw0KGgoAAAANSUhEUgAAAAQAAAADCAAAAACRn/EaAAAADklEQVR42mNoAAIGOAEALQ8GAbBqrSgAAAAASUVORK5CYII="
TENSOR = {"name": "image", "datatype": "BYTES", "shape": [1], "data": [PICTURE]}

# The keys under which an item of V1 has its text.
ITEM_KEYS = ("b64", "data", "image", "image_bytes")

EVENT = "application/cloudevents+json"
TIMEOUT = "x-request-timeout-ms"
HEADER_LENGTH = "inference-header-content-length"

# Bodies and files that are a picture whole.
schemathesis.openapi.format("binary", strategies.just(base64.b64decode(PICTURE)))


@schemathesis.hook
def before_call(context, case, kwargs):
    # A time that is over before the work has begun is rightly answered with 504.
    if case.headers and re.fullmatch(r"[\d.]+", case.headers.get(TIMEOUT, "")):
        case.headers[TIMEOUT] = "60000"
    if case.meta is None or not case.meta.generation.mode.is_positive:
        return
    if case.operation.path.endswith("/infer"):
        fit_infer_request(case)
    elif case.operation.path.endswith((":predict", ":explain")):
        case.headers.pop(HEADER_LENGTH, None)
        if case.media_type == EVENT and "specversion" in case.body:
            case.body = with_data(case.body)
        elif case.media_type in (EVENT, "application/json"):
            case.body = with_pictures(case.body)


@schemathesis.hook
def after_call(context, case, response):
    """A model that stays unloaded would have every later call answered with 404, which fits any description."""
    if case.operation.path.endswith("/unload") and response.status_code == 200:
        requests.post(response.request.url.removesuffix("/unload") + "/load", timeout=10).raise_for_status()


def fit_infer_request(case):
    """One tensor that is filled, and the header that fits the body."""
    if case.media_type == "application/json":
        case.headers.pop(HEADER_LENGTH, None)
        case.body = {**case.body, "inputs": [TENSOR], "outputs": None}
    else:
        case.headers[HEADER_LENGTH] = "0"


def with_data(event):
    """An event in whose data are pictures."""
    data = with_pictures(event.get("data", {"instances": [PICTURE]}))
    return {**{name: value for name, value in event.items() if name != "data_base64"}, "data": data}


def with_pictures(body):
    """A body of any of V1's forms, with a picture for each item."""
    replaced = dict(body)
    if isinstance(body.get("inputs"), list):
        return {**replaced, "inputs": [TENSOR], "outputs": None}
    if "multi_data" in body:
        replaced["multi_data"] = [with_pictures(request) for request in body["multi_data"]]
    if "data" in body:
        replaced["data"] = {**body["data"], "item": PICTURE}
    if "instances" in body:
        replaced["instances"] = [as_picture(instance) for instance in body["instances"]]
    return replaced


def as_picture(item):
    """The same form of an item, with a picture in it."""
    if isinstance(item, str):
        return PICTURE
    return {key: as_picture(value) if key in ITEM_KEYS else value for key, value in item.items()}
