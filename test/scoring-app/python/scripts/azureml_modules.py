"""Imports modules of Azure ML that are not installed."""

from azureml.contrib.services.aml_request import AMLRequest, rawhttp
from azureml.contrib.services.aml_response import AMLResponse
from azureml.core.model import Model
from azureml.monitoring import ModelDataCollector


def init():
    global collector
    collector = ModelDataCollector("model", designation="inputs", feature_names=["a"])
    ModelDataCollector("model", designation="outputs")


@rawhttp
def run(request):
    assert isinstance(request, AMLRequest)
    data = request.get_data(as_text=True)
    collector.collect([1])
    try:
        return AMLResponse({"path": Model.get_model_path(data)}, 200, json_str=True)
    except FileNotFoundError as error:
        return {"error": str(error)}
