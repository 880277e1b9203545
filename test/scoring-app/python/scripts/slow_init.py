"""An init() that takes long, and tells whoever connects when its process ends."""

import socket
import time


def init():
    server = socket.create_server(("127.0.0.1", 0))
    print("init() listens on", server.getsockname()[1])
    connection, _ = server.accept()
    with connection:
        time.sleep(3600)


def run(data):
    return data
