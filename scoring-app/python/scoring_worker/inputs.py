"""What run() is called with, by what it declares: the body's text, members of its JSON, or the request itself."""

import inspect
import json

from . import raw_http


class Refused(Exception):
    """The request does not fit run()."""

    def __init__(self, status, message):
        super().__init__(message)
        self.status = status


def text(name):
    """An undecorated run(): the body as text, or the query as the text of a JSON object."""

    def read(head, body):
        if _method(head) == "GET":
            return {name: json.dumps(_query(head))}
        # Flask, which Azure ML's server uses, takes forms for its own.
        if head is not None and _is_form(*raw_http.content_type(head)):
            body = b""
        try:
            return {name: body.decode()}
        except UnicodeDecodeError as error:
            raise Refused(400, f"Input cannot be decoded as UTF-8: {error}") from None

    return read


def members(parameters):
    """A run() with inference_schema's decorators: a member of the JSON object for each parameter."""

    def read(head, body):
        if _method(head) == "GET":
            return pick(_query(head))
        if head is not None and not _is_json(raw_http.content_type(head)[0]):
            raise Refused(415, "Expects Content-Type to be application/json")
        try:
            value = json.loads(body)
        except json.JSONDecodeError as error:
            if body:
                raise Refused(400, f"POST body could not be decoded as JSON: {error}") from None
            raise Refused(400, "POST body is empty. Expecting a JSON dictionary.") from None
        if not isinstance(value, dict):
            raise Refused(400, "POST body should be a JSON dictionary.")
        return pick(value)

    def pick(value):
        arguments = {}
        for parameter in parameters:
            given = value.get(parameter.name, parameter.default)
            if given is inspect.Parameter.empty:
                raise Refused(400, f"A value is not provided for the {parameter.name!r} parameter.")
            arguments[parameter.name] = given
        return arguments

    return read


def raw(name):
    """A run() with @rawhttp, of which raw_http.with_request makes the request."""
    return lambda head, body: {name: (head, body)}


def _method(head):
    method = "POST" if head is None else head["method"]
    if method not in ("GET", "POST"):
        raise Refused(405, "Method not allowed")
    return method


def _query(head):
    """Each value as JSON where it is JSON; several of one name are a list."""
    values = {}
    for key, value in raw_http.query_pairs(head["query"]):
        values.setdefault(key, []).append(_parsed(value))
    return {key: several[0] if len(several) == 1 else several for key, several in values.items()}


def _parsed(value):
    try:
        return json.loads(value)
    except ValueError:
        return value


def _is_form(kind, parameters):
    return kind == "application/x-www-form-urlencoded" or (kind == "multipart/form-data" and bool(parameters.get("boundary")))


def _is_json(kind):
    return kind == "application/json" or (kind.startswith("application/") and kind.endswith("+json"))
