import json
import os

import joblib
from azureml_inference_server_http.api.aml_response import AMLResponse

SPECIES = {"en": ["setosa", "versicolor", "virginica"], "de": ["Borsten", "Schiller", "Virginia"]}


def init():
    global model
    model = joblib.load(os.path.join(os.environ["AZUREML_MODEL_DIR"], "iris.joblib"))


def run(data, request_headers):
    if request_headers.get("X-Tenant") is None:
        return AMLResponse({"error": "X-Tenant is missing"}, 403, {"Allow": "POST"}, json_str=True)
    language = request_headers.get("Accept-Language", "en")[:2]
    labels = model.predict(json.loads(data)["data"])
    body = {"tenant": request_headers["X-Tenant"], "species": [SPECIES[language][i] for i in labels]}
    headers = {"Content-Language": language, "x-ms-client-request-id": request_headers["X-Ms-Client-Request-Id"]}
    return AMLResponse(body, 200, headers, json_str=True)
