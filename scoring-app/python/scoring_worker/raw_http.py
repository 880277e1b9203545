"""Whole requests for a run() with @rawhttp; responses.py has what it answers.

Where Azure ML's own package is installed, they are Flask's, as under Azure ML's server. Elsewhere the classes here stand in
for them, with the members of Flask's that entry scripts use.
"""

import codecs
import json
import re
import sys
from io import BytesIO
from urllib.parse import parse_qsl, quote_from_bytes

# Of a form: what follows a boundary.
PART = re.compile(rb"[ \t]*\r?\n(.*?)\r?\n\r?\n(.*)", re.DOTALL)
# Azure ML's own modules, where they are installed: their rawhttp() may have decorated run().
DECORATORS = ("azureml_inference_server_http.api.aml_request", "azureml.contrib.services.aml_request")

# As under Flask, what is not UTF-8 stays as it was written: %FF.
codecs.register_error("percent", lambda error: (quote_from_bytes(error.object[error.start : error.end]), error.end))


def query_pairs(text):
    """Names and values of a query, or of a form that is written as one."""
    return parse_qsl(text, keep_blank_values=True, errors="percent")


class Values(dict):
    """The first value of each name, and all of them by getlist()."""

    def __init__(self, pairs):
        self._pairs = list(pairs)
        super().__init__()
        for name, value in self._pairs:
            self.setdefault(name, value)

    def getlist(self, name):
        return [value for key, value in self._pairs if key == name]

    def get(self, name, default=None, type=None):
        try:
            return self[name] if type is None else type(self[name])
        except (KeyError, ValueError):
            return default

    def to_dict(self, flat=True):
        return dict(self) if flat else {name: self.getlist(name) for name in self.keys()}


class Headers(Values):
    """By name in any case. As of Flask's, `for` gives pairs."""

    def __iter__(self):
        return iter(self.items())

    def __getitem__(self, name):
        return super().__getitem__(name.title())

    def __contains__(self, name):
        return super().__contains__(name.title())

    def getlist(self, name):
        return super().getlist(name.title())


class File(BytesIO):
    """A file of a form."""

    def __init__(self, name, filename, headers, content):
        super().__init__(content)
        self.name = name
        self.filename = filename
        self.headers = headers
        self.content_type = headers["Content-Type"]
        self.mimetype = (self.content_type or "").partition(";")[0].strip().lower()
        self.stream = self

    def save(self, destination):
        if hasattr(destination, "write"):
            destination.write(self.getvalue())
            return
        with open(destination, "wb") as file:
            file.write(self.getvalue())


class AMLRequest:
    """A request."""

    def __init__(self, head, body):
        self.method = head["method"]
        self.path = head["path"]
        self.query_string = head["query"].encode()
        self.full_path = f"{self.path}?{head['query']}"
        self.headers = Headers(named_headers(head))
        self.host = self.headers.get("Host", "")
        self.base_url = f"http://{self.host}{self.path}"
        self.url = self.base_url + (f"?{head['query']}" if head["query"] else "")
        self.mimetype, self.mimetype_params = content_type(head)
        self.content_type = self.headers.get("Content-Type")
        self.content_length = len(body)
        self.args = Values(query_pairs(head["query"]))
        self.stream = BytesIO(body)
        fields, files = self._form(body)
        self.form = Values(fields)
        self.files = Values(files)
        self.values = Values([*self.args.items(), *self.form.items()])
        self._body = body
        # As under Flask, `data` has a form's bytes only after get_data() has read them.
        self.data = b"" if self.form or self.files else body

    def _form(self, body):
        if self.mimetype == "application/x-www-form-urlencoded":
            return query_pairs(body.decode(errors="replace")), []
        boundary = self.mimetype_params.get("boundary")
        if self.mimetype != "multipart/form-data" or not boundary:
            return [], []
        from email.parser import HeaderParser

        fields, files = [], []
        between = rb"\r?\n--" + re.escape(boundary.encode()) + rb"(?=--|[ \t]*\r?\n)"
        _, *parts = re.split(between, b"\r\n" + body)
        for part in parts:
            if part.startswith(b"--"):
                return fields, files
            found = PART.match(part)
            if not found:
                break
            head, content = found.groups()
            headers = HeaderParser().parsestr(head.decode(errors="replace"))
            name, filename = headers.get_param("name", header="content-disposition"), headers.get_filename()
            if filename is None:
                fields.append((name, content.decode(errors="replace")))
            else:
                files.append((name, File(name, filename, headers, content)))
        # Nothing, as of Flask, where it is cut off.
        return [], []

    def get_data(self, cache=True, as_text=False, parse_form_data=False):
        if not parse_form_data:
            self.data = self._body
        return self.data.decode(errors="replace") if as_text else self.data

    @property
    def is_json(self):
        return self.mimetype == "application/json" or self.mimetype.endswith("+json")

    @property
    def json(self):
        return self.get_json()

    def get_json(self, force=False, silent=False, cache=True):
        try:
            if not (force or self.is_json):
                raise ValueError("the request's Content-Type is not application/json")
            return json.loads(self._body)
        except ValueError:
            if silent:
                return None
            raise


