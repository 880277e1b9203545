"""Modules of Azure ML that entry scripts import: what stands in for those that are not installed."""

import importlib
import importlib.machinery
import os
import sys
from types import ModuleType

from . import raw_http, responses


class Model:
    """azureml.core.model.Model, of which a deployed script uses this much."""

    @staticmethod
    def get_model_path(model_name, version=None, _workspace=None):
        """Path of a model in AZUREML_MODEL_DIR: NAME/VERSION/, NAME, or the only file there. Raises FileNotFoundError."""
        folder = os.environ.get("AZUREML_MODEL_DIR", "azureml-models")
        entries = sorted(entry for entry in os.listdir(folder) if not entry.startswith("."))
        named = [entry for entry in entries if model_name in (entry, os.path.splitext(entry)[0])]
        if not named and len(entries) == 1:
            named = entries
        if not named:
            raise FileNotFoundError(f"model {model_name!r} is not in {folder}, which has {', '.join(entries) or 'nothing'}")
        path = os.path.join(folder, named[0])
        versions = [entry for entry in os.listdir(path) if entry.isdigit()] if os.path.isdir(path) else []
        if not versions:
            return path
        chosen = str(version) if version is not None else max(versions, key=int)
        if chosen not in versions:
            raise FileNotFoundError(f"model {model_name!r} has no version {chosen} in {path}")
        path = os.path.join(path, chosen)
        files = os.listdir(path)
        return os.path.join(path, files[0]) if len(files) == 1 else path


class ModelDataCollector:
    """azureml.monitoring.ModelDataCollector, and Collector of azureml.ai.monitoring: takes data and keeps none."""

    _told = False

    def __init__(self, *arguments, **options):
        if not ModelDataCollector._told:
            ModelDataCollector._told = True
            print("model data is not collected: Azure ML's collector is not there", file=sys.stderr)

    def collect(self, *arguments, **options):
        return None

    add_correlations = collect


def _raw_http():
    return {"AMLRequest": raw_http.AMLRequest, "AMLResponse": responses.AMLResponse, "rawhttp": raw_http.rawhttp}


# By full name.
MODULES = {
    "azureml": {},
    "azureml.core": {"Model": Model},
    "azureml.core.model": {"Model": Model},
    "azureml.monitoring": {"ModelDataCollector": ModelDataCollector},
    "azureml.ai": {},
    "azureml.ai.monitoring": {"Collector": ModelDataCollector},
    "azureml.contrib": {},
    "azureml_inference_server_http": {},
    "azureml_inference_server_http.api": {},
    "azureml_inference_server_http.api.aml_request": _raw_http(),
    "azureml_inference_server_http.api.aml_response": {"AMLResponse": responses.AMLResponse},
}

# Older names of Azure ML's server's own modules: Flask's classes, where it is installed.
_API = "azureml_inference_server_http.api"
OLDER = {
    "azureml.contrib.services": [f"{_API}.aml_request", f"{_API}.aml_response"],
    "azureml.contrib.services.aml_request": [f"{_API}.aml_request"],
    "azureml.contrib.services.aml_response": [f"{_API}.aml_response"],
}


class _Finder:
    """Finder and loader, asked last, for what no other finder has. The base classes of importlib.abc cost a third of a start."""

    def find_spec(self, name, path=None, target=None):
        if name not in MODULES and name not in OLDER:
            return None
        return importlib.machinery.ModuleSpec(name, self, is_package=True)

    def create_module(self, spec):
        return ModuleType(spec.name)

    def exec_module(self, module):
        module.__dict__.update(MODULES.get(module.__name__, {}))
        for name in OLDER.get(module.__name__, []):
            newer = importlib.import_module(name)
            module.__dict__.update({key: value for key, value in vars(newer).items() if not key.startswith("__")})


def install():
    sys.meta_path.append(_Finder())
