"""multiprocessing.Pool.map with its default chunks over warm workers; the time as one line of JSON."""

import json
import sys
import time
from multiprocessing import Pool


def increment(x):
    return x + 1


def spin(ms):
    end = time.perf_counter() + ms / 1000
    while time.perf_counter() < end:
        pass
    return ms


def inputs(kind, n, params):
    if kind == "count":
        return range(n)
    if kind == "same":
        return [params["value"]] * n
    return [params["long"] if i % 100 == 0 else params["short"] for i in range(n)]


if __name__ == "__main__":
    params = json.loads(sys.argv[1])
    fn = {"increment": increment, "spin": spin}[params["fn"]]
    n = params["n"]
    with Pool(params.get("workers", 2)) as pool:
        pool.map(fn, inputs(params["inputs"], params.get("warm", n), params))
        values = inputs(params["inputs"], n, params)
        start = time.perf_counter()
        results = pool.map(fn, values)
        ms = (time.perf_counter() - start) * 1000
        if len(results) != n:
            raise SystemExit(f"{n} inputs gave {len(results)} results")
    print(json.dumps({"ms": ms, "perSecond": n / ms * 1000}))
