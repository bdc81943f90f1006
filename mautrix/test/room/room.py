"""The room of room.sh: starts a homeserver, tells its members what to do, and checks that all read all.

Arguments: the program that is a member (main.go), the bot (../../example), a folder for everything.
"""

import asyncio
import collections
import hashlib
import hmac
import json
import logging
import os
import signal
import socket
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

import nio

MEMBER, BOT, FOLDER = sys.argv[1:]
DOMAIN = "localhost"
ROTATION = 20  # messages until a sender makes a new session
EACH = 100  # messages by each of the three
PLAIN = "in-plain-sight"  # in every text: the homeserver must not have it anywhere
logging.basicConfig(filename=os.path.join(FOLDER, "nio.log"), level=logging.WARNING)
started = time.monotonic()


def step(text):
    print(f"{time.monotonic() - started:6.1f}s  {text}", flush=True)


def check(condition, text):
    if not condition:
        raise SystemExit(f"FAIL: {text}")


# --- The homeserver ---

CONFIG = """
server_name: {domain}
pid_file: {folder}/homeserver.pid
listeners:
  - {{port: {port}, bind_addresses: ["127.0.0.1"], type: http, tls: false, resources: [{{names: [client]}}]}}
database: {{name: sqlite3, args: {{database: "{folder}/homeserver.db"}}}}
log_config: {folder}/log.yaml
media_store_path: {folder}/media
signing_key_path: {folder}/signing.key
registration_shared_secret: secret
federation_domain_whitelist: []
trusted_key_servers: []
report_stats: false
presence: {{enabled: false}}
rc_message: {{per_second: 10000, burst_count: 10000}}
rc_login:
  address: {{per_second: 10000, burst_count: 10000}}
  account: {{per_second: 10000, burst_count: 10000}}
  failed_attempts: {{per_second: 10000, burst_count: 10000}}
rc_joins: {{local: {{per_second: 10000, burst_count: 10000}}}}
rc_invites:
  per_room: {{per_second: 10000, burst_count: 10000}}
  per_user: {{per_second: 10000, burst_count: 10000}}
"""

LOGGING = """
version: 1
formatters: {{plain: {{format: "%(asctime)s %(name)s %(levelname)s %(message)s"}}}}
handlers: {{file: {{class: logging.FileHandler, filename: {folder}/homeserver.log, formatter: plain}}}}
root: {{level: WARNING, handlers: [file]}}
disable_existing_loggers: false
"""


class Homeserver:
    async def start(self):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        config = os.path.join(FOLDER, "homeserver.yaml")
        with open(config, "w") as file:
            file.write(CONFIG.format(domain=DOMAIN, folder=FOLDER, port=port))
        with open(os.path.join(FOLDER, "log.yaml"), "w") as file:
            file.write(LOGGING.format(folder=FOLDER))
        command = [sys.executable, "-m", "synapse.app.homeserver", "-c", config]
        quiet = asyncio.subprocess.DEVNULL
        keys = await asyncio.create_subprocess_exec(*command, "--generate-keys", cwd=FOLDER, stdout=quiet)
        check(await keys.wait() == 0, "the homeserver takes no configuration")
        self.process = await asyncio.create_subprocess_exec(*command, cwd=FOLDER)
        while True:
            check(self.process.returncode is None, f"the homeserver ended: see {FOLDER}/homeserver.log")
            try:
                versions = await self.request("GET", "/_matrix/client/versions")
                break
            except (urllib.error.URLError, ConnectionError):
                await asyncio.sleep(0.1)
        check(versions["versions"], "no homeserver")

    async def stop(self):
        self.process.terminate()
        await self.process.wait()

    def has(self, text):
        """Whether text is in the homeserver's database or logs."""
        names = [n for n in os.listdir(FOLDER) if n.startswith("homeserver.")]
        return any(text.encode() in open(os.path.join(FOLDER, n), "rb").read() for n in names)

    async def request(self, method, path, body=None, token=None):
        def send():
            request = urllib.request.Request(self.url + path, method=method)
            request.add_header("Content-Type", "application/json")
            if token:
                request.add_header("Authorization", "Bearer " + token)
            data = None if body is None else json.dumps(body).encode()
            with urllib.request.urlopen(request, data) as response:
                return json.load(response)

        return await asyncio.to_thread(send)

    async def register(self, name):
        """Makes an account whose password is its name, and returns an access token."""
        nonce = (await self.request("GET", "/_synapse/admin/v1/register"))["nonce"]
        parts = [nonce, name, name, "notadmin"]
        mac = hmac.new(b"secret", b"\x00".join(p.encode() for p in parts), hashlib.sha1).hexdigest()
        body = {"nonce": nonce, "username": name, "password": name, "admin": False, "mac": mac}
        return (await self.request("POST", "/_synapse/admin/v1/register", body))["access_token"]


