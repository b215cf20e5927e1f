/** By which names do the pages of the app and its service worker find one another? */

/** There they tell each other that something was kept. */
export const CHANNEL = "calltime";
/** What a page asks the browser to have the worker do when there is a link: send. */
export const SEND = "calltime send";
