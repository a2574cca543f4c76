"""multiprocessing.Queue: one producer, one consumer process; items a second as one line of JSON."""

import json
import multiprocessing
import sys
import time


def consume(queue, ready, done):
    ready.put(True)
    while queue.get() is not None:
        pass
    done.put(True)


def run(queue, done, n):
    start = time.perf_counter()
    for i in range(n):
        queue.put({"id": i, "name": "item", "ok": True})
    queue.put(None)
    done.get()
    return n / (time.perf_counter() - start)


if __name__ == "__main__":
    params = json.loads(sys.argv[1])
    context = multiprocessing.get_context("spawn")
    queue, ready, done = context.Queue(params["capacity"]), context.Queue(), context.Queue()
    rates = []
    for n in (params["warm"], params["items"]):
        process = context.Process(target=consume, args=(queue, ready, done))
        process.start()
        ready.get()
        rates.append(run(queue, done, n))
        process.join()
    print(json.dumps({"perSecond": rates[-1]}))
