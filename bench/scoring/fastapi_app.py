"""FastAPI with ONNX Runtime: what a team would write by hand for speed."""

import os

import numpy as np
import onnxruntime
from fastapi import FastAPI
from pydantic import BaseModel

options = onnxruntime.SessionOptions()
options.intra_op_num_threads = 1
session = onnxruntime.InferenceSession(os.path.join(os.environ["AZUREML_MODEL_DIR"], "model.onnx"), options)
app = FastAPI()


class Rows(BaseModel):
    data: list[list[float]]


@app.get("/")
async def health():
    return "Healthy"


@app.post("/score")
async def score(rows: Rows):
    return session.run(None, {"features": np.array(rows.data, np.float32)})[0].ravel().tolist()
