"""concurrent.futures: keeps calls outstanding in a ProcessPoolExecutor; calls a second as one line of JSON."""

import json
import sys
import time
from collections import deque
from concurrent.futures import ProcessPoolExecutor


def add(a, b):
    return a + b


def lanes(pool, width, seconds):
    done = 0
    waiting = deque(pool.submit(add, 1, 2) for _ in range(width))
    start = time.perf_counter()
    while time.perf_counter() - start < seconds:
        waiting.popleft().result()
        done += 1
        waiting.append(pool.submit(add, 1, 2))
    elapsed = time.perf_counter() - start
    for future in waiting:
        future.result()
    return done / elapsed


if __name__ == "__main__":
    params = json.loads(sys.argv[1])
    with ProcessPoolExecutor(params.get("workers", 2)) as pool:
        lanes(pool, params["inFlight"], params["warm"] / 1000)
        print(json.dumps({"perSecond": lanes(pool, params["inFlight"], params["ms"] / 1000)}))
