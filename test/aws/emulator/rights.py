"""Rights: enforced for the functions' own roles, with the condition keys their policies name and the emulator lacks.

Every refusal is written down, so that no journey can hide one.
"""

import base64
import datetime
import email
import email.utils
import json
import os
import re
import urllib.parse

import ministack.core.iam_actions as actions
import ministack.core.iam_evaluator as iam
import ministack.services.dynamodb as dynamodb
import states

_original = {}


def repair():
    for replaced in (
        dynamodb_service_context,
        dynamodb_transaction_checks,
        extract_resource_arn,
        request_tag_context,
        s3_service_context,
    ):
        _original[replaced.__name__] = getattr(actions, replaced.__name__)
        setattr(actions, replaced.__name__, replaced)
    # What is TLS on AWS is loopback here.
    pin = iam.pin_request_origin
    iam.pin_request_origin = lambda source_ip, secure_transport: pin(source_ip, True)
    _original["enforce"] = iam.enforce
    iam.enforce = enforce


def enforce(access_key_id, iam_action, service, region, resource_arn="*", service_context=None):
    if isinstance(resource_arn, ItemArn):
        service_context = {**(service_context or {}), "dynamodb:LeadingKeys": resource_arn.leading}
    refused = _original["enforce"](access_key_id, iam_action, service, region, str(resource_arn), service_context)
    if refused is None:
        return None
    who = getattr(refused, "principal_arn", "") or access_key_id
    # The toolkit's roles: what it asks for at AWS is not ours, and the emulator misses some of it.
    if ":assumed-role/cdk-" in who:
        return None
    why = getattr(refused, "decision", None) or getattr(refused, "code", "")
    told = f"{who.rsplit('/', 1)[-1]} {iam_action} {resource_arn} {why} {json.dumps(service_context, default=str)}"
    with open(os.path.join(os.environ["HARNESS_DIR"], "refusals"), "a") as file:
        file.write(told + "\n")
    return refused


# The table: which partitions a call touches.


class ItemArn(str):
    """The table of one item of a transaction, with the item's partition."""

    leading: list


def dynamodb_service_context(body):
    context = _original["dynamodb_service_context"](body)
    asked = _read(body)
    leading = _leading(asked)
    return {**context, "dynamodb:LeadingKeys": leading} if leading else context


def dynamodb_transaction_checks(iam_action, body, region, account_id):
    checks = _original["dynamodb_transaction_checks"](iam_action, body, region, account_id)
    details = [detail for item in _read(body).get("TransactItems", []) for detail in item.values()]
    if len(checks) != len(details):
        return checks
    return [(action, _of_item(arn, detail)) for (action, arn), detail in zip(checks, details)]


def _of_item(arn, detail):
    own = ItemArn(arn)
    own.leading = _leading(detail)
    return own


def _leading(asked):
    """Values of the partition key a request names: of the table or of the index it asks."""
    name = _partition_key(asked.get("TableName", ""), asked.get("IndexName"))
    item = asked.get("Key") or asked.get("Item")
    if isinstance(item, dict):
        return [value for kind, value in item.get(name, {}).items()]
    names, values = asked.get("ExpressionAttributeNames", {}), asked.get("ExpressionAttributeValues", {})
    found = re.findall(r"(#?\w+)\s*=\s*(:\w+)", asked.get("KeyConditionExpression", ""))
    return [text for key, value in found if names.get(key, key) == name for text in values.get(value, {}).values()]


def _partition_key(table_name, index_name):
    table = dynamodb._tables.get(table_name.rsplit("/", 1)[-1]) or {}
    indexes = {index["IndexName"]: index for index in table.get("GlobalSecondaryIndexes") or []}
    schema = (indexes.get(index_name) or table).get("KeySchema", [])
    return next((part["AttributeName"] for part in schema if part["KeyType"] == "HASH"), "")


def _read(body):
    try:
        asked = json.loads(body or b"{}")
    except (ValueError, TypeError):
        return {}
    return asked if isinstance(asked, dict) else {}


# Links to papers: whether a request is a signed link, and how old.


def s3_service_context(iam_action, query_params, path="", headers=None):
    context = _original["s3_service_context"](iam_action, query_params, path, headers)
    signed_at = (query_params or {}).get("X-Amz-Date")
    if not signed_at:
        return {**context, "s3:authType": "REST-HEADER"}
    text = signed_at[0] if isinstance(signed_at, list) else signed_at
    begun = datetime.datetime.strptime(text, "%Y%m%dT%H%M%SZ").replace(tzinfo=datetime.timezone.utc)
    age = (datetime.datetime.now(datetime.timezone.utc) - begun).total_seconds() * 1000
    return {**context, "s3:authType": "REST-QUERY-STRING", "s3:signatureAge": str(max(0, int(age)))}


# Mail and task tokens: which identity, which machine.


def extract_resource_arn(service, method, path, headers, body, query_params, region, account_id):
    if headers.get("x-amz-target", "").startswith("AWSStepFunctions.SendTask"):
        return states.machines.get(_read(body).get("taskToken"), "*")
    sender = _sender(body) if service == "ses" else ""
    if sender:
        return f"arn:aws:ses:{region}:{account_id}:identity/{sender.rpartition('@')[2]}"
    return _original["extract_resource_arn"](service, method, path, headers, body, query_params, region, account_id)


def request_tag_context(service, iam_action, body, routing_params):
    context = _original["request_tag_context"](service, iam_action, body, routing_params)
    sender = _sender(body) if service == "ses" else ""
    return {**context, "ses:FromAddress": sender} if sender else context


def _sender(body):
    form = urllib.parse.parse_qs((body or b"").decode(errors="replace"))
    if form.get("Action", [""])[0] not in ("SendEmail", "SendRawEmail"):
        return ""
    raw = base64.b64decode(form.get("RawMessage.Data", [""])[0])
    found = form.get("Source", [""])[0] or email.message_from_bytes(raw)["From"] or ""
    return email.utils.parseaddr(found)[1]
