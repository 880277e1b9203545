"""Whole responses of a run(). As in raw_http.py, they are Flask's where Azure ML's own package is installed."""

import json
import sys
from urllib.parse import quote, urlsplit, urlunsplit
from wsgiref import headers as wsgi

FAILED = "x-ms-run-function-failed"

# Headers of URLs, and what stays in these as it is; the rest goes out as %XX.
LOCATIONS = ("location", "content-location")
OF_URLS = "%!#$&'()*+,/:;=?@[]"


class ResponseHeaders(wsgi.Headers):
    """Standard library's, with members of Flask's."""

    def __setitem__(self, name, value):
        super().__setitem__(name, str(value))

    def add(self, name, value):
        self.add_header(name, str(value))

    def update(self, values):
        for name, value in dict(values).items():
            self[name] = value


class AMLResponse:
    """A response; its arguments are those of Azure ML's class."""

    def __init__(self, message, status_code, response_headers={}, json_str=False, run_function_failed=False):
        # As Flask's, it may be a member of an enumeration, or a text: "201 Created".
        status = 200 if status_code is None else status_code
        self.status_code = int(status) if isinstance(status, int) else int(str(status).split()[0])
        as_json = message is None or json_str
        self.data = json.dumps({} if message is None else message) if as_json else message
        self.headers = ResponseHeaders([])
        self.content_type = "application/json" if as_json else "text/html; charset=utf-8"
        self.headers[FAILED] = run_function_failed
        for name, value in response_headers.items():
            if name == "Content-Type" and not as_json:
                del self.headers["Content-Type"]
            for one in value.split(","):
                self.headers.add(name, one.strip())

    @property
    def data(self):
        return self._data

    @data.setter
    def data(self, body):
        pieces = [body] if isinstance(body, (str, bytes, bytearray)) else body
        self._data = b"".join(piece.encode() if isinstance(piece, str) else piece for piece in pieces)

    def set_data(self, body):
        self.data = body

    @property
    def content_type(self):
        return self.headers["Content-Type"]

    @content_type.setter
    def content_type(self, value):
        self.headers["Content-Type"] = value

    @property
    def mimetype(self):
        return (self.content_type or "").partition(";")[0].strip().lower()

    @mimetype.setter
    def mimetype(self, value):
        self.content_type = f"{value}; charset=utf-8" if value.startswith("text/") else value


def is_response(result):
    if isinstance(result, AMLResponse):
        return True
    flask = sys.modules.get("flask")
    return flask is not None and isinstance(result, flask.Response)


def _ascii(url):
    split = urlsplit(url)
    host = split.netloc if split.netloc.isascii() else split.netloc.encode("idna").decode()
    return quote(urlunsplit(split._replace(netloc=host)), safe=OF_URLS)


def parts(response):
    """Status, headers and body of a response."""
    if isinstance(response, AMLResponse):
        status, pairs, body = response.status_code, response.headers.items(), response.data
    else:
        response.direct_passthrough = False
        status, body = response.status_code, response.get_data()
        pairs = response.headers.items()
    # As Flask sends them.
    pairs = [[name, _ascii(value) if name.lower() in LOCATIONS else value] for name, value in pairs]
    if status >= 500:
        pairs = [pair for pair in pairs if pair[0].lower() != FAILED] + [[FAILED, "True"]]
    return status, pairs, body