_requested = False


def rawhttp(function):
    """Decorator of a run() that takes the request itself."""
    global _requested
    _requested = True
    return function


def requested():
    """Whether this decorator, or an installed one, was used."""
    return _requested or any(getattr(sys.modules.get(name), "_rawHttpRequested", False) for name in DECORATORS)


def named_headers(head):
    """Pairs, in Flask's spelling: Content-Type. As behind Azure ML's server, X_A is not taken for X-A."""
    flat = head["headers"]
    return ((flat[i].title(), flat[i + 1]) for i in range(0, len(flat), 2) if "_" not in flat[i])


def content_type(head):
    """Type without parameters, in lower case, and the parameters."""
    flat = head["headers"]
    given = next((flat[i + 1] for i in range(0, len(flat), 2) if flat[i].lower() == "content-type"), "")
    kind, _, parameters = given.partition(";")
    if not parameters:
        return kind.strip().lower(), {}
    from email.parser import BytesHeaderParser  # Its modules are 10 ms of a start, and 1 MB.

    told = BytesHeaderParser().parsebytes(b"content-type: " + given.encode("latin-1"))
    return kind.strip().lower(), dict(told.get_params()[1:])


def _flask():
    """Flask, where Azure ML's own classes, which are built on it, are in use."""
    return None if _requested else sys.modules.get("flask")


def with_request(run, name):
    """A run() that is given head and body of a request, and gives the request on."""

    def call(**arguments):
        head, body = arguments.pop(name)
        if _flask() is None:
            return run(**{name: AMLRequest(head, body)}, **arguments)
        with flask_context(head, body) as context:
            return run(**{name: context.request}, **arguments)

    return call


_app = None


def flask_context(head, body):
    """In it flask.request is this request, and flask.jsonify() works."""
    global _app
    if _app is None:
        _app = sys.modules["flask"].Flask("entry_module")
        _app.add_url_rule("/score", "main.handle_score", methods=["GET", "POST", "OPTIONS"])
    return _app.request_context(_environ(head, body))


def _environ(head, body):
    """Of WSGI (PEP 3333)."""
    host, _, port = Headers(named_headers(head)).get("Host", "localhost").partition(":")
    environ = {
        **{"REQUEST_METHOD": head["method"], "PATH_INFO": head["path"], "QUERY_STRING": head["query"]},
        **{"SCRIPT_NAME": "", "SERVER_NAME": host, "SERVER_PORT": port or "80", "SERVER_PROTOCOL": "HTTP/1.1"},
        **{"wsgi.version": (1, 0), "wsgi.url_scheme": "http", "wsgi.input": BytesIO(body), "wsgi.errors": sys.stderr},
        # The length is not always told: a body may come in chunks.
        "wsgi.input_terminated": True,
        **{"wsgi.multithread": False, "wsgi.multiprocess": False, "wsgi.run_once": False},
    }
    for name, value in named_headers(head):
        key = name.upper().replace("-", "_")
        environ[key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"] = value
    return environ
