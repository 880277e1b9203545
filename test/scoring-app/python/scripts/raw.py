"""A run() that takes requests and makes responses."""

from enum import Enum

from azureml_inference_server_http.api.aml_request import AMLRequest, rawhttp  # noqa: F401
from azureml_inference_server_http.api.aml_response import AMLResponse


class Status(int, Enum):
    """As http.HTTPStatus before Python 3.11, its text is no number."""

    ACCEPTED = 202


def init():
    pass


@rawhttp
def run(request):
    what = request.args.get("do", "describe")
    if what == "image":
        return AMLResponse(bytes(range(256)), 201, {"Content-Type": "image/png", "X-Several": "one, two"})
    if what == "json":
        return AMLResponse({"é": None}, 418, json_str=True)
    if what == "text":
        return AMLResponse("héllo", 200)
    if what == "nothing":
        return AMLResponse(None, 200)
    if what == "failed":
        return AMLResponse("broken", 503)
    if what == "said":
        return AMLResponse("so", 400, run_function_failed=True)
    if what == "cors":
        response = AMLResponse("", 200)
        response.headers["Allow"] = "OPTIONS, GET, POST"
        response.headers["Access-Control-Allow-Methods"] = "OPTIONS, GET, POST"
        response.headers["Access-Control-Allow-Origin"] = "http://www.example.com"
        response.headers["Access-Control-Allow-Headers"] = "*"
        return response
    if what == "added":
        response = AMLResponse("a", "201 Created")
        response.headers.add("X-Several", "1")
        response.headers.add("X-Several", "2")
        response.mimetype = "text/csv"
        response.set_data("é")
        return response
    if what == "lines":
        return AMLResponse("x", 200, {"X-Several": "a\r\nX-Other: b"})
    if what == "beyond":
        return AMLResponse("x", 200, {"X-Several": "日本"})
    if what == "status":
        return AMLResponse("x", 0)
    if what == "types":
        return AMLResponse({"a": 1}, 200, {"Content-Type": "text/csv"}, json_str=True)
    if what == "location":
        return AMLResponse("", 302, {"Location": "http://münchen.example/é è?a=b c#d"})
    if what == "enumerated":
        return AMLResponse("x", Status.ACCEPTED)
    if what == "none":
        return AMLResponse("x", None)
    if what == "value":
        return {"as": "usual"}
    if what == "raise":
        raise ValueError("as asked")
    return {
        "method": request.method,
        "path": request.path,
        "full_path": request.full_path,
        "args": {name: request.args.getlist(name) for name in request.args},
        "data": request.get_data().decode("latin-1"),
        "property": request.data.decode("latin-1"),
        "text": request.get_data(as_text=True),
        "json": request.get_json(silent=True),
        "length": request.headers.get("Content-Length"),
        "encoding": request.headers.get("Content-Encoding"),
        "is_json": request.is_json,
        "mimetype": request.mimetype,
        "content_type": request.content_type,
        "form": request.form.to_dict(flat=False),
        "files": [
            [name, file.filename, file.content_type, file.mimetype, file.read().decode("latin-1")]
            for name in request.files
            for file in request.files.getlist(name)
        ],
        "header": [request.headers.get("x-Mine"), request.headers.get("absent"), "X-MINE" in request.headers],
        "pairs": [value for name, value in request.headers if name == "X-Mine"],
        "named": dict(request.headers).get("X-Mine"),
    }
