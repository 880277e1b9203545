from azureml.core import Environment, Model, Workspace
from azureml.core.model import InferenceConfig
from azureml.core.webservice import AciWebservice

if __name__ == "__main__":
    ws = Workspace.from_config()
    env = Environment.from_pip_requirements("two-models", "requirements.txt")
    config = InferenceConfig(entry_script="score.py", source_directory=".", environment=env)
    found = [Model(ws, "diabetes-ridge"), Model(ws, "wine-classifier")]
    service = Model.deploy(ws, "two-models", found, config, AciWebservice.deploy_configuration(1, 1))
    service.wait_for_deployment(show_output=True)
