import { badRequest, ScoringError } from "../errors.ts";
import { parseJson } from "../forms/json.ts";
import { type Exchange, JSON_TYPE } from "../http/exchange.ts";
import { BODY_STATUSES, ok, ROOM_STATUSES, TEXT, WORK_STATUSES } from "../http/operation.ts";
import type { Handler, Route } from "../http/routes.ts";
import { DATATYPES } from "../inference/datatypes.ts";
import { objectAt, readInferRequest } from "../inference/request.ts";
import { writeInferResponse } from "../inference/response.ts";
import { shown } from "../model/cells.ts";
import type { Model } from "../model/model.ts";
import type { ScoringService } from "../scoring/service.ts";
import { admitted } from "./admitted.ts";

const MODEL = { name: "model", in: "path", required: true, description: "The model's name" } as const;
const VERSION = { name: "version", in: "path", required: true, description: "The model's version" } as const;
const MODEL_PATHS = [
  ["/v2/models/{model}", [MODEL]],
  ["/v2/models/{model}/versions/{version}", [MODEL, VERSION]],
] as const;
const NO_MODEL = { "404": "No such model or version" };
const ANY_OBJECT = { schema: { type: "object" } };
const BINARY_TYPE = "application/octet-stream";

/** Any number of rows, whatever the converter declared; -1 stands for what is not known. What a run told is right. */
const dimensions = ([, ...others]: readonly (number | string)[], told: readonly number[]) => [
  -1,
  ...(others.length < told.length
    ? told
    : others.map((size, axis) => (typeof size === "number" ? (told[axis] ?? size) : -1))),
];

function metadata(model: Model) {
  return {
    name: model.name,
    versions: [model.version],
    platform: model.platform,
    inputs: model.signature.inputs.map(({ name, type, dims }) => ({
      name,
      datatype: DATATYPES[type],
      shape: [-1, ...dims],
    })),
    outputs: model.signature.outputs.map(({ name, type, shape }, output) => ({
      name,
      datatype: DATATYPES[type] ?? type,
      shape: dimensions(shape, model.signature.layouts[output]!.dims),
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
      exchange.send(200, BINARY_TYPE, body);
    },
  });
  const ready: Handler = (exchange) => {
    const { name } = modelOf(exchange);
    exchange.sendJson(service.ready ? 200 : 503, { name, ready: service.ready });
  };
  const index = admitted(service, {
    run(_, body) {
      const filter = body.length === 0 ? {} : objectAt(parseJson(body, false), "the body");
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
      return onlyReady && !service.ready ? [] : all;
    },
    answer: (exchange, models) => exchange.sendJson(200, models),
  });
  return [
    {
      path: "/v2",
      methods: {
        GET: {
          summary: "The server's name, version and extensions",
          statuses: ok("Metadata"),
          handle: (exchange) =>
            exchange.sendJson(200, {
              name: settings.serviceName,
              version: settings.serviceVersion,
              extensions: ["binary_tensor_data", "model_repository(index)"],
            }),
        },
      },
    },
    ...MODEL_PATHS.flatMap(([path, parameters]): Route[] => [
      {
        path,
        methods: {
          GET: {
            summary: "A model's tensors",
            parameters,
            statuses: { ...ok("Metadata"), ...NO_MODEL },
            handle: (exchange) => exchange.sendJson(200, metadata(modelOf(exchange))),
          },
        },
      },
      {
        path: `${path}/ready`,
        methods: {
          GET: {
            summary: "Whether a model is ready",
            parameters,
            statuses: { ...ok("It is"), ...NO_MODEL, "503": "It is not" },
            handle: ready,
          },
        },
      },
      {
        path: `${path}/infer`,
        methods: {
          POST: {
            summary: "Runs a model (Open Inference Protocol v2, JSON or binary data)",
            parameters,
            body: { [JSON_TYPE]: ANY_OBJECT, [BINARY_TYPE]: TEXT },
            answers: { [JSON_TYPE]: { schema: {} }, [BINARY_TYPE]: TEXT },
            statuses: { ...ok("Tensors"), ...BODY_STATUSES, ...NO_MODEL, ...WORK_STATUSES },
            handle: infer,
          },
        },
      },
    ]),
    {
      path: "/v2/repository/index",
      methods: {
        POST: {
          summary: "Lists the models",
          body: { [JSON_TYPE]: ANY_OBJECT },
          bodyOptional: true,
          statuses: { ...ok("Names, versions, states"), ...BODY_STATUSES, ...ROOM_STATUSES },
          handle: index,
        },
      },
    },
  ];
}
