import csv
import os

from inference_schema.parameter_types.standard_py_parameter_type import StandardPythonParameterType
from inference_schema.schema_decorators import input_schema, output_schema

flower = {"sepal_length": 5.1, "sepal_width": 3.5, "petal_length": 1.4, "petal_width": 0.2}
answer = {"species": "setosa", "candidates": [{"species": "setosa", "distance": 0.1}]}


def init():
    global species
    model_dir = os.getenv("AZUREML_MODEL_DIR", default=".")
    with open(os.path.join(model_dir, "species.csv")) as f:
        species = list(csv.DictReader(f))


def distance(flower, mean):
    return sum((float(mean[name]) - value) ** 2 for name, value in flower.items()) ** 0.5


@input_schema(param_name="flower", param_type=StandardPythonParameterType(flower))
@input_schema(param_name="top", param_type=StandardPythonParameterType(1))
@output_schema(output_type=StandardPythonParameterType(answer))
def run(flower, top=1):
    near = sorted(species, key=lambda mean: distance(flower, mean))
    candidates = [{"species": m["species"], "distance": round(distance(flower, m), 3)} for m in near[:top]]
    return {"species": candidates[0]["species"], "candidates": candidates}
