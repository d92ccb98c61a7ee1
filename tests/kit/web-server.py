#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""web-server.py DIRECTORY PORT-FILE LOG [CERTIFICATE]

A web server on 127.0.0.1 whose faults are chosen by the address:

  /FILE             as it should be: ETag, Last-Modified, ranges, 304
  /bare/FILE        without any of these
  /weak/FILE        with a weak ETag alone
  /dated/FILE       with Last-Modified alone
  /cut/FILE         each connection ends after 300000 bytes
  /cut-bare/FILE    the same, without ranges
  /dead/FILE        the first one ends after 300000 bytes, others before a byte
  /stall/FILE       sends 300000 bytes, and nothing more
  /once/FILE        stalls on the first connection, not on later ones
  /silent/FILE      accepts a connection, and sends nothing
  /drip/FILE        sends 100000 bytes, ten times a second
  /long/FILE        sends more than it says
  /huge/FILE        says that it has a petabyte
  /close/FILE       does not say how much it has
  /chunked/FILE     in chunks; /chunked-cut/FILE without the last ones
  /swap/FILE        the first connection ends half-way, then it is FILE.new
  /lie/FILE         continues at another place than it is asked for
  /gone/FILE        is cut, and then not there; a redirect from /moved/FILE
  /status/N/...     answers with that status
  /to/URL           redirects there; /loop/N to /loop/N+1
  /noise            is no HTTP

