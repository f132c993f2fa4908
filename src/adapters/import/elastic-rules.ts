import { CONNECT_RULES, errorPolicyRules, kcqlRules } from "./connect-rules.ts";
import type { ConnectorDraft } from "./connector-draft.ts";
import { carried, differs, dropped, type Rule, type RuleTable, unlessEmpty, whole } from "./rule.ts";

const PREFIX = "connect.elastic";

/** The longest that a connection waits for an answer. */
const REQUEST_MS_MAX = 600_000;

const USER_INFO = /(^|:\/\/)([^\s/@:]+)(?::([^\s/@]*))?@/;

/** Where the servers are; hosts, port, protocol and path come together in one list of addresses, without user names. */
export function elasticNodes(draft: ConnectorDraft): readonly string[] {
  return addresses(draft).map((address) => address.replace(USER_INFO, "$1"));
}

function addresses(draft: ConnectorDraft): readonly string[] {
  const url = draft.text(`${PREFIX}.url`);
  if (url !== null) return url.split(",").map((one) => withScheme(one.trim()));
  const protocol = draft.text(`${PREFIX}.protocol`) ?? "http";
  const path = draft.text(`${PREFIX}.tableprefix`)?.replace(/^\/*/, "/").replace(/\/+$/, "") ?? "";
  const hosts = (draft.text(`${PREFIX}.hosts`) ?? "localhost").split(",").map((host) => host.trim());
  return hosts.map((host) => `${protocol}://${/:\d+$/.test(host) ? host : `${host}:${port(draft)}`}${path}`);
}

const withScheme = (address: string): string => (address.includes("://") ? address : `http://${address.replace(/:9300$/, ":9200")}`);

/** 9300 is the port of the servers among each other, and yet the default of the sink for version 7. */
function port(draft: ConnectorDraft): string {
  const given = draft.text(`${PREFIX}.port`) ?? "9200";
  return given === "9300" ? "9200" : given;
}

const partOfNodes: Rule = (property, draft) => draft.note("carried", property, `part of connections.${draft.sink}.nodes`);

/** `http://user:password@host`: what stands before the host is the connection's login. */
const hosts: Rule = (property, draft) => {
  const [, , username, password] = USER_INFO.exec(property.value) ?? [];
  if (username !== undefined && password !== undefined) {
    draft.connect(property, "username", /%(?![\da-f]{2})/i.test(username) ? username : decodeURIComponent(username));
    draft.secret(property, "password");
  }
  partOfNodes(property, draft);
};

const portRule: Rule = (property, draft) => {
  if (property.value.trim() !== "9300") partOfNodes(property, draft);
  else draft.note("differs", property, "9300 is not the port of the REST interface: 9200 is written");
};

const writeTimeout: Rule = whole(1, (ms, property, draft) => {
  const meant = "the sink documents milliseconds and waits for as many seconds; milliseconds are meant here";
  const capped = ms > REQUEST_MS_MAX ? `${meant}, at most ${REQUEST_MS_MAX}` : meant;
  draft.connect(property, "requestTimeoutMs", Math.min(ms, REQUEST_MS_MAX), capped);
});

const batchSize: Rule = whole(1, (size, property, draft) => {
  draft.batch = size;
  draft.note("carried", property, `BATCH = ${size} of each statement that has none`);
});

const separator: Rule = (property, draft) =>
  draft.note(
    "differs",
    property,
    `ids of several columns are JSON arrays, which cannot collide, and are not joined by '${property.value.trim()}'`,
  );

const login = (key: "username" | "password"): Rule =>
  unlessEmpty((property, draft) => {
    if (draft.text(`${PREFIX}.use.http.${key === "username" ? "password" : "username"}`) === null) {
      draft.note("dropped", property, "a user name and a password go together, and one of them is missing");
    } else if (key === "password") draft.secret(property, key);
    else draft.connect(property, key, property.value.trim());
  });

const TLS = "certificates are given to Node: NODE_EXTRA_CA_CERTS names a PEM file of authorities to trust";

export const ELASTIC_RULES: RuleTable = {
  ...CONNECT_RULES,
  ...errorPolicyRules(PREFIX),
  ...kcqlRules(PREFIX),
  [`${PREFIX}.hosts`]: hosts,
  [`${PREFIX}.port`]: portRule,
  [`${PREFIX}.protocol`]: partOfNodes,
  [`${PREFIX}.tableprefix`]: unlessEmpty((property, draft) =>
    draft.note("carried", property, `the path of connections.${draft.sink}.nodes, which is what it is: no part of index names`),
  ),
  [`${PREFIX}.url`]: hosts,
  [`${PREFIX}.url.prefix`]: dropped("a part of addresses of the first releases"),
  [`${PREFIX}.use.http`]: differs("HTTP is the only way in"),
  [`${PREFIX}.cluster.name`]: dropped("nothing asks for the name of the cluster, nor did the sink"),
  [`${PREFIX}.write.timeout`]: writeTimeout,
  [`${PREFIX}.batch.size`]: batchSize,
  [`${PREFIX}.pk.separator`]: separator,
  [`${PREFIX}.use.http.username`]: login("username"),
  [`${PREFIX}.use.http.password`]: login("password"),
  [`${PREFIX}.progress.enabled`]: carried("progress is always shown"),
  [`${PREFIX}.xpack.*`]: dropped("plugins of the transport client, which went with it"),
  [`${PREFIX}.ssl.*`]: dropped(TLS),
  "ssl.*": dropped(TLS),
};
