"""MLflow model folders: requests are read, checked, predicted and answered as by MLflow's own server.

The package mlflow is not needed, unless the model is a python_function of its own.
"""

import json

from ..script import ScriptError, named, print_traceback


def load(configuration):
    """The model that this JSON tells of, which the app has read of MLmodel. Raises ScriptError."""
    spec = json.loads(configuration)
    try:
        from .serving import Model

        return Model(spec)
    except ScriptError as error:
        raise ScriptError(f"the model of {spec['folder']} is not served: {error}") from None
    except ModuleNotFoundError as error:
        print_traceback(error)
        raise ScriptError(
            f"the model of {spec['folder']} cannot be loaded: {named(error)}; install what its requirements.txt lists, "
            "numpy and pandas, or let PYTHON name an interpreter that has them"
        ) from None
    except BaseException as error:
        print_traceback(error)
        raise ScriptError(f"the model of {spec['folder']} cannot be loaded: {named(error)}") from None
