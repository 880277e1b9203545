import { describe, expect, it } from "vitest";
import { folderWith } from "../image/scratch.ts";
import { configuration, failure, NAME, readSettings } from "./configuration.ts";

/** A Python package. */
const PICKLE = { model: "examples/score-pickle" };

describe("settings of the model", () => {
  it("say the model and what it needs: Debian packages as words, or as a list", () => {
    const own = {
      ...PICKLE,
      entryScript: "score.py",
      pythonImage: "registry.example/python:{version}",
      pythonBuildImage: "registry.example/python:{version}-build",
      startTimeLimit: 600,
    };
    const settings = { ...own, systemPackages: "libgl1, libglib2.0-0" };
    const systemPackages = ["libgl1", "libglib2.0-0"];
    expect(readSettings(configuration(settings), NAME)).toMatchObject({ ...own, systemPackages });
    expect(readSettings(configuration({ ...own, systemPackages }), NAME)).toMatchObject({
      systemPackages,
    });
  });

  it.each([
    [{ model: "no/folder" }, 'azure-ml-scoring:model is "no/folder": there is no such folder in this'],
    [{ model: "../elsewhere" }, 'azure-ml-scoring:model is "../elsewhere": is not in this repository'],
    [{ model: "scoring-app/src" }, 'azure-ml-scoring:model is "scoring-app/src": holds no model'],
    [{ entryScript: "main.py" }, 'azure-ml-scoring:model is "scoring-app/model": has no main.py'],
    [{ entryScript: "../a.py" }, 'entryScript is "../a.py": use the path of a Python file in the model'],
    [{ entryScript: "My Score.py" }, "such as score.py, of letters, digits, _, - and ."],
    [{ entryScript: "score.js" }, 'entryScript is "score.js": use the path of a Python file'],
    [{ modelFolder: "weights" }, 'modelFolder is "weights": it is for Python packages: leave it out'],
    [
      { ...PICKLE, modelFolder: "weights" },
      'modelFolder is "weights": no file of the model\'s folder is in it',
    ],
    [{ systemPackages: "libgl1" }, 'systemPackages is "libgl1": an ONNX model has no use for it'],
    [{ ...PICKLE, systemPackages: "a; b" }, '"a;": use names of Debian packages, such as libgl1'],
    [{ ...PICKLE, systemPackages: "libgl1 libc6-" }, '"libc6-": use names of Debian packages'],
    [{ ...PICKLE, modelFolder: ".." }, 'modelFolder is "..": no file of the model\'s folder is in it'],
    [{ ...PICKLE, systemPackages: [1] }, '"1": use names of Debian packages'],
    [{ pythonImage: "python {v}" }, 'pythonImage is "python {v}": use an image reference'],
    [{ pythonBuildImage: "a b" }, 'pythonBuildImage is "a b": use an image reference'],
    [{ startTimeLimit: 5 }, 'startTimeLimit is "5": use a whole number from 10 to 1800'],
    [{ startTimeLimit: 1801 }, 'startTimeLimit is "1801": use a whole number from 10 to 1800'],
    [
      { startTimeLimit: 60, secretAppSettings: { WEBSITES_CONTAINER_START_TIME_LIMIT: "60" } },
      "WEBSITES_CONTAINER_START_TIME_LIMIT is in appSettings or secretAppSettings too: leave one out",
    ],
  ])("%j: names key, value and remedy", (own, message) => {
    expect(failure(own)).toContain(message);
  });

  it.each(["weights", "./weights/", "weights//", "a/../weights"])(
    "modelFolder %s is a folder of the package",
    (modelFolder) => {
      const model = folderWith({ "score.py": "", "requirements.txt": "six", "weights/a.bin": "" });
      expect(readSettings(configuration({ model, modelFolder }), NAME)).toMatchObject({
        modelFolder: "weights",
      });
    },
  );

  it("modelFolder may be the package itself", () => {
    expect(readSettings(configuration({ ...PICKLE, modelFolder: "./" }), NAME)).toMatchObject({
      modelFolder: ".",
    });
  });

  it("of a model tell all that is wrong with its environment, a line each", () => {
    const model = folderWith({ "score.py": "", "conda.yml": "dependencies: [python=2.7, samtools]" });
    const message = failure({ model, planSku: "X9" });
    expect(message).toMatch(/model is "\S+": \S.*\n {4}\S.*\n {2}\S/);
    expect(message).toContain('planSku is "X9"');
  });
});
