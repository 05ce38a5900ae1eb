"""Runs cells in a Jupyter kernel.

Reads {"cells": [{"code": …, "interruptAt": …}], "cwd": …} from standard input. A cell with `interruptAt` is interrupted,
as by Jupyter's Stop, once its standard output holds that text. Writes the cells' messages as JSON.
"""

import json
import queue
import sys
import time

from jupyter_client.manager import start_new_kernel

SECONDS = 300
# Deno's kernel may send a cell's result after it has said that it is idle
SILENCE = 0.5


def run(client, manager, cell):
    request = client.execute(cell["code"])
    outputs = []
    printed = ""
    marker = cell.get("interruptAt")
    until = time.monotonic() + SECONDS
    idle = False
    while True:
        try:
            message = client.get_iopub_msg(timeout=SILENCE if idle else max(1, until - time.monotonic()))
        except queue.Empty:
            if idle:
                break
            raise
        if message["parent_header"].get("msg_id") != request:
            continue
        kind, content = message["msg_type"], message["content"]
        if kind == "status" and content["execution_state"] == "idle":
            idle = True
            continue
        if kind == "stream":
            printed += content["text"]
        outputs.append({"type": kind, "content": content})
        if marker and marker in printed:
            marker = None
            manager.interrupt_kernel()
    reply = client.get_shell_msg(timeout=60)["content"]
    return {"status": reply["status"], "outputs": outputs, "isAlive": manager.is_alive()}


task = json.load(sys.stdin)
manager, client = start_new_kernel(startup_timeout=120, kernel_name="deno", cwd=task["cwd"])
try:
    json.dump([run(client, manager, cell) for cell in task["cells"]], sys.stdout)
finally:
    client.stop_channels()
    manager.shutdown_kernel(now=True)
