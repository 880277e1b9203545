"""A run() with @rawhttp whose names are those of azureml-contrib-services."""

from azureml.contrib.services.aml_request import AMLRequest, rawhttp  # noqa: F401
from azureml.contrib.services.aml_response import AMLResponse


def init():
    pass


@rawhttp
def run(request):
    if request.get_data(False) == b"url":
        return AMLResponse(request.path, 200)
    response = AMLResponse(request.host_url.split(":")[0], 200)
    response.set_cookie("a", "b")
    return response
