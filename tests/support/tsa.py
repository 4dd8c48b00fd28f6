#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A time-stamp authority for tests, with every bad habit. Usage: tsa.py PORTFILE LOGFILE LAB [LAB...]

Signs with the time-stamping keys of lab folders, by `openssl cms`, so that nothing of ours is on both sides. The path of the URL says how it behaves:
/good[2], /silent, ... (see MODES); /then-MODE behaves well for the first request and then as MODE, /twice-MODE for the first two; /third-503 fails at the third, ninth ... Each request is a line
in LOGFILE. It ends with the process that started it, or when its port file is gone."""
import datetime
import http.server
import os
import secrets
import select
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time

LABS = sys.argv[3:]
SEEN = {}
LOCK = threading.Lock()


def tlv(tag, *parts):
    content = b"".join(parts)
    n = len(content)
    head = bytes([n]) if n < 128 else bytes([0x80 | (n.bit_length() + 7) // 8]) + n.to_bytes((n.bit_length() + 7) // 8, "big")
    return bytes([tag]) + head + content


def children(der):
    """Elements of a constructed element as (tag, content, whole)."""
    out, at = [], 0
    _, at, end = header(der, 0)
    while at < end:
        tag, start, stop = header(der, at)
        out.append((tag, der[start:stop], der[at:stop]))
        at = stop
    return out


def header(der, at):
    n, start = der[at + 1], at + 2
    if n & 0x80:
        start += n & 0x7F
        n = int.from_bytes(der[at + 2 : start], "big")
    return der[at], start, start + n


def integer(v):
    return tlv(2, v.to_bytes(v.bit_length() // 8 + 1, "big"))


def cms(info, lab, more=()):
    """Signs the TSTInfo; nobody else's certificates are in it but those of `more`."""
    with tempfile.TemporaryDirectory() as d:
        open(d + "/info", "wb").write(info)
        command = ["openssl", "cms", "-sign", "-binary", "-nodetach", "-noindef", "-nosmimecap", "-cades", "-md", "sha256", "-outform", "DER",
                   "-econtent_type", "1.2.840.113549.1.9.16.1.4", "-in", d + "/info", "-signer", lab + "/certificates/time-stamping.pem",
                   "-inkey", lab + "/keys/time-stamping.key"]
        for m in more:
            command += ["-certfile", m]
        return subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout


