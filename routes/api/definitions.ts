/**
 * `/api/v1/definitions`: every figure, what it means, and the options in force.
 *
 * @module
 */
import { describeOptions } from "../../src/metrics/options.ts";
import type { SourceView } from "../../src/store/port.ts";
import { type MeaningKey, MEANINGS } from "../../src/widgets/definitions.ts";
import { checkNames } from "./params.ts";

export function definitions(view: SourceView, search: URLSearchParams) {
  checkNames(search, []);
  const options = describeOptions(view.info.options);
  return {
    data: (Object.keys(MEANINGS) as MeaningKey[]).map((figure) => {
      const meaning = MEANINGS[figure];
      return {
        figure,
        name: meaning.name,
        text: meaning.text,
        formula: "formula" in meaning ? meaning.formula : null,
        options: "counted" in meaning ? options : [],
        source: meaning.source,
      };
    }),
  };
}
