"""The official client against a running app: URL of the app as the only argument."""

import sys

import numpy as np
import tritonclient.http as triton
import tritonclient.utils as triton_utils

client = triton.InferenceServerClient(sys.argv[1])
assert client.is_server_live()
assert client.is_server_ready()
assert client.is_model_ready("customers")
assert client.get_server_metadata()["extensions"] == ["binary_tensor_data", "model_repository(index)"]
assert client.get_model_metadata("customers")["inputs"][0] == {"name": "age", "datatype": "INT64", "shape": [-1, 1]}
assert [m["name"] for m in client.get_model_repository_index()] == ["customers"]


def inputs(binary):
    values = {
        "age": (np.array([[30], [40]], np.int64), "INT64"),
        "income": (np.array([[50000.5], [41000.25]], np.float32), "FP32"),
        "city": (np.array([["Köln"], ["Bern"]], object), "BYTES"),
        "member": (np.array([["yes"], ["no"]], object), "BYTES"),
    }
    tensors = []
    for name, (array, datatype) in values.items():
        tensor = triton.InferInput(name, list(array.shape), datatype)
        tensor.set_data_from_numpy(array, binary_data=binary)
        tensors.append(tensor)
    return tensors


answers = []
for binary in (True, False):
    for outputs in (None, [triton.InferRequestedOutput("variable", binary_data=binary)]):
        result = client.infer("customers", inputs(binary), request_id="42", outputs=outputs)
        assert result.get_response()["id"] == "42"
        answers.append(result.as_numpy("variable").tolist())
        zipped = client.infer("customers", inputs(binary), outputs=outputs, request_compression_algorithm="gzip")
        answers.append(zipped.as_numpy("variable").tolist())
    named = client.infer("customers", inputs(binary), outputs=[triton.InferRequestedOutput("predict", binary_data=binary)])
    answers.append(named.as_numpy("predict").tolist())
assert all(answer == answers[0] for answer in answers), answers

try:
    client.infer("customers", inputs(True)[1:])
    raise SystemExit("a missing input was accepted")
except triton_utils.InferenceServerException as error:
    assert 'input "age" is missing' in str(error), error
print(answers[0])