def answer(request, mode):
    """A TimeStampResp, as bad as the mode says."""
    fields = children(request)
    imprint, nonce = fields[1][2], [f[2] for f in fields[2:] if f[0] == 2]
    when = datetime.datetime.now(datetime.timezone.utc)
    lab, more = LABS[0], []
    if mode == "good2":
        lab = LABS[1]
    elif mode == "wrong-nonce":
        nonce = [integer(7)]
    elif mode == "no-nonce":
        nonce = []
    elif mode == "wrong-imprint":
        imprint = imprint[:-1] + bytes([imprint[-1] ^ 1])
    elif mode == "back-dated":
        when -= datetime.timedelta(hours=2)
    elif mode == "future":
        when += datetime.timedelta(hours=2)
    elif mode == "ahead":
        when += datetime.timedelta(seconds=30)
    elif mode == "stranger":
        lab = LABS[2]
    elif mode == "surplus":
        more = [LABS[2] + "/certificates/time-stamping.pem"]
    elif mode == "rejecting":
        return tlv(0x30, tlv(0x30, integer(2), tlv(0x30, tlv(0x0C, "not \x1b[31mtoday".encode())), tlv(3, b"\x05\x20")))
    elif mode == "no-time":
        return tlv(0x30, tlv(0x30, integer(2), tlv(3, b"\x01\x00\x02")))
    info = tlv(0x30, integer(1), tlv(6, b"\x2a\x03\x04"), imprint, integer(secrets.randbits(127)),
               tlv(0x18, when.strftime("%Y%m%d%H%M%SZ").encode()), *nonce)
    token = cms(info, lab, more)
    if mode == "wrong-signature":
        token = token[:-1] + bytes([token[-1] ^ 1])
    reply = tlv(0x30, tlv(0x30, integer(0)), token)
    return reply + b"\0" if mode == "trailing" else reply


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def mode(self):
        mode = self.path.rsplit("/", 1)[-1]  # as a proxy we get the whole address
        with LOCK:
            SEEN[mode] = SEEN.get(mode, 0) + 1
            n = SEEN[mode]
            with open(sys.argv[2], "a") as log:
                log.write(mode + "\n")
        for word, good in (("then-", 1), ("twice-", 2)):
            if mode.startswith(word):
                mode = "good" if n <= good else mode[len(word):]
        if mode.startswith("once-"):  # any word behind it: each has its own count
            mode = "good" if n == 1 else "503"
        if mode == "third-503":
            mode = "503" if n % 6 == 3 else "good"
        if mode == "alternating":
            mode = "good2" if n % 2 == 0 else "good"
        return mode

    def head(self, code, length, kind="application/timestamp-reply"):
        self.send_response(code)
        self.send_header("Content-Type", kind)
        if length is not None:
            self.send_header("Content-Length", str(length))
        self.send_header("Connection", "close")

    def do_CONNECT(self):
        """A proxy's tunnel, of one request and one answer at a time."""
        self.close_connection = True
        with LOCK, open(sys.argv[2], "a") as log:
            log.write("tunnel " + self.path + "\n")
        host, port = self.path.rsplit(":", 1)
        try:
            there = socket.create_connection((host, int(port)), 5)
        except OSError:
            self.send_error(502)
            return
        self.send_response(200)
        self.end_headers()
        with there:
            ends = {self.connection: there, there: self.connection}
            while True:
                for end in select.select(list(ends), [], [])[0]:
                    data = end.recv(65536)
                    if not data:
                        return
                    ends[end].sendall(data)

    def do_POST(self):
        try:
            length = int(self.headers["Content-Length"])
            request = self.rfile.read(length)
            if len(request) == length:  # less: who asked was killed
                self.reply(request)
        except OSError:
            pass

    def reply(self, request):
        mode = self.mode()
        self.close_connection = True
        if self.headers["Content-Type"] != "application/timestamp-query":
            self.send_error(415)
        elif mode == "silent":
            time.sleep(60)
        elif mode == "hanging-up":
            pass
        elif mode == "redirecting":
            self.send_response(302)
            self.send_header("Location", "/good")
            self.send_header("Content-Length", "0")
            self.end_headers()
        elif mode in ("404", "503"):
            self.send_error(int(mode))
        elif mode == "bare-503":
            self.send_response(503)
            self.send_header("Content-Length", "0")
            self.end_headers()
        elif mode in ("signed-503", "accepted"):
            body = answer(request, "good")
            self.head(503 if mode == "signed-503" else 202, len(body))
            self.end_headers()
            self.wfile.write(body)
        elif mode == "oversized":
            self.head(200, 200004)
            self.end_headers()
            self.wfile.write(b"\x30\x83\x03\x0d\x3f" + bytes(199999))
        elif mode == "garbage":
            self.head(200, 9)
            self.end_headers()
            self.wfile.write(b"not a tsr")
        elif mode == "slow":
            body = answer(request, "good")
            self.head(200, len(body))
            self.end_headers()
            for i in range(len(body)):
                self.wfile.write(body[i : i + 1])
                self.wfile.flush()
                time.sleep(0.05)
        elif mode == "chunked":
            body = answer(request, "good")
            self.head(200, None)
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            self.wfile.write(b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body))
        elif mode == "cut":
            body = answer(request, "good")
            self.head(200, len(body))
            self.end_headers()
            self.wfile.write(body[:-100])
        else:
            body = answer(request, mode)
            self.head(200, len(body), "text/html" if mode == "html" else "application/timestamp-reply")
            self.end_headers()
            self.wfile.write(body)


def main():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    if "TSA_TLS" in os.environ:  # a file with key and certificate
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(os.environ["TSA_TLS"])
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    with open(sys.argv[1] + ".new", "w") as f:
        f.write(str(server.server_address[1]))
    os.rename(sys.argv[1] + ".new", sys.argv[1])
    parent = os.getppid()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    while os.getppid() == parent and os.path.exists(sys.argv[1]):
        time.sleep(0.2)


main()
