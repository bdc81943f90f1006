"""Two processes with Debian's python3-olm, one on libolm and one on karst, talk; then they change places.

python_conversation.py PEER KARST: the folders that have each libolm.so.3.
"""
import base64
import json
import os
import subprocess
import sys

checks = 0


def check(ok, what):
    global checks
    checks += 1
    if not ok:
        sys.exit(f"FAIL: {what}")


class Failed(Exception):
    """What the other process raised: the name of its class, and its text."""


class Side:
    """A process, and names for the objects in it."""

    def __init__(self, name, folder):
        self.name = name
        worker = os.path.join(os.path.dirname(os.path.abspath(__file__)), "python_worker.py")
        self.process = subprocess.Popen(
            [sys.executable, "-I", worker], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            env={**os.environ, "LD_LIBRARY_PATH": folder})
        loaded = self.ask(do="libraries")
        check(len(loaded) == 1 and os.path.dirname(loaded[0]) == os.path.realpath(folder), f"{name} runs on {loaded}")

    def ask(self, **request):
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline())
        if "error" in answer:
            raise Failed(*answer["error"])
        return answer["result"]

    def new(self, name, maker, *arguments):
        self.ask(do="new", name=maker, arguments=arguments, **{"as": name})

    def call(self, on, method, *arguments):
        return self.ask(do="call", on=on, name=method, arguments=arguments)

    def get(self, on, name):
        return self.ask(do="get", on=on, name=name)

    def function(self, name, *arguments):
        return self.ask(do="function", name=name, arguments=arguments)

    def fails(self, kind, text, action, *arguments):
        try:
            action(*arguments)
        except Failed as e:
            check(e.args == (kind, text), f"{self.name}: {e.args}, want {kind} {text}")
        else:
            check(False, f"{self.name}: no {kind} {text}")

    def close(self):
        self.process.stdin.close()
        check(self.process.wait() == 0, f"{self.name} ends badly")


def mine(name):
    return {"object": name}


def as_bytes(x):
    return {"bytes": base64.b64encode(x).decode()}


def talk(sender, receiver, text):
    message = sender.call("session", "encrypt", text)
    check(receiver.call("session", "decrypt", message) == text, f"{receiver.name} reads {text!r}")
    return message


def olm(a, b):
    for side in (a, b):
        side.new("account", "Account")
    b.call("account", "generate_one_time_keys", 3)
    keys = b.get("account", "one_time_keys")["curve25519"]
    check(len(keys) == 3, "three one-time keys")
    b.call("account", "mark_keys_as_published")
    check(b.get("account", "one_time_keys")["curve25519"] == {}, "none is left to publish")
    identities = {side: side.get("account", "identity_keys") for side in (a, b)}

    signature = a.call("account", "sign", "signed")
    b.function("ed25519_verify", identities[a]["ed25519"], "signed", signature)
    b.fails("OlmVerifyError", "BAD_MESSAGE_MAC", b.function, "ed25519_verify", identities[b]["ed25519"], "signed", signature)
    check(a.function("sha256", "text") == b.function("sha256", "text"), "sha256")

    a.new("session", "OutboundSession", mine("account"), identities[b]["curve25519"], list(keys.values())[1])
    first = a.call("session", "encrypt", "first")
    second = a.call("session", "encrypt", "second")
    check(first["message"][0] == 0, "a pre-key message")
    b.new("session", "InboundSession", mine("account"), first, identities[a]["curve25519"])
    check(b.call("session", "matches", second, identities[a]["curve25519"]), "the second message matches")
    check(b.call("session", "decrypt", second) == "second", "out of order")
    check(b.call("session", "decrypt", first) == "first", "the skipped one")
    b.fails("OlmSessionError", "BAD_MESSAGE_MAC", b.call, "session", "decrypt", first)
    b.call("account", "remove_one_time_keys", mine("session"))
    b.fails("OlmAccountError", "BAD_MESSAGE_KEY_ID", b.call, "account", "remove_one_time_keys", mine("session"))
    check(a.get("session", "id") == b.get("session", "id"), "one session id")

    for turn in range(40):
        one, other = (b, a) if turn % 2 == 0 else (a, b)
        for i in range(turn % 4 + 1):
            message = talk(one, other, f"turn {turn}, message {i}: \u00e4\U0001f98a" * (turn + 1))
            check(message["message"][0] == 1, "a normal message")
        held = [one.call("session", "encrypt", f"late {i}") for i in range(5)]
        talk(one, other, "ahead")
        for i in (3, 0, 4, 2, 1):
            check(other.call("session", "decrypt", held[i]) == f"late {i}", "a late message")
        check(a.call("session", "describe").startswith("sender chain index: "), "describe")
        if turn % 10 == 9:  # each goes on with the other's state
            pickles = {side: (side.call("account", "pickle", "key"), side.call("session", "pickle", "key")) for side in (a, b)}
            for side, other in ((a, b), (b, a)):
                side.new("account", "Account.from_pickle", pickles[other][0], "key")
                side.new("session", "Session.from_pickle", pickles[other][1], "key")
                check(side.call("session", "pickle", "key")["bytes"] == pickles[other][1]["bytes"], "the pickles are equal")
                check(side.get("account", "identity_keys") == identities[other], "the identity has moved")
                side.fails("OlmSessionError", "BAD_ACCOUNT_KEY", side.new, "x", "Session.from_pickle", pickles[other][1], "kex")
            identities = {a: identities[b], b: identities[a]}
    b.call("account", "generate_fallback_key")
    fallback = list(b.get("account", "fallback_key")["curve25519"].values())
    check(len(fallback) == 1, "a fallback key")
    a.new("session", "OutboundSession", mine("account"), identities[b]["curve25519"], fallback[0])
    for _ in range(2):  # it stays
        first = a.call("session", "encrypt", "to the fallback key")
        b.new("session", "InboundSession", mine("account"), first)
        check(b.call("session", "decrypt", first) == "to the fallback key", "the fallback key")
    a.fails("OlmSessionError", "INVALID_BASE64", a.new, "x", "OutboundSession", mine("account"), "x", fallback[0])
    a.new("stranger", "Account")
    a.fails("OlmSessionError", "BAD_MESSAGE_KEY_ID", a.new, "x", "InboundSession", mine("stranger"), first)


