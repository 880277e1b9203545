import json
import os
from io import BytesIO

import joblib
import numpy as np
from azureml.contrib.services.aml_request import AMLRequest, rawhttp
from azureml.contrib.services.aml_response import AMLResponse


def init():
    global model
    print("This is init")
    model = joblib.load(os.path.join(os.environ["AZUREML_MODEL_DIR"], "digits.pkl"))


def read_pgm(stream):
    kind, size, maximum = (stream.readline().split() for _ in range(3))
    assert kind == [b"P5"]
    width, height = map(int, size)
    pixels = np.frombuffer(stream.read(), dtype=np.uint8)
    return pixels.reshape(height, width) * (16 / int(maximum[0]))


@rawhttp
def run(request):
    print("Request: [{0}]".format(request))
    if request.method == "GET":
        # the query, for tests of the connection
        return AMLResponse(str.encode(request.full_path), 200)
    elif request.method == "POST":
        if "image" in request.files:
            image = read_pgm(request.files["image"])
        else:
            image = read_pgm(BytesIO(request.get_data(False)))
        digit = model.predict(image.reshape(1, -1))[0]
        resp = AMLResponse(json.dumps({"digit": int(digit)}), 200)
        resp.headers["Access-Control-Allow-Origin"] = "http://www.example.com"
        resp.headers["Content-Type"] = "application/json"
        return resp
    elif request.method == "OPTIONS":
        resp = AMLResponse("", 200)
        resp.headers["Allow"] = "OPTIONS, GET, POST"
        resp.headers["Access-Control-Allow-Methods"] = "OPTIONS, GET, POST"
        return resp
    return AMLResponse("bad request, use POST", 400)
