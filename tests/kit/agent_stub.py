# SPDX-License-Identifier: LGPL-2.1-or-later
# The socket of a guest agent that is made up: one connection after the other.
import json
import os
import socket


def lines(c):
    """The commands of a connection, until its end."""
    data = b''
    while True:
        got = c.recv(65536)
        if not got:
            return
        data += got
        while b'\n' in data:
            line, data = data.split(b'\n', 1)
            yield json.loads(line[line.rfind(b'\xff') + 1:])


def listen(path, serve):
    s = socket.socket(socket.AF_UNIX)
    # Nobody finds it before it listens.
    s.bind(path + '.new')
    s.listen(8)
    os.rename(path + '.new', path)
    while True:
        c, _ = s.accept()
        try:
            serve(c)
        except OSError:
            pass
        c.close()
