"""Step Functions: JSONata by the reference implementation, and tasks, tokens and choices as its guide describes them."""

import http.client
import json
import os
import random
import threading
import time
import urllib.parse

import ministack.services.stepfunctions as sfn

_thread = threading.local()
_history = threading.Lock()
_original = {}

# Every token that was given out, with the machine it belongs to.
machines = {}


def repair():
    _original.update(choice=sfn._execute_choice, start=sfn._start_execution, sub=sfn._run_sub_machine)
    _original["event"] = sfn._add_event
    sfn._add_event = add_event
    sfn._apply_jsonata_template = evaluate
    sfn._evaluate_jsonata = lambda text, *given: evaluate("{% " + text + " %}", *given)
    sfn._apply_state_assign = assign
    sfn._execute_task = execute_task
    sfn._execute_choice = execute_choice
    sfn._error_matches = matches
    sfn._run_sub_machine = run_sub_machine
    sfn._start_execution = start_execution
    sfn._send_task_success = lambda data: end_wait(data, {"result": data.get("output", "{}")})
    sfn._send_task_failure = lambda data: end_wait(
        data, {"error": {"Error": data.get("error", ""), "Cause": data.get("cause", "")}}
    )
    sfn._send_task_heartbeat = heartbeat


# JSONata: every expression of a template in one call to the server beside us.


def evaluate(template, raw_input, ctx=None, result=None, error_output=None):
    if not _has_expression(template):
        return template
    ctx = ctx or {}
    visible = {key: value for key, value in ctx.items() if key not in ("variables", "QueryLanguage")}
    shown = {"input": raw_input, "context": visible}
    if result is not None:
        shown["result"] = result
    if error_output is not None:
        shown["errorOutput"] = error_output
    answer = _ask({"template": template, "variables": ctx.get("variables", {}), "states": shown})
    if "error" in answer:
        raise sfn._ExecutionError("States.QueryEvaluationError", answer["error"])
    return answer["value"]


def _has_expression(template):
    if isinstance(template, str):
        return template.startswith("{%")
    if isinstance(template, dict):
        return any(_has_expression(value) for value in template.values())
    return isinstance(template, list) and any(_has_expression(value) for value in template)


def _ask(question):
    url = urllib.parse.urlsplit(os.environ["JSONATA_URL"])
    body = json.dumps(question, default=str)
    for kept in (True, False):
        if not getattr(_thread, "line", None):
            _thread.line = http.client.HTTPConnection(url.hostname, url.port, timeout=30)
        try:
            _thread.line.request("POST", "/", body, {"content-type": "application/json"})
            return json.loads(_thread.line.getresponse().read())
        except (http.client.HTTPException, OSError):
            # A kept connection may have been closed meanwhile.
            _thread.line.close()
            _thread.line = None
            if not kept:
                raise
    return None


def assign(state, raw_input, ctx, result=None, error_output=None):
    """All expressions of one Assign see the values from before it."""
    if ctx is None or sfn._state_query_language(state, ctx) != "JSONata" and "Assign" not in state:
        return
    values = state.get("Assign")
    if isinstance(values, dict):
        ctx.setdefault("variables", {}).update(evaluate(values, raw_input, ctx, result, error_output))


# States


def execute_choice(state, raw_input, ctx=None):
    """The Output of the state itself counts when its Default is taken."""
    output, following = _original["choice"](state, raw_input, ctx)
    if any(rule.get("Next") == following for rule in state.get("Choices", [])) or "Output" not in state:
        return output, following
    return evaluate(state["Output"], raw_input, ctx), following


def run_sub_machine(states, start_at, input_data, execution, ctx):
    """What happens inside a Map is in the history as well."""
    at = start_at
    value = json.loads(json.dumps(input_data))
    while at:
        state = states[at]
        kind = state["Type"]
        _told(execution, f"{kind}StateEntered", "stateEntered", {"name": at, "input": json.dumps(value)})
        name, one = at, {at: {**state, "Next": None, "End": True}}
        if kind in ("Choice", "Task", "Map", "Parallel"):
            # These name their successor themselves.
            ctx["State"] = {"Name": at, "EnteredTime": sfn.now_iso(), "RetryCount": 0}
            run = {"Choice": execute_choice, "Task": execute_task, "Map": sfn._execute_map,
                   "Parallel": sfn._execute_parallel}[kind]
            given = (state, value, ctx) if kind == "Choice" else (state, value, execution, ctx)
            value, at = run(*given)
        else:
            value = _original["sub"](one, at, value, execution, ctx)
            at = None if kind in ("Succeed", "Fail") else state.get("Next")
        _told(execution, f"{kind}StateExited", "stateExited", {"name": name, "output": json.dumps(value)})
    return value


def execute_task(state, raw_input, execution, ctx):
    """Retry and Catch around one attempt; each attempt has a token of its own, and what it evaluates can be caught."""
    counts = {}
    while True:
        ctx["State"]["RetryCount"] = sum(counts.values())
        try:
            result = _attempt(state, raw_input, execution, ctx)
            output = sfn._apply_jsonata_output(state, raw_input, ctx, result=result, default=result)
            assign(state, raw_input, ctx, result=result)
            return output, sfn._next_or_end(state)
        except sfn._ExecutionError as error:
            retrier, at = sfn._find_matching_retrier(state.get("Retry", []), error.error, counts)
            if retrier is not None:
                sfn._scaled_sleep(_delay(retrier, counts.get(at, 0)))
                counts[at] = counts.get(at, 0) + 1
                continue
            catcher = sfn._find_matching_catcher(state.get("Catch", []), error.error)
            if catcher is None:
                raise
            told = {"Error": error.error, "Cause": error.cause}
            return sfn._apply_catcher(catcher, raw_input, ctx, "JSONata", told), catcher["Next"]