# --- The members ---


class Member:
    """A member that is the Go program."""

    def __init__(self, server, name):
        self.server, self.name, self.read, self.device = server, name, [], None

    async def start(self, driver):
        self.driver = driver
        self.process = await asyncio.create_subprocess_exec(
            MEMBER, "-homeserver", self.server.url, "-user", self.name, "-driver", driver,
            "-database", os.path.join(FOLDER, self.name + ".db"),
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, limit=1 << 24,
            stderr=open(os.path.join(FOLDER, self.name + ".log"), "a"),
        )  # fmt: skip
        self.answers = asyncio.Queue()
        self.reader = asyncio.create_task(self.listen(self.process.stdout, self.answers))
        device = (await self.answer())["device"]
        check(self.device in (None, device), f"{self.name} came back as another device")
        self.device = device

    async def listen(self, lines, answers):
        async for line in lines:
            line = json.loads(line)
            if "read" in line:
                self.read.append(line["read"])
            else:
                await answers.put(line)
        await answers.put({"error": "ended"})

    async def answer(self):
        answer = await self.answers.get()
        check("error" not in answer, f"{self.name} on {self.driver}: {answer.get('error')}: see {FOLDER}/{self.name}.log")
        return answer

    async def do(self, do, **arguments):
        line = json.dumps({"do": do, "room": ROOM, **arguments})
        self.process.stdin.write(line.encode() + b"\n")
        return await self.answer()

    async def kill(self):
        self.process.send_signal(signal.SIGKILL)
        await self.process.wait()
        await self.reader

    async def join(self):
        await self.do("join")

    async def members(self):
        return (await self.do("members"))["count"]

    async def say(self, texts):
        await self.do("say", texts=texts)

    async def history(self):
        answer = await self.do("history")
        return answer.get("texts", []), answer["failed"]

    async def export_keys(self, path):
        check((await self.do("export", path=path))["count"] > 0, "nothing was exported")

    async def import_keys(self, path):
        answer = await self.do("import", path=path)
        check(answer["count"] > 0 and answer["failed"] == 0, f"{self.name} imported {answer}")


class NioMember:
    """A member that is matrix-nio on libolm."""

    driver = "matrix-nio"

    def __init__(self, server, name):
        self.server, self.name, self.read, self.failed = server, name, [], 0
        self.id, self.login = f"@{name}:{DOMAIN}", None

    async def start(self):
        store = os.path.join(FOLDER, self.name)
        os.makedirs(store, exist_ok=True)
        config = nio.AsyncClientConfig(store_sync_tokens=True, encryption_enabled=True)
        self.client = nio.AsyncClient(self.server.url, self.id, store_path=store, config=config)
        if self.login is None:
            self.login = await self.client.login(self.name)
            check(isinstance(self.login, nio.LoginResponse), f"{self.login}")
        else:
            self.client.restore_login(self.id, self.login.device_id, self.login.access_token)
        self.client.add_event_callback(self.on_text, nio.RoomMessageText)
        self.client.add_event_callback(self.on_failure, nio.MegolmEvent)
        self.syncing = asyncio.create_task(
            self.client.sync_forever(
                timeout=10000, full_state=True, sync_filter={"room": {"timeline": {"limit": 500}}}
            )
        )
        await self.client.synced.wait()

    async def stop(self):
        self.syncing.cancel()
        await asyncio.gather(self.syncing, return_exceptions=True)
        await self.client.close()

    def on_text(self, room, event):
        if event.decrypted:
            self.read.append(event.body)

    def on_failure(self, room, event):
        self.failed += 1

    async def join(self):
        response = await self.client.join(ROOM)
        check(isinstance(response, nio.JoinResponse), f"{response}")

    async def members(self):
        room = self.client.rooms.get(ROOM)
        return len(room.users) - len(room.invited_users) if room and room.encrypted else 0

    async def say(self, texts):
        for text in texts:
            content = {"msgtype": "m.text", "body": text}
            response = await self.client.room_send(ROOM, "m.room.message", content, ignore_unverified_devices=True)
            check(isinstance(response, nio.RoomSendResponse), f"{self.name}: {response}")

    async def history(self):
        texts, failed, position = [], 0, ""
        while True:
            response = await self.client.room_messages(ROOM, position, limit=200)
            check(isinstance(response, nio.RoomMessagesResponse), f"{response}")
            for event in response.chunk:
                if isinstance(event, nio.RoomMessageText) and event.decrypted:
                    texts.append(event.body)
                elif isinstance(event, nio.MegolmEvent):
                    failed += 1
            if not response.end or not response.chunk:
                return texts, failed
            position = response.end

    async def export_keys(self, path):
        await self.client.export_keys(path, "passphrase")

    async def import_keys(self, path):
        response = await self.client.import_keys(path, "passphrase")
        check(not isinstance(response, nio.responses.ErrorResponse), f"{response}")


