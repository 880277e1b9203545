"""A run() that takes request_headers."""


def init():
    pass


def run(data, request_headers):
    return {"data": data, "mine": request_headers.get("X-Mine"), "type": request_headers.get("Content-Type")}
