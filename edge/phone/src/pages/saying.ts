/** In which words do the pages speak, at this moment? */

import { createContext } from "preact";
import { useContext } from "preact/hooks";
import { en, type Words } from "../words/en";

export const Saying = createContext<Words>(en);

export function useWords(): Words {
  return useContext(Saying);
}
