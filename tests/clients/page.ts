// What a web page may do with the element <call-me>, as its types have it; it is checked, not run.
import { CallMe, type Access } from "matchline-call-me";
const element: CallMe = document.querySelector("call-me")!;
element.data = { customer: "Ada" };
element.texts = { arrived: "Da ist er." };
element.addEventListener("matched", (event) => { const told: Access = event.detail; console.log(told.id); });
element.addEventListener("error", (event) => console.log(event.detail.error.message));
void element.start();
// @ts-expect-error: there is no such text
element.texts = { nonsense: "" };
