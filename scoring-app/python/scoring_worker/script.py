"""The entry script: how it is loaded, what its run() takes, how its answers go out.

Words, statuses and headers are those of azureml-inference-server-http 1.5.1.
"""

import importlib.util
import inspect
import json
import os
import sys
import time
import traceback
from types import ModuleType

from . import inputs, raw_http, records, responses
from .channel import PREDICTION, REPLY, print_error

UNEXPECTED = "An unexpected error occurred in scoring script. Check the logs for more info."
INTERNAL = "An unexpected internal error occurred. Check the logs for more info."
HERE = os.path.dirname(os.path.abspath(__file__))


class ScriptError(Exception):
    """The script cannot be served; the message says why. A traceback, where there is one, is in the log."""


def load(path):
    """Imports the script and calls its init(). Raises ScriptError."""
    folder = os.getcwd()
    root = os.environ.setdefault("AML_APP_ROOT", folder)
    path = os.path.realpath(os.path.join(root, path))
    os.environ["AZUREML_ENTRY_SCRIPT"] = path
    sys.path.insert(0, folder)
    sys.path.append(root)
    source = os.environ.get("AZUREML_SOURCE_DIRECTORY")
    if source:
        sys.path.append(os.path.join(root, source))
    # Azure ML has it in the path where it is the folder of the code, as with a code_configuration of its own.
    sys.path.append(os.path.dirname(path))
    module = _imported(path)
    for name in ("init", "run"):
        if not hasattr(module, name):
            raise ScriptError(f"User script at {path} does not have a {name}() function defined.")
    # A driver that some of Azure's tools generate: its init() does more, its run() only forwards.
    driven = getattr(module, "driver_module", None)
    run = driven.run if isinstance(driven, ModuleType) and hasattr(driven, "run") else module.run
    served = Script(run)
    records.install()
    try:
        module.init()
    except BaseException as error:
        print_traceback(error)
        raise ScriptError(f"init() of {path} failed: {reason(error)}") from None
    if "flask" in sys.modules:
        served.use_flask()
    return served


def _imported(path):
    spec = importlib.util.spec_from_file_location("entry_module", path)
    if spec is None or spec.loader is None:
        raise ScriptError(f"{path} is no Python file")
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except BaseException as error:
        print_traceback(error)
        raise ScriptError(f"{path} cannot be imported: {reason(error)}") from None
    return module


class Script:
    """A run() and what it takes."""

    def __init__(self, run):
        parameters = list(inspect.signature(run).parameters.values())
        allowed = (inspect.Parameter.KEYWORD_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
        if any(parameter.kind not in allowed for parameter in parameters):
            raise ScriptError("run() cannot accept positional-only arguments, *args, or **kwargs.")
        others = [parameter for parameter in parameters if parameter.name != "request_headers"]
        self._run = run
        self._context = None
        self._wants_headers = len(others) < len(parameters)
        if not others:
            data = "for input data" if not parameters else 'other than "request_headers"'
            raise ScriptError(f"run() needs to accept an argument {data}.")
        schemas = _schemas(run, parameters)
        raw = raw_http.requested()
        if raw and schemas:
            raise ScriptError("run() cannot be decorated with both @rawhttp and @input_schema")
        if raw:
            self._read = inputs.raw(others[0].name)
            self._run = raw_http.with_request(run, others[0].name)
        elif schemas:
            self._read = inputs.members(others)
        else:
            self._read = inputs.text(others[0].name)
        self.description = {
            # Whether each request comes with its head: method, target and headers.
            "heads": bool(raw or self._wants_headers),
            "raw": bool(raw),
            "schemas": schemas,
        }

    def use_flask(self):
        """A script that imports Flask may ask flask.request, as under Azure ML's server, whatever its run() takes."""
        if not self.description["raw"]:
            self.description["heads"] = True
            self._context = raw_http.flask_context

    def answer(self, head, body):
        """Head and body of a request; a POST of JSON may come without a head. Returns kind, microseconds, head, body."""
        try:
            arguments = self._read(head, body)
        except inputs.Refused as refused:
            return error_reply(refused.status, str(refused))
        except Exception as error:
            # JSON that is not UTF-8, or too deep.
            print_traceback(error)
            return error_reply(500, INTERNAL)
        if self._wants_headers:
            arguments["request_headers"] = dict(raw_http.named_headers(head))
        started = time.perf_counter_ns()
        try:
            if self._context is None:
                result = self._run(**arguments)
            else:
                with self._context(head, body):
                    result = self._run(**arguments)
        except BaseException as error:
            print_traceback(error)
            return error_reply(500, UNEXPECTED, failed=True)
        # 0 says that run() gave no answer.
        micros = max(1, (time.perf_counter_ns() - started) // 1000)
        try:
            if responses.is_response(result):
                status, headers, sent = responses.parts(result)
                return REPLY, micros, json.dumps({"status": status, "headers": headers}).encode(), sent
            return PREDICTION, micros, b"", (json.dumps(result) if result is not None else "{}").encode()
        except Exception as error:
            print_traceback(error)
            return error_reply(500, INTERNAL)


def error_reply(status, message, failed=False):
    headers = [["content-type", "application/json"], ["x-ms-run-function-failed", str(failed)]]
    head = json.dumps({"status": status, "headers": headers})
    return REPLY, 0, head.encode(), json.dumps({"message": message}).encode()


def _schemas(run, parameters):
    """What inference_schema's decorators say of run(), which has these parameters; None where it has none."""
    if "inference_schema.schema_util" not in sys.modules:
        return None
    from inference_schema import schema_util

    if not schema_util.is_schema_decorated(run):
        return None
    schema = dict(schema_util.get_input_schema(run))
    if "example" in schema:
        # Parameters that no decorator tells of have "" there.
        needless = {each.name for each in parameters if each.default is not each.empty or each.name == "request_headers"}
        example = schema["example"].items()
        schema["example"] = {name: value for name, value in example if schema["properties"][name] or name not in needless}
    return {
        "input": schema,
        "output": schema_util.get_output_schema(run),
        "versions": schema_util.get_supported_versions(run),
    }


def print_traceback(error):
    """As Python does, without the frames that are not the script's."""
    trace = error.__traceback__
    while trace is not None and _is_ours(trace.tb_frame.f_code.co_filename):
        trace = trace.tb_next
    print_error("".join(traceback.format_exception(type(error), error, trace)))


def _is_ours(file):
    return file.startswith(HERE) or file.startswith("<frozen importlib")


def named(error):
    return "".join(traceback.format_exception_only(type(error), error)).strip()


def reason(error):
    if not isinstance(error, ModuleNotFoundError):
        return named(error)
    return f"{named(error)}; name its package in the environment, or put the module beside the script"