class Bot:
    """The example."""

    def __init__(self, server):
        self.server = server

    async def start(self):
        self.process = await asyncio.create_subprocess_exec(
            BOT, "-homeserver", self.server.url, "-user", "bot", "-database", os.path.join(FOLDER, "bot.db"),
            env={"PASSWORD": "bot", "PICKLE_KEY": "key"}, stderr=open(os.path.join(FOLDER, "bot.log"), "a"),
        )  # fmt: skip

    async def stop(self):
        self.process.terminate()
        check(await self.process.wait() == 0, f"the bot did not end well: see {FOLDER}/bot.log")


# --- The story ---

ROOM = None


async def until(condition, text):
    """Waits until condition holds; it has to within a minute, on a slow machine too."""
    end = time.monotonic() + 60
    while not await condition():
        check(time.monotonic() < end, text())
        await asyncio.sleep(0.1)


async def read_by(members, sent):
    """Waits until each of members has read all of sent, each text once."""

    async def all_read():
        return all(set(sent) <= set(member.read) for member in members)

    def missing():
        return "; ".join(
            f"{m.name} on {m.driver} did not read {sorted(set(sent) - set(m.read))[:5]} and {len(set(sent) - set(m.read))} in all"
            for m in members
            if set(sent) - set(m.read)
        )

    await until(all_read, missing)


async def known_by(members, count):
    async def known():
        return [await m.members() for m in members] == [count] * len(members)

    await until(known, lambda: f"not all members know that they are {count}")


