// Shows /v1/openapi.json and sends requests. Everything is text: no HTML is ever made from what a server says.
const place = document.getElementById("operations");
const keyField = document.getElementById("key");
const SANDBOX = "demo-retail";

function made(tag, attributes = {}, ...inside) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...inside);
  return node;
}

function headers(more = {}) {
  const key = keyField.value.trim();
  return key ? { ...more, authorization: `Bearer ${key}` } : more;
}

async function load() {
  const answer = await fetch("/v1/openapi.json", { headers: headers() });
  if (!answer.ok) {
    const said = answer.status === 401 ? "Give an API key above to see the description." : `The server answered ${answer.status}.`;
    place.replaceChildren(made("p", { id: "state", role: "status" }, said));
    return;
  }
  show(await answer.json());
}

function show(description) {
  const groups = new Map(description.tags.map((tag) => [tag.name, []]));
  for (const [path, verbs] of Object.entries(description.paths))
    for (const [verb, operation] of Object.entries(verbs)) groups.get(operation.tags[0])?.push({ path, verb, operation });
  const sections = description.tags.map((tag) => {
    const section = made("section", {}, made("h2", {}, tag.name), made("p", { class: "about" }, tag.description));
    section.append(...groups.get(tag.name).map((one) => entry(one, description)));
    return section;
  });
  place.replaceChildren(...sections);
  filter();
}

function entry({ path, verb, operation }, description) {
  const head = made("summary", {}, made("span", { class: "verb" }, verb.toUpperCase()), made("span", { class: "path" }, path), made("span", { class: "about" }, operation.summary));
  const box = made("details", { "data-text": `${verb} ${path} ${operation.summary} ${operation.operationId}`.toLowerCase() }, head);
  box.addEventListener("toggle", () => box.childElementCount === 1 && box.append(inside(path, verb, operation, description)), { once: true });
  return box;
}

function inside(path, verb, operation, description) {
  const fields = (operation.parameters ?? []).filter((one) => one.in !== "header").map((one) => {
    const input = made("input", { name: one.name, "data-in": one.in });
    if (one.required) input.required = true;
    if (one.name === "workspace") input.value = SANDBOX;
    return made("label", {}, one.name + (one.required ? " (needed)" : ""), input);
  });
  const json = operation.requestBody?.content?.["application/json"];
  const body = json ? made("textarea", { "aria-label": "Body", spellcheck: "false" }) : null;
  if (body) body.value = JSON.stringify(json.example ?? sketch(json.schema, description), null, 2);
  const result = made("pre", { tabindex: "0", "aria-live": "polite" }, "Not sent yet.");
  const form = made("form", { class: "inside" }, made("p", { class: "about" }, operation.description), made("div", { class: "fields" }, ...fields));
  if (body) form.append(body);
  form.append(made("div", {}, made("button", { type: "submit" }, "Send")), result, statuses(operation, description));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send(path, verb, form, body, result);
  });
  return form;
}

function statuses(operation, description) {
  const rows = Object.entries(operation.responses).map(([code, answer]) => {
    const known = answer.$ref ? description.components.responses[answer.$ref.split("/").pop()] : answer;
    return made("tr", {}, made("td", {}, code), made("td", {}, known.description));
  });
  return made("table", {}, made("tbody", {}, ...rows));
}

function sketch(schema, description, depth = 0) {
  if (!schema || depth > 3) return null;
  if (schema.$ref) return sketch(description.components.schemas[schema.$ref.split("/").pop()], description, depth);
  if ("default" in schema) return schema.default;
  if (schema.enum) return schema.enum[0];
  if (schema.anyOf) return sketch(schema.anyOf[0], description, depth);
  if (schema.type === "array") return [];
  if (schema.type === "string") return "";
  if (schema.type === "integer" || schema.type === "number") return 0;
  if (schema.type === "boolean") return false;
  const wanted = Object.entries(schema.properties ?? {}).filter(([name]) => (schema.required ?? []).includes(name));
  return Object.fromEntries(wanted.map(([name, one]) => [name, sketch(one, description, depth + 1)]));
}

async function send(path, verb, form, body, result) {
  let address = path;
  const query = new URLSearchParams();
  for (const input of form.querySelectorAll("input[data-in]")) {
    if (input.dataset.in === "path") address = address.replace(`{${input.name}}`, encodeURIComponent(input.value));
    else if (input.value) query.set(input.name, input.value);
  }
  if ([...query].length) address += `?${query}`;
  result.textContent = "Waiting …";
  const began = performance.now();
  try {
    const more = body ? { "content-type": "application/json" } : {};
    const answer = await fetch(address, { method: verb.toUpperCase(), headers: headers(more), body: body ? body.value : undefined });
    result.textContent = `${answer.status} ${answer.statusText}, ${Math.round(performance.now() - began)} ms\n\n`;
    await follow(answer, result);
  } catch (error) {
    result.textContent = `The request failed: ${error.message}`;
  }
}

async function follow(answer, result) {
  const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  for (let part = await reader?.read(); part && !part.done; part = await reader.read()) {
    text += part.value;
    if ((answer.headers.get("content-type") ?? "").includes("event-stream")) result.append(part.value);
  }
  if (!(answer.headers.get("content-type") ?? "").includes("json")) return void (result.textContent.endsWith("\n\n") && result.append(text));
  result.append(JSON.stringify(JSON.parse(text), null, 2));
}

function filter() {
  const words = document.getElementById("find").value.toLowerCase().trim();
  for (const box of place.querySelectorAll("details")) box.hidden = !box.dataset.text.includes(words);
  for (const section of place.querySelectorAll("section")) section.hidden = !section.querySelector("details:not([hidden])");
}

document.getElementById("find").addEventListener("input", filter);
keyField.addEventListener("change", load);
load();