def megolm(a, b):
    a.new("group", "OutboundGroupSession")
    key = a.get("group", "session_key")
    b.new("group", "InboundGroupSession", key)
    a.new("own", "InboundGroupSession", key)
    check(a.get("group", "id") == b.get("group", "id"), "one group session id")
    sent = [a.call("group", "encrypt", f"to all {i}") for i in range(300)]
    for i in [*range(0, 300, 7), 299, 0, 256, 255]:
        check(b.call("group", "decrypt", sent[i])["tuple"] == [f"to all {i}", i], f"group message {i}")
    exported = b.call("group", "export_session", 100)
    check(exported == a.call("own", "export_session", 100), "what both export")
    a.new("late", "InboundGroupSession.import_session", exported)
    check(a.get("late", "first_known_index") == 100, "the first index")
    check(a.call("late", "decrypt", sent[100])["tuple"][0] == "to all 100", "an imported session")
    a.fails("OlmGroupSessionError", "UNKNOWN_MESSAGE_INDEX", a.call, "late", "decrypt", sent[99])
    a.fails("OlmGroupSessionError", "UNKNOWN_MESSAGE_INDEX", a.call, "late", "export_session", 99)
    b.new("other", "OutboundGroupSession")
    b.fails("OlmGroupSessionError", "BAD_SIGNATURE", b.call, "group", "decrypt", b.call("other", "encrypt", "not yours"))
    b.fails("OlmGroupSessionError", "BAD_SESSION_KEY", b.new, "x", "InboundGroupSession", key[:-2])
    # Each goes on with the other's half.
    outbound, inbound = a.call("group", "pickle", "key"), b.call("group", "pickle", "key")
    b.new("group", "OutboundGroupSession.from_pickle", outbound, "key")
    a.new("group", "InboundGroupSession.from_pickle", inbound, "key")
    check(b.get("group", "message_index") == 300, "the index has moved")
    check(a.call("group", "decrypt", b.call("group", "encrypt", "other way"))["tuple"] == ["other way", 300], "the other way")
    check(a.call("group", "pickle", "key") != inbound, "the ratchet has moved")


def sas(a, b):
    for side in (a, b):
        side.new("sas", "Sas")
    a.fails("OlmSasError", "OLM_SAS_THEIR_KEY_NOT_SET", a.call, "sas", "generate_bytes", "info", 6)
    for side, other in ((a, b), (b, a)):
        check(not side.get("sas", "other_key_set"), "no key yet")
        side.call("sas", "set_their_pubkey", other.get("sas", "pubkey"))
        check(side.get("sas", "other_key_set"), "a key")
    for n in (5, 6, 64):
        check(a.call("sas", "generate_bytes", "info", n) == b.call("sas", "generate_bytes", "info", n), f"{n} bytes")
    for method in ("calculate_mac", "calculate_mac_fixed_base64", "calculate_mac_long_kdf"):
        check(a.call("sas", method, "message", "info") == b.call("sas", method, "message", "info"), method)


def backup(a, b):
    b.new("key", "pk.PkDecryption")
    a.new("to", "pk.PkEncryption", b.get("key", "public_key"))
    for text in ("", "x", "a backup" * 100):
        message = a.call("to", "encrypt", text)
        check(b.call("key", "decrypt", message) == text, "a backup")
    pickle = b.call("key", "pickle", "key")
    a.new("key", "pk.PkDecryption.from_pickle", pickle, "key")
    check(a.call("key", "decrypt", message) == "a backup" * 100, "with the pickled key")
    message["pk"][1] = "AAAAAAAAAAA"
    b.fails("PkDecryptionError", "BAD_MESSAGE_MAC", b.call, "key", "decrypt", message)
    seed = as_bytes(bytes(range(32)))
    for side in (a, b):
        side.new("signing", "pk.PkSigning", seed)
    check(a.get("signing", "public_key") == b.get("signing", "public_key"), "one signing key")
    check(a.call("signing", "sign", "text") == b.call("signing", "sign", "text"), "one signature")


def main():
    folders = {"libolm": sys.argv[1], "karst": sys.argv[2]}
    for order in (("libolm", "karst"), ("karst", "libolm"), ("karst", "karst")):
        a, b = (Side(name, folders[name]) for name in order)
        for part in (olm, megolm, sas, backup):
            part(a, b)
        a.close()
        b.close()
    print(f"python3-olm: {checks} checks passed")


main()