def _attempt(state, raw_input, execution, ctx):
    resource = state["Resource"]
    waits = resource.endswith(".waitForTaskToken")
    if waits:
        ctx["Task"] = {"Token": sfn.new_uuid()}
    try:
        limit = _seconds(state, "TimeoutSeconds", raw_input, ctx, 99_999_999)
        pause = _seconds(state, "HeartbeatSeconds", raw_input, ctx, limit)
        arguments = sfn._apply_jsonata_arguments(state, raw_input, ctx)
        _told(execution, "TaskScheduled", "taskScheduled", {"resourceType": "lambda", "resource": resource})
        _told(execution, "TaskStarted", "taskStarted", {"resourceType": "lambda", "resource": resource})
        if waits:
            result = _ask_and_wait(resource, arguments, execution, ctx["Task"]["Token"], limit, pause)
        else:
            result = sfn._invoke_resource_with_timeout(resource, arguments, limit)
    except sfn._ExecutionError as error:
        kind = "TaskTimedOut" if error.error == "States.Timeout" else "TaskFailed"
        _told(execution, kind, kind[0].lower() + kind[1:], {"error": error.error, "cause": error.cause})
        raise
    _told(execution, "TaskSucceeded", "taskSucceeded", {"output": json.dumps(result), "resource": resource})
    return result


def _ask_and_wait(resource, arguments, execution, token, limit, pause):
    """Calls the function with its token; a call that fails fails the task. Then waits for the token."""
    begun = time.monotonic()
    entry = {"event": threading.Event(), "result": None, "error": None, "beat": begun, "execution": execution}
    sfn._task_tokens[token] = entry
    machines[token] = execution["stateMachineArn"]
    try:
        sfn._invoke_resource_with_timeout(resource.removesuffix(".waitForTaskToken"), arguments, limit)
        while not entry["event"].is_set():
            left = min(begun + limit, entry["beat"] + pause) - time.monotonic()
            if left <= 0:
                raise sfn._ExecutionError("States.Timeout", "")
            entry["event"].wait(left)
    finally:
        sfn._task_tokens.pop(token, None)
    if entry["error"]:
        raise sfn._ExecutionError(entry["error"]["Error"], entry["error"]["Cause"])
    return json.loads(entry["result"])


def _seconds(state, field, raw_input, ctx, otherwise):
    if field not in state:
        return otherwise
    value = evaluate(state[field], raw_input, ctx)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value != int(value) or value <= 0:
        raise sfn._ExecutionError("States.QueryEvaluationError", f"{field} is no whole number of seconds: {value}")
    return value


def _delay(retrier, times):
    seconds = retrier.get("IntervalSeconds", 1) * retrier.get("BackoffRate", 2.0) ** times
    seconds = min(seconds, retrier.get("MaxDelaySeconds", seconds))
    return random.uniform(0, seconds) if retrier.get("JitterStrategy") == "FULL" else seconds


def matches(error_equals, error):
    """Two errors are caught by no wildcard."""
    if error in error_equals:
        return True
    if error in ("States.Runtime", "States.DataLimitExceeded"):
        return False
    return "States.ALL" in error_equals or "States.TaskFailed" in error_equals and error != "States.Timeout"


def _told(execution, kind, details, values):
    sfn._add_event(execution, kind, {f"{details}EventDetails": values})


def add_event(execution, kind, details=None):
    """Iterations of a Map tell at the same time; each event has a number of its own."""
    with _history:
        return _original["event"](execution, kind, details)


# Calls from outside


def start_execution(data):
    """The same name and input while it runs is the same execution."""
    status, headers, body = _original["start"](data)
    known = status == 400 and _execution(data)
    if not known or known["status"] != "RUNNING" or not _same(known["input"], data.get("input", "{}")):
        return status, headers, body
    return sfn.json_response({"executionArn": known["executionArn"], "startDate": known["startDate"]})


def _execution(data):
    machine = str(data.get("stateMachineArn", "")).replace(":stateMachine:", ":execution:")
    return sfn._executions.get(f"{machine}:{data.get('name')}")


def _same(one, other):
    return json.loads(one) == json.loads(other)


def end_wait(data, outcome):
    entry, refusal = _waiting(data.get("taskToken"))
    if entry is None:
        return refusal
    entry.update(outcome)
    entry["event"].set()
    return sfn.json_response({})


def heartbeat(data):
    entry, refusal = _waiting(data.get("taskToken"))
    if entry is None:
        return refusal
    entry["beat"] = time.monotonic()
    return sfn.json_response({})


def _waiting(token):
    """The wait behind a token, or the refusal: one that is over is `TaskTimedOut`, one that never was is unknown."""
    entry = sfn._task_tokens.get(token)
    if entry is not None and entry["execution"]["status"] == "RUNNING" and not entry["event"].is_set():
        return entry, None
    if token in machines:
        return None, sfn.error_response_json("TaskTimedOut", "Task Timed Out: 'Provided task does not exist anymore'", 400)
    return None, sfn.error_response_json("InvalidToken", "Invalid Token: 'Invalid token'", 400)
