/**
 * How do page and service worker share one copy of the link to the broker? It is a script of its own, that a page imports and a worker takes
 * in by importScripts; either finds it under this name.
 */

import { connect } from "./broker_link";

globalThis.calltimeLink = { connect };
