"""Asks a gRPC server what tools without any .proto file ask: grpcurl by reflection, a kubelet by the health service.

Job: {"address": "host:port", "model", "picture": base64}.
"""

import grpc
from google.protobuf import json_format
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message_factory import GetMessageClass
from grpc_health.v1.health_pb2 import HealthCheckRequest, HealthCheckResponse
from grpc_health.v1.health_pb2_grpc import HealthStub
from grpc_reflection.v1alpha import reflection_pb2
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase

import scenarios

SERVICE = "inference.GRPCInferenceService"
LIMIT_S = 30


class Setting:
    """A channel, and descriptors that come from the server alone."""

    def __init__(self, job):
        self.model, self.picture = job["model"], job["picture"]
        self.channel = grpc.insecure_channel(job["address"], [("grpc.primary_user_agent", "kube-probe/1.30")])
        self.database = ProtoReflectionDescriptorDatabase(self.channel)
        self.pool = DescriptorPool(self.database)

    def call(self, method, fields):
        """As `grpcurl -d '{…}' address service/method`."""
        described = self.pool.FindServiceByName(SERVICE).FindMethodByName(method)
        request = json_format.ParseDict(fields, GetMessageClass(described.input_type)())
        call = self.channel.unary_unary(
            f"/{SERVICE}/{method}",
            request_serializer=lambda message: message.SerializeToString(),
            response_deserializer=GetMessageClass(described.output_type).FromString,
        )
        return json_format.MessageToDict(call(request, timeout=LIMIT_S), preserving_proto_field_name=True)

    def health(self, service):
        answer = HealthStub(self.channel).Check(HealthCheckRequest(service=service), timeout=LIMIT_S)
        return HealthCheckResponse.ServingStatus.Name(answer.status)


def services(setting):
    return sorted(setting.database.get_services())


def services_by_the_newer_reflection(setting):
    """grpc.reflection.v1, which grpcurl tries first; its messages are the same on the wire."""
    call = setting.channel.stream_stream(
        "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
        request_serializer=lambda message: message.SerializeToString(),
        response_deserializer=reflection_pb2.ServerReflectionResponse.FromString,
    )
    answers = call(iter([reflection_pb2.ServerReflectionRequest(list_services="")]), timeout=LIMIT_S)
    return sorted(service.name for answer in answers for service in answer.list_services_response.service)


def methods(setting):
    return {
        method.name: [method.input_type.name, method.output_type.name, method.client_streaming, method.server_streaming]
        for method in setting.pool.FindServiceByName(SERVICE).methods
    }


def fields_of_a_request(setting):
    request = setting.pool.FindMessageTypeByName("inference.ModelInferRequest")
    return {field.name: field.number for field in request.fields}


def unknown_symbol(setting):
    setting.pool.FindMessageTypeByName("inference.NoSuchMessage")


def server_metadata(setting):
    return setting.call("ServerMetadata", {})


def model_ready(setting):
    return setting.call("ModelReady", {"name": setting.model})


def infer(setting):
    image = {"name": "image", "datatype": "BYTES", "shape": [1], "contents": {"bytes_contents": [setting.picture]}}
    return setting.call("ModelInfer", {"model_name": setting.model, "id": "by-reflection", "inputs": [image]})


def infer_unknown_model(setting):
    return setting.call("ModelInfer", {"model_name": "no_such_model"})


def health_of_the_server(setting):
    return setting.health("")


def health_of_the_service(setting):
    return setting.health(SERVICE)


def health_of_unknown_service(setting):
    return setting.health("no.such.Service")


def watched_health(setting):
    answers = HealthStub(setting.channel).Watch(HealthCheckRequest(service=""), timeout=LIMIT_S)
    first = next(answers)
    answers.cancel()
    return HealthCheckResponse.ServingStatus.Name(first.status)


def unknown_method(setting):
    call = setting.channel.unary_unary(f"/{SERVICE}/NoSuchMethod")
    return call(b"", timeout=LIMIT_S)


def status_and_message(error):
    if isinstance(error, grpc.RpcError):
        return error.code().name, error.details()
    return None, str(error)


SCENARIOS = [
    services,
    services_by_the_newer_reflection,
    methods,
    fields_of_a_request,
    unknown_symbol,
    server_metadata,
    model_ready,
    infer,
    infer_unknown_model,
    health_of_the_server,
    health_of_the_service,
    health_of_unknown_service,
    watched_health,
    unknown_method,
]


if __name__ == "__main__":
    setting = Setting(scenarios.read_job())
    scenarios.write_outcomes(scenarios.run(SCENARIOS, status_and_message, setting))
    setting.channel.close()
