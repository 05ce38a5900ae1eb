"""One peer of a benchmark: it is set up by what it is given, and then does a round of work for every line that it reads."""

import json
import sys
import time


def setting():
    """What the benchmark wants done, as it was put on the command line."""
    return json.loads(sys.argv[1])


def serve(work, about):
    """Says what runs, and answers each line with the milliseconds that a round of `work` took."""
    print(json.dumps(about), flush=True)
    for _ in sys.stdin:
        began = time.perf_counter()
        work()
        print(json.dumps(1000 * (time.perf_counter() - began)), flush=True)
