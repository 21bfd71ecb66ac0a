"""Functions: a thrown error keeps its name, a killed process is told as one, and the harness knows every process."""

import json
import os
import threading

import ministack.core.lambda_runtime as runtime
import ministack.services.lambda_svc as service

NAMELESS = "error: String(err.message || err), trace: err.stack"
NAMED = "error_type: String(err.name || 'Error'), " + NAMELESS

_last = threading.local()


def repair():
    if NAMELESS not in runtime._NODEJS_WORKER_SCRIPT:
        raise SystemExit("This release of ministack answers errors differently: test/aws/emulator/functions.py")
    runtime._NODEJS_WORKER_SCRIPT = runtime._NODEJS_WORKER_SCRIPT.replace(NAMELESS, NAMED)
    runtime.Worker._spawn = _telling(runtime.Worker._spawn)
    runtime.Worker.invoke = _remembering(runtime.Worker.invoke)
    service._execute_function_warm = _naming(service._execute_function_warm)


def _telling(spawn):
    """Writes `<pid> <function>` of each process of a function down: tests kill one, the harness ends what is left."""

    def told(worker):
        spawn(worker)
        with open(os.path.join(os.environ["HARNESS_DIR"], "processes"), "a") as file:
            file.write(f"{worker._proc.pid} {worker.func_name}\n")

    return told


def _remembering(invoke):
    def remembered(worker, *args, **kwargs):
        _last.answer = invoke(worker, *args, **kwargs)
        return _last.answer

    return remembered


def _naming(execute):
    """`errorType` is the name of what was thrown; a process that died mid-call is `Runtime.ExitError`, as on AWS."""

    def named(func, event, request_id):
        _last.answer = {}
        result = execute(func, event, request_id)
        body = result.get("body")
        if not result.get("error") or not isinstance(body, dict) or body.get("errorType") != "Runtime.HandlerError":
            return result
        died = body.get("errorMessage") in ("Worker process died", "Worker returned no response")
        body["errorType"] = "Runtime.ExitError" if died else _last.answer.get("error_type", "Error")
        body["trace"] = str(_last.answer.get("trace", "")).split("\n")
        return {**result, "body": json.loads(json.dumps(body))}

    return named
