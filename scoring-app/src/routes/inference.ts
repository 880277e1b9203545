import { badRequest, ScoringError } from "../errors.ts";
import { bodyInPieces, checkHead } from "../http/body.ts";
import { parseJson } from "../http/content.ts";
import { type Exchange, JSON_TYPE } from "../http/exchange.ts";
import type { Handler, Route } from "../http/routes.ts";
import { DATATYPES } from "../inference/datatypes.ts";
import { objectAt, readInferRequest } from "../inference/request.ts";
import { writeInferResponse } from "../inference/response.ts";
import { shown } from "../model/cells.ts";
import type { Model } from "../model/model.ts";
import type { ScoringService } from "../scoring/service.ts";
import { admitted } from "./admitted.ts";

/** Any number of rows, whatever the converter declared; -1 stands for what is not known. */
const dimensions = ([, ...others]: readonly (number | string)[]) => [
  -1,
  ...others.map((size) => (typeof size === "number" ? size : -1)),
];

function metadata(model: Model) {
  return {
    name: model.name,
    versions: [model.version],
    platform: "onnx_onnxv1",
    inputs: model.signature.inputs.map(({ name, type, width, rank }) => ({
      name,
      datatype: DATATYPES[type],
      shape: rank === 1 ? [-1] : [-1, width],
    })),
    outputs: model.signature.outputs.map(({ name, type, shape }) => ({
      name,
      datatype: DATATYPES[type] ?? type,
      shape: dimensions(shape),
    })),
  };
}

/** Open Inference Protocol v2 (KServe, Triton) beyond health, with the binary data extension and the repository index. */
export function inferenceRoutes(service: ScoringService): Route[] {
  const { settings } = service;
  const modelOf = ({ params }: Exchange): Model => {
    const model = service.models.get(params.model!);
    if (!model) throw new ScoringError(404, `model "${params.model}" is not there`);
    if (params.version !== undefined && params.version !== model.version) {
      throw new ScoringError(
        404,
        `model "${model.name}" has version ${model.version}, not ${params.version}`,
      );
    }
    return model;
  };
  const infer = admitted(service, {
    async run(exchange, body) {
      const model = modelOf(exchange);
      const headerLength = exchange.request.headers["inference-header-content-length"] as string | undefined;
      const request = readInferRequest(model, body, headerLength, settings.maxRows);
      return writeInferResponse(model, request, await model.run(request.feed));
    },
    answer(exchange, { body, headerLength }) {
      if (headerLength === undefined) return exchange.send(200, JSON_TYPE, body);
      exchange.addHeader("inference-header-content-length", String(headerLength));
      exchange.send(200, "application/octet-stream", body);
    },
  });
  const ready: Handler = (exchange) => {
    const { name } = modelOf(exchange);
    exchange.sendJson(service.ready ? 200 : 503, { name, ready: service.ready });
  };
  const models = ["/v2/models/{model}", "/v2/models/{model}/versions/{version}"];
  return [
    {
      path: "/v2",
      methods: {
        GET: (exchange) =>
          exchange.sendJson(200, {
            name: settings.serviceName,
            version: settings.serviceVersion,
            extensions: ["binary_tensor_data", "model_repository(index)"],
          }),
      },
    },
    ...models.flatMap((path): Route[] => [
      { path, methods: { GET: (exchange) => exchange.sendJson(200, metadata(modelOf(exchange))) } },
      { path: `${path}/ready`, methods: { GET: ready } },
      { path: `${path}/infer`, methods: { POST: infer } },
    ]),
    {
      path: "/v2/repository/index",
      methods: {
        POST: async (exchange) => {
          checkHead(exchange.request, settings.maxBodyBytes);
          const body = await bodyInPieces(exchange.request, settings.maxBodyBytes, () => {});
          const filter = body.length === 0 ? {} : objectAt(parseJson(body), "the body");
          const onlyReady = filter.ready;
          if (onlyReady !== undefined && typeof onlyReady !== "boolean") {
            throw badRequest(`ready: expected true or false, given ${shown(onlyReady)}`);
          }
          const state = service.ready ? "READY" : "UNAVAILABLE";
          const all = [...service.models.values()].map(({ name, version }) => ({
            name,
            version,
            state,
            reason: "",
          }));
          exchange.sendJson(200, onlyReady && !service.ready ? [] : all);
        },
      },
    },
  ];
}
