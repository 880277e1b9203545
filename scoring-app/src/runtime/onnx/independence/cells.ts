import { apart, type Call, constantFrom, dimsOf, inputOf, integer, type Rule, rowsFirst } from "./call.ts";
import { broadcast, Mixes, merged, type Rows, type Size, tensor } from "./value.ts";

/** Operators that compute each cell from the cells at its place. */
const ELEMENT_WISE =
  "Abs Acos Acosh Add And Asin Asinh Atan Atanh BitShift BitwiseAnd BitwiseNot BitwiseOr BitwiseXor Cast CastLike Ceil Celu Clip Cos Cosh " +
  "Div Elu Equal Erf Exp Floor Gelu Greater GreaterOrEqual HardSigmoid HardSwish Identity IsInf IsNaN LeakyRelu Less LessOrEqual Log Max " +
  "Mean Min Mish Mod Mul Neg Not Or PRelu Pow Reciprocal Relu Round Selu Shrink Sigmoid Sign Sin Sinh Softplus Softsign Sqrt StringConcat " +
  "Sub Sum Swish Tan Tanh ThresholdedRelu Where Xor";

const elementWise: Rule = ({ node, inputs }) => {
  if (node.attributes.has("broadcast"))
    throw new Mixes("before version 7 it has another kind of broadcasting");
  return [tensor(broadcast(inputs.flatMap((value) => (value ? [dimsOf(value)] : []))))];
};

/** In training it draws lots. */
const dropout: Rule = (call) => {
  if (call.inputs[2] || (call.version < 7 && integer(call, "is_test", 0) === 0)) {
    throw new Mixes("it is in training mode");
  }
  const { dims } = inputOf(call, 0);
  return [{ dims }, { dims }];
};

/** One scale for all cells, or one for each place of an axis other than that of the rows. */
const quantize: Rule = (call) => {
  constantFrom(call, 1);
  const { dims } = inputOf(call, 0);
  const scale = dimsOf(inputOf(call, 1));
  if (scale.length > 1) throw new Mixes("its scale is a table");
  if (merged(scale) !== 1) apart(dims ?? [], integer(call, "axis", 1));
  return [{ dims }];
};

/** Without stop words each text stays at its place. */
const normalizeText: Rule = (call) => {
  if (call.node.attributes.has("stopwords")) throw new Mixes("it leaves rows out");
  const { dims } = inputOf(call, 0);
  return [{ dims }];
};

/** The rows of a table, each on its own; a vector is one row to these operators. @param widths of the outputs; "none" for [rows]. */
const rowWise =
  (...widths: ((call: Call) => Size | "none" | "same")[]): Rule =>
  (call) => {
    constantFrom(call, 1);
    const dims = rowsFirst(inputOf(call, 0));
    if (dims.length > 2) throw new Mixes("its input is not a table");
    return widths.map((widthOf) => {
      const width = widthOf(call);
      if (width === "same") return { dims };
      return tensor(width === "none" ? [dims[0]] : [dims[0], width]);
    });
  };

/** One category an input cell becomes a vector of zeros and a one. */
const oneHot: Rule = (call) => {
  const { attributes } = call.node;
  const texts = attributes.get("cats_strings")?.texts.length ?? 0;
  const width = texts || attributes.get("cats_int64s")?.integers.length;
  return [tensor([...dimsOf(inputOf(call, 0)), width])];
};

const classes = ({ node: { attributes } }: Call): Size => {
  const texts = attributes.get("classlabels_strings")?.texts.length ?? 0;
  const count =
    texts || (attributes.get("classlabels_ints") ?? attributes.get("classlabels_int64s"))?.integers.length;
  return count && count > 1 ? count : undefined;
};

/** Selects along the last axis. */
const extract: Rule = (call) => {
  const from = dimsOf(inputOf(call, 0));
  const picked = dimsOf(inputOf(call, 1));
  apart(from, -1);
  const before = from.length === 1 ? [1] : from.slice(0, -1);
  return [tensor([...before, merged(picked)])];
};

/** Columns of several tables side by side. */
const sideBySide: Rule = ({ inputs }) => {
  const tables = inputs.flatMap((value) => (value ? [rowsFirst(value)] : []));
  const [rows] = broadcast(tables.map(([first]) => [first]));
  return [tensor([rows, undefined])];
};

/** Splits texts into words, with padding up to the text of most words in the run. */
const tokenize: Rule = (call) => {
  const { attributes } = call.node;
  const dims = [...dimsOf(inputOf(call, 0)), undefined];
  return [{ dims, padding: attributes.get("pad_value")?.text ?? "" }];
};

/** Counts words: that texts are padded does not matter if the padding is not one of them. */
const countWords: Rule = (call) => {
  const value = inputOf(call, 0);
  const { attributes } = call.node;
  const words = attributes.get("pool_strings")?.texts ?? [];
  if (value.padding !== undefined && words.includes(value.padding)) throw new Mixes("it counts the padding");
  const width = Math.max(...(attributes.get("ngram_indexes")?.integers ?? [])) + 1;
  return [tensor([rowsFirst(value)[0] as Rows | Size, width])];
};

const none = () => "none" as const;
const same = () => "same" as const;
const number = (name: string) => (call: Call) => integer(call, name, 1);
const unknown = (): Size => undefined;

export const cells: Record<string, Rule> = {
  ...Object.fromEntries(ELEMENT_WISE.split(" ").map((operator) => [operator, elementWise])),
  Dropout: dropout,
  QuantizeLinear: quantize,
  DequantizeLinear: quantize,
  StringNormalizer: normalizeText,
  TfIdfVectorizer: countWords,
  "com.microsoft.Tokenizer": tokenize,
  "ai.onnx.ml.ArrayFeatureExtractor": extract,
  "ai.onnx.ml.Binarizer": elementWise,
  "ai.onnx.ml.CategoryMapper": elementWise,
  "ai.onnx.ml.FeatureVectorizer": sideBySide,
  "ai.onnx.ml.Imputer": rowWise(same),
  "ai.onnx.ml.LabelEncoder": elementWise,
  "ai.onnx.ml.LinearClassifier": rowWise(none, classes),
  "ai.onnx.ml.LinearRegressor": rowWise(number("targets")),
  "ai.onnx.ml.Normalizer": rowWise(same),
  "ai.onnx.ml.OneHotEncoder": oneHot,
  "ai.onnx.ml.Scaler": rowWise(same),
  "ai.onnx.ml.SVMClassifier": rowWise(none, unknown),
  "ai.onnx.ml.SVMRegressor": rowWise(() => 1),
  "ai.onnx.ml.TreeEnsemble": rowWise(number("n_targets")),
  "ai.onnx.ml.TreeEnsembleClassifier": rowWise(none, classes),
  "ai.onnx.ml.TreeEnsembleRegressor": rowWise(number("n_targets")),
};