Each request is a line of the log.  With a certificate, which includes its key,
it speaks TLS."""
import hashlib, os, socket, sys, threading, time
from email.utils import formatdate

CUT = 300000
root, port_file, log_path = sys.argv[1:4]
seen, lock = {}, threading.Lock()


def note(line):
    with lock, open(log_path, "a") as log:
        log.write(line + "\n")


class Closed(Exception):
    pass


class Answer:
    def __init__(self, connection):
        self.c = connection
        text = b""
        while b"\r\n\r\n" not in text:
            part = connection.recv(65536)
            if not part:
                raise Closed
            text += part
        lines = text.decode("latin-1").split("\r\n")
        self.method, self.path = lines[0].split()[:2]
        self.headers = {}
        for line in lines[1:]:
            if ":" in line:
                name, value = line.split(":", 1)
                self.headers[name.strip().lower()] = value.strip()
        note("%s %s" % (self.method, self.path) + "".join(
            " %s=%s" % (n, self.headers[n]) for n in
            ("range", "if-range", "if-none-match", "if-modified-since")
            if n in self.headers))

    def send(self, data):
        self.c.sendall(data)

    def head(self, status, *headers):
        text = "HTTP/1.1 %s X\r\nConnection: close\r\n" % status
        self.send((text + "".join(h + "\r\n" for h in headers)
                   + "\r\n").encode("latin-1"))

    def page(self, status, *headers):
        self.head(status, "Content-Length: 5", *headers)
        self.send(b"page\n")

    # The way of a good server.  'most' bytes are sent.
    def file(self, name, etag=True, dated=True, ranges=True, weak=False,
             most=None, lie=False, extra=b""):
        path = os.path.join(root, name)
        if not os.path.isfile(path):
            return self.page(404)
        data = open(path, "rb").read()
        mark = '"%s"' % hashlib.sha256(data).hexdigest()[:16]
        mark = "W/" + mark if weak else mark
        date = formatdate(os.stat(path).st_mtime, usegmt=True)
        headers = []
        if etag or weak:
            headers.append("ETag: " + mark)
        if dated:
            headers.append("Last-Modified: " + date)
        h = self.headers
        if (etag or weak) and h.get("if-none-match") == mark or (
                dated and "if-none-match" not in h
                and h.get("if-modified-since") == date):
            return self.head(304, *headers)
        first = 0
        wanted = h.get("range", "")
        if ranges and wanted and h.get("if-range", mark) in (mark, date):
            first = int(wanted.split("=")[1].split("-")[0])
            if first >= len(data):
                return self.head(416, "Content-Range: bytes */%d" % len(data))
            begin = first - 7 if lie else first
            headers.append("Content-Range: bytes %d-%d/%d"
                           % (begin, len(data) - 1, len(data)))
        body = data[first:]
        headers.append("Content-Length: %d" % len(body))
        self.head(206 if "Content-Range" in "".join(headers) else 200, *headers)
        self.send(body[:most] + extra)


def first_time(path):
    with lock:
        seen[path] = seen.get(path, 0) + 1
        return seen[path] == 1


def answer(c):
    a = Answer(c)
    kind, _, name = a.path[1:].split("?")[0].partition("/")
    whole = lambda: open(os.path.join(root, name), "rb").read()
    if kind == "to":
        return a.page(302, "Location: " + a.path[4:])
    if kind == "loop":
        return a.page(301, "Location: /loop/%d" % (int(name) + 1))
    if kind == "status":
        return a.page(int(name.split("/")[0]))
    if kind == "moved":
        return a.page(307, "Location: /gone/" + name)
    if kind == "noise":
        return a.send(b"220 ready for mail\r\n")
    if kind == "bare":
        return a.file(name, False, False, False)
    if kind == "weak":
        return a.file(name, False, False, weak=True)
    if kind == "dated":
        return a.file(name, False)
    if kind == "cut":
        return a.file(name, most=CUT)
    if kind == "cut-bare":
        return a.file(name, False, False, False, most=CUT)
    if kind == "dead":
        if first_time(a.path):
            return a.file(name, most=CUT)
        return
    if kind in ("stall", "once"):
        if first_time(a.path) or kind == "stall":
            a.file(name, most=CUT)
            time.sleep(600)
        return a.file(name)
    if kind == "silent":
        time.sleep(600)
    if kind == "drip":
        data = whole()
        a.head(200, "Content-Length: %d" % len(data), 'ETag: "drip"')
        for i in range(0, len(data), 100000):
            a.send(data[i:i + 100000])
            time.sleep(0.1)
        return
    if kind == "long":
        return a.file(name, extra=b"more" * 10000)
    if kind == "huge":
        a.head(200, "Content-Length: %d" % 10 ** 15)
        return a.send(b"x" * 1000)
    if kind == "close":
        a.head(200)
        return a.send(whole())
    if kind in ("chunked", "chunked-cut"):
        data = whole()
        a.head(200, "Transfer-Encoding: chunked")
        for i in range(0, len(data), 50000):
            part = data[i:i + 50000]
            a.send(b"%x\r\n" % len(part) + part + b"\r\n")
            if kind == "chunked-cut" and i > CUT:
                return
        return a.send(b"0\r\n\r\n")
    if kind == "swap":
        if first_time(a.path):
            return a.file(name, most=CUT)
        return a.file(name + ".new")
    if kind == "lie":
        if "range" in a.headers:
            return a.file(name, lie=True)
        return a.file(name, most=CUT if first_time(a.path) else None)
    if kind == "gone":
        if first_time(a.path):
            return a.file(name, most=CUT)
        return a.page(404)
    a.file(a.path[1:].split("?")[0])


def serve(c):
    try:
        if len(sys.argv) > 4:
            c = context.wrap_socket(c, server_side=True)
        answer(c)
    except (OSError, Closed):
        pass
    finally:
        try:
            c.shutdown(socket.SHUT_WR)
            c.settimeout(1)
            while c.recv(65536):
                pass
        except OSError:
            pass
        c.close()


if len(sys.argv) > 4:
    import ssl
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(sys.argv[4])
server = socket.socket()
server.bind(("127.0.0.1", 0))
server.listen(50)
with open(port_file + ".new", "w") as f:
    f.write("%d\n" % server.getsockname()[1])
os.rename(port_file + ".new", port_file)
while True:
    connection, _ = server.accept()
    threading.Thread(target=serve, args=(connection,), daemon=True).start()
