"""Calls a model with Triton's own Python client for some seconds, in a process of its own.

Its one argument is JSON, as that of node-caller.mjs; it prints what it measured as JSON. Every caller sends tensors
that were made ready once, which is the client's fastest way.
"""

import asyncio
import collections
import json
import math
import sys
import threading
import time

import numpy as np


def main():
    job = json.loads(sys.argv[1])
    data = (np.arange(job["bytes"] // 4) % 1000).astype(np.float32)
    callers = {
        "tritonclient.http": http_greenlets,
        "tritonclient.http async_infer": http_async_infer,
        "tritonclient.http.aio": http_aio,
        "tritonclient.grpc": grpc_threads,
        "tritonclient.grpc async": grpc_callbacks,
        "tritonclient.grpc.aio": grpc_aio,
        "tritonclient.grpc shared memory": grpc_shared_memory,
    }
    print(json.dumps(callers[job["caller"]](job, data)))


class Run:
    """Times of calls, after a warm-up that is not counted."""

    def __init__(self, job):
        self._start = time.perf_counter() + job["warmUpSeconds"]
        self.until = self._start + job["seconds"]
        self._times = []
        self._cpu = None
        self._end = self._start

    def goes_on(self):
        return time.perf_counter() < self.until

    def note(self, started, ended):
        if started < self._start:
            return
        if self._cpu is None:
            self._cpu = time.process_time()
        self._times.append(ended - started)
        self._end = max(self._end, ended)

    def summary(self):
        times = sorted(self._times)
        rank = lambda share: times[max(0, math.ceil(share * len(times)) - 1)] * 1000
        return {
            "calls": len(times),
            "callsPerSecond": len(times) / (self._end - self._start),
            "p50Ms": rank(0.5),
            "p99Ms": rank(0.99),
            "cpuMsPerCall": (time.process_time() - self._cpu) * 1000 / len(times),
        }


def check(output, data):
    if output.shape != data.shape or output[-1] != data[-1]:
        raise RuntimeError("another answer")


def tensors(module, data):
    tensor = module.InferInput("INPUT0", list(data.shape), "FP32")
    tensor.set_data_from_numpy(data)
    return [tensor], [module.InferRequestedOutput("OUTPUT0")]


def http_greenlets(job, data):
    import gevent
    import tritonclient.http as triton

    client = triton.InferenceServerClient(job["http"], concurrency=job["inFlight"])
    inputs, outputs = tensors(triton, data)
    run = Run(job)

    def loop():
        while run.goes_on():
            started = time.perf_counter()
            check(client.infer(job["model"], inputs, outputs=outputs).as_numpy("OUTPUT0"), data)
            run.note(started, time.perf_counter())

    gevent.joinall([gevent.spawn(loop) for _ in range(job["inFlight"])], raise_error=True)
    return run.summary()


def http_async_infer(job, data):
    import tritonclient.http as triton

    client = triton.InferenceServerClient(job["http"], concurrency=job["inFlight"])
    inputs, outputs = tensors(triton, data)
    run = Run(job)
    pending = collections.deque()
    while run.goes_on() or pending:
        if run.goes_on() and len(pending) < job["inFlight"]:
            pending.append((time.perf_counter(), client.async_infer(job["model"], inputs, outputs=outputs)))
            continue
        started, call = pending.popleft()
        check(call.get_result().as_numpy("OUTPUT0"), data)
        run.note(started, time.perf_counter())
    return run.summary()


def grpc_threads(job, data):
    import tritonclient.grpc as triton

    client = triton.InferenceServerClient(job["grpc"])
    inputs, outputs = tensors(triton, data)
    return in_threads(job, lambda: client.infer(job["model"], inputs, outputs=outputs).as_numpy("OUTPUT0"), data)


def grpc_callbacks(job, data):
    import tritonclient.grpc as triton

    client = triton.InferenceServerClient(job["grpc"])
    inputs, outputs = tensors(triton, data)
    run = Run(job)
    places = threading.Semaphore(job["inFlight"])
    failures = []

    def call():
        started = time.perf_counter()

        def done(result, error):
            if error is not None:
                failures.append(error)
            else:
                check(result.as_numpy("OUTPUT0"), data)
            run.note(started, time.perf_counter())
            places.release()

        client.async_infer(job["model"], inputs, done, outputs=outputs)

    while run.goes_on():
        places.acquire()
        call()
    for _ in range(job["inFlight"]):
        places.acquire()
    if failures:
        raise failures[0]
    return run.summary()


def http_aio(job, data):
    import tritonclient.http.aio as triton

    return asyncio.run(in_tasks(job, data, triton, job["http"], {"conn_limit": job["inFlight"]}))


def grpc_aio(job, data):
    import tritonclient.grpc.aio as triton

    return asyncio.run(in_tasks(job, data, triton, job["grpc"], {}))


async def in_tasks(job, data, module, address, options):
    client = module.InferenceServerClient(address, **options)
    inputs, outputs = tensors(module, data)
    run = Run(job)

    async def loop():
        while run.goes_on():
            started = time.perf_counter()
            result = await client.infer(job["model"], inputs, outputs=outputs)
            check(result.as_numpy("OUTPUT0"), data)
            run.note(started, time.perf_counter())

    await asyncio.gather(*[loop() for _ in range(job["inFlight"])])
    await client.close()
    return run.summary()


def grpc_shared_memory(job, data):
    import tritonclient.grpc as triton
    from tritonclient.utils import shared_memory

    client = triton.InferenceServerClient(job["grpc"])
    size = data.nbytes
    own = threading.local()
    made = []

    def regions():
        if not hasattr(own, "tensors"):
            name = f"bench_{len(made)}_{threading.get_ident()}"
            handles = [shared_memory.create_shared_memory_region(name + end, "/" + name + end, size) for end in "io"]
            for end in "io":
                client.register_system_shared_memory(name + end, "/" + name + end, size)
            tensor = triton.InferInput("INPUT0", list(data.shape), "FP32")
            tensor.set_shared_memory(name + "i", size)
            output = triton.InferRequestedOutput("OUTPUT0")
            output.set_shared_memory(name + "o", size)
            made.append((name, handles))
            own.handles, own.tensors = handles, ([tensor], [output])
        return own.handles, own.tensors

    def call():
        (written, read), (inputs, outputs) = regions()
        shared_memory.set_shared_memory_region(written, [data])
        client.infer(job["model"], inputs, outputs=outputs)
        return shared_memory.get_contents_as_numpy(read, np.float32, data.shape)

    try:
        return in_threads(job, call, data)
    finally:
        for name, handles in made:
            for end, handle in zip("io", handles):
                client.unregister_system_shared_memory(name + end)
                shared_memory.destroy_shared_memory_region(handle)


def in_threads(job, call, data):
    run = Run(job)
    failures = []

    def loop():
        try:
            while run.goes_on():
                started = time.perf_counter()
                check(call(), data)
                run.note(started, time.perf_counter())
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=loop) for _ in range(job["inFlight"])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
    return run.summary()


main()
