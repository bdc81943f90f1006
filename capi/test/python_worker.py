"""A process with python3-olm in it that does what it is told, a line of JSON at a time."""
import base64
import json
import sys

import olm

objects = {}


def encode(x):
    if isinstance(x, (bytes, bytearray)):
        return {"bytes": base64.b64encode(bytes(x)).decode()}
    if isinstance(x, (olm.OlmMessage, olm.OlmPreKeyMessage)):
        return {"message": [int(x.message_type), x.ciphertext]}
    if isinstance(x, olm.PkMessage):
        return {"pk": [x.ephemeral_key, x.mac, x.ciphertext]}
    if isinstance(x, tuple):
        return {"tuple": [encode(y) for y in x]}
    return x


def decode(x):
    if isinstance(x, dict):
        if "object" in x:
            return objects[x["object"]]
        if "bytes" in x:
            return base64.b64decode(x["bytes"])
        if "message" in x:
            kind, text = x["message"]
            return olm.OlmMessage(text) if kind else olm.OlmPreKeyMessage(text)
        if "pk" in x:
            return olm.PkMessage(*x["pk"])
    return x


def run(request):
    kind, arguments = request["do"], [decode(x) for x in request.get("arguments", [])]
    if kind == "libraries":
        return sorted({line.split()[-1] for line in open("/proc/self/maps") if "libolm.so" in line})
    if kind == "function":
        return getattr(olm, request["name"])(*arguments)
    if kind == "new":
        maker = olm
        for part in request["name"].split("."):
            maker = getattr(maker, part)
        objects[request["as"]] = maker(*arguments)
        return None
    x = objects[request["on"]]
    if kind == "call":
        return getattr(x, request["name"])(*arguments)
    if kind == "get":
        return getattr(x, request["name"])
    raise ValueError(kind)


for line in sys.stdin:
    try:
        answer = {"result": encode(run(json.loads(line)))}
    except Exception as e:  # the other side checks which
        answer = {"error": [type(e).__name__, str(e)]}
    print(json.dumps(answer), flush=True)