async def story(server):
    global ROOM
    tokens = {name: await server.register(name) for name in ("warden", "alice", "bob", "carol", "dave", "erin", "bot")}

    def warden(method, path, body=None):
        return server.request(method, f"/_matrix/client/v3{path}", body, tokens["warden"])

    def invite(name):
        return warden("POST", f"/rooms/{ROOM}/invite", {"user_id": f"@{name}:{DOMAIN}"})

    alice, bob, carol = Member(server, "alice"), Member(server, "bob"), NioMember(server, "carol")
    await asyncio.gather(alice.start("karst"), bob.start("goolm"), carol.start())
    encryption = {"algorithm": "m.megolm.v1.aes-sha2", "rotation_period_msgs": ROTATION}
    created = await warden("POST", "/createRoom", {
        "preset": "private_chat",
        "invite": [f"@{m.name}:{DOMAIN}" for m in (alice, bob, carol)],
        "initial_state": [{"type": "m.room.encryption", "state_key": "", "content": encryption}],
    })  # fmt: skip
    ROOM = created["room_id"]
    three = [alice, bob, carol]
    for member in three:
        await member.join()
    await known_by(three, 4)
    step("alice (karst), bob (goolm) and carol (matrix-nio on libolm) are in an encrypted room")

    sent = []

    async def talk(speakers, first, end):
        """Each of speakers sends its messages first to end-1, all at once."""
        texts = {m.name: [f"{PLAIN} {m.name} {i}" for i in range(first, end)] for m in speakers}
        await asyncio.gather(*(m.say(texts[m.name]) for m in speakers))
        for said in texts.values():
            sent.extend(said)

    await talk(three, 0, 40)
    await read_by(three, sent)
    step("40 messages of each were read by all")

    # A restart. What is sent meanwhile has to be read afterwards.
    await alice.kill()
    await talk([bob, carol], 40, 50)
    await alice.start("karst")
    await talk([alice], 40, 50)
    await read_by(three, sent)
    await bob.kill()
    await carol.stop()
    await talk([alice], 50, 60)
    await bob.start("goolm")
    await carol.start()
    await talk([bob, carol], 50, 60)
    await read_by(three, sent)
    step("each was away for ten messages, and read them afterwards")

    # Late members can't read what was before.
    early = len(sent)
    dave, erin = Member(server, "dave"), NioMember(server, "erin")
    await asyncio.gather(dave.start("karst"), erin.start())
    for member in (dave, erin):
        await invite(member.name)
        await member.join()
    five = three + [dave, erin]
    await known_by(five, 6)
    for member in (dave, erin):
        texts, failed = await member.history()
        check((texts, failed) == ([], early), f"{member.name} reads {len(texts)} messages of before, can't {failed} of {early}")
    await talk(five, 60, 80)
    await read_by(three, sent)
    await read_by([dave, erin], sent[early:])
    step("dave (karst) and erin (matrix-nio) joined late: they read what is new, and nothing else")

    # The databases change their drivers, and back.
    for drivers in (("goolm", "karst"), ("karst", "goolm")):
        await asyncio.gather(alice.kill(), bob.kill())
        await asyncio.gather(alice.start(drivers[0]), bob.start(drivers[1]))
        first = 80 if drivers[0] == "goolm" else 90
        await talk(three, first, first + 10)
        await read_by(three, sent)
        await read_by([dave, erin], sent[early:])
    step("alice went on with goolm, and bob with karst, and back")

    # Key files, from one library to the other.
    exported = {m.name: os.path.join(FOLDER, m.name + ".keys") for m in (alice, carol)}
    await alice.export_keys(exported["alice"])
    await carol.export_keys(exported["carol"])
    await dave.import_keys(exported["carol"])
    await erin.import_keys(exported["alice"])
    for member in (dave, erin):
        texts, failed = await member.history()
        check(failed == 0 and sorted(texts) == sorted(sent), f"with the key file {member.name} reads {len(texts)} of {len(sent)}, can't {failed}")
    step("with key files (nio to karst, karst to nio) the late members read everything")

    # The example answers, also after a restart.
    bot = Bot(server)
    for question in (f"{PLAIN} hello", f"{PLAIN} are you still there?"):
        await bot.start()
        if question.endswith("hello"):
            await invite("bot")
            await known_by(five, 7)
        await alice.say([f"!echo {question}"])
        sent.extend([f"!echo {question}", question])
        await read_by(three, sent)
        await bot.stop()
    step("the bot of the example answered, before a restart and after")

    # What the server saw.
    senders, sessions, other, position = collections.Counter(), collections.defaultdict(collections.Counter), [], None
    while True:
        query = {"dir": "f", "limit": "500", **({"from": position} if position else {})}
        page = await warden("GET", f"/rooms/{ROOM}/messages?{urllib.parse.urlencode(query)}")
        for event in page["chunk"]:
            if "state_key" in event:
                continue
            content = event["content"]
            if event["type"] != "m.room.encrypted" or content["algorithm"] != "m.megolm.v1.aes-sha2" or "body" in content:
                other.append(event["type"])
            senders[event["sender"]] += 1
            sessions[event["sender"]][content.get("session_id")] += 1
        position = page.get("end")
        if not page["chunk"] or not position:
            break
    check(not other, f"the server saw other events than m.megolm.v1: {other[:5]}")
    check(sum(senders.values()) == len(sent), f"the server saw {sum(senders.values())} messages of {len(sent)}")
    check(max(collections.Counter(sent).values()) == 1, "texts are not unique")
    check(all(PLAIN in text for text in sent), "a text without what is searched for")
    check(server.has(ROOM), "the search in the homeserver's files does not even find the room")
    check(not server.has(PLAIN), "the homeserver has a text in its files")
    for member in three:
        user = f"@{member.name}:{DOMAIN}"
        check(senders[user] >= EACH, f"{member.name} sent {senders[user]} messages")
        least = EACH // ROTATION if member.driver != "matrix-nio" else 2  # nio rotates when members change
        check(len(sessions[user]) >= least, f"{member.name} sent {len(sessions[user])} sessions")
        most = max(sessions[user].values())
        check(member.driver == "matrix-nio" or most <= ROTATION, f"{member.name} sent {most} messages in one session")
        check(sorted(member.read) == sorted(sent), f"{member.name} read {len(member.read)} messages of {len(sent)}")
    for member in (dave, erin):
        # With the key file mautrix also reads what it had been waiting for.
        check(set(sent[early:]) <= set(member.read) <= set(sent), f"{member.name} read something else")
    check(carol.failed == 0, f"carol could not read {carol.failed} events at first")
    total = sum(len(s) for s in sessions.values())
    step(f"the server saw {len(sent)} events, all m.megolm.v1, of {total} sessions by {len(senders)} users")
    for member in three + [dave]:
        if isinstance(member, Member):
            await member.kill()
    await asyncio.gather(carol.stop(), erin.stop())
    print(f"room: {len(sent)} messages, read by everybody; {total} sessions; 0 failed")


async def main():
    server = Homeserver()
    await server.start()
    step("the homeserver runs")
    try:
        await story(server)
    finally:
        await server.stop()


asyncio.run(main())
