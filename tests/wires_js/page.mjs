// Runs a React component in a page: types a question, sends it, prints what the page shows when the answer is there.
import { readFileSync } from "node:fs";
import { Window } from "happy-dom";
import { transform } from "sucrase";

const [question, wanted] = process.argv.slice(2);
const window = new Window({ url: "http://localhost/" });
for (const name of ["document", "HTMLElement", "Node", "Event", "HTMLInputElement", "MutationObserver"]) globalThis[name] = window[name];
globalThis.window = window;
if (!globalThis.navigator) globalThis.navigator = window.navigator;
globalThis.IS_REACT_ACT_ENVIRONMENT = true;

const { default: React, act } = await import("react");
const { createRoot } = await import("react-dom/client");
const source = transform(readFileSync(0, "utf8"), { transforms: ["jsx", "imports"], production: true }).code;
const modules = { react: await import("react"), "@ai-sdk/react": await import("@ai-sdk/react"), ai: await import("ai") };
const module = { exports: {} };
new Function("require", "exports", "module", "React", source)((name) => modules[name], module.exports, module, React);

const place = document.createElement("div");
document.body.append(place);
await act(async () => createRoot(place).render(React.createElement(module.exports.default)));
const input = place.querySelector("input");
await act(async () => {
  Object.getOwnPropertyDescriptor(window.HTMLInputElement.prototype, "value").set.call(input, question);
  input.dispatchEvent(new window.Event("input", { bubbles: true }));
});
await act(async () => place.querySelector("form").dispatchEvent(new window.Event("submit", { bubbles: true, cancelable: true })));
const deadline = Date.now() + 20000;
while (!place.innerHTML.includes(wanted) && Date.now() < deadline) await act(() => new Promise((done) => setTimeout(done, 50)));
console.log(place.innerHTML);
process.exit(0);
