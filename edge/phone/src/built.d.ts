/** Where the link to the broker lies, as built; empty in tests. */
declare const __LINK__: string;
/** Name and version of this software. */
declare const __SOFTWARE__: string;
/** The link to the broker, where its script was loaded. */
declare var calltimeLink: { readonly connect: import("./link/broker_link").Connect } | undefined;
