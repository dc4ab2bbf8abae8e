// Answers every exercise of the page, rightly and wrongly, and writes what went amiss into the page.

"use strict";

const faults = [];
const expect = (condition, what) => condition || faults.push(what);

/** Answers one part, as a reader does with keyboard or mouse. */
function enter({ part, controls }, answer) {
  switch (part.kind) {
    case "number":
    case "bytes":
      controls[0].value = answer;
      break;
    case "choice":
      controls.find(control => control.value === answer).click();
      break;
    case "checks":
      controls.forEach(control => control.checked !== answer.includes(control.value) && control.click());
      break;
    case "sequence":
      answer.split(", ").forEach((option, index) => { controls[index].value = option; });
  }
}

function rightAnswer(part) {
  const right = Object.keys(part.answers).filter(answer => part.answers[answer].right);
  return part.kind === "checks" ? right : right[0];
}

/** Wrong answers to a part, each with the reason that the page must give. */
function wrongAnswers(part) {
  if (part.kind !== "checks") {
    const thoughtOf = Object.entries(part.answers).filter(([, { right }]) => !right).map(([answer, { why }]) => [answer, why]);
    const other = { number: "987654321", bytes: "ff" }[part.kind];
    return other ? [...thoughtOf, [other, part.otherwise]] : thoughtOf;
  }
  const right = rightAnswer(part);
  return part.options.map(option => {
    const chosen = right.includes(option) ? right.filter(other => other !== option) : [...right, option];
    return [chosen, part.answers[option].why];
  });
}

/** Submits the form as the Enter key does, and returns the lines of the verdict. */
function submit(element) {
  element.querySelector("form").requestSubmit();
  return [...element.querySelectorAll("[role=status] p")];
}

for (const element of document.querySelectorAll("heap-exercise")) {
  const name = element.getAttribute("name");
  expect(element.querySelector("form"), `${name}: no form`);
  if (!element.querySelector("form")) continue;
  for (const { controls } of element.parts) {
    expect(controls.every(control => control.labels?.length || control.getAttribute("aria-label")), `${name}: a control without a label`);
    expect(controls.every(control => control.tabIndex === 0), `${name}: a control that the Tab key passes over`);
  }
  expect(submit(element).every(line => line.className === "is-wrong"), `${name}: nothing was answered, and something is right`);
  element.parts.forEach(one => enter(one, rightAnswer(one.part)));
  const lines = submit(element);
  expect(lines.every(line => line.className === "is-right"), `${name}: the right answers are wrong: ${lines.map(line => line.textContent)}`);
  expect(element.hasAttribute("solved"), `${name}: not solved`);
  element.parts.forEach((one, index) => {
    for (const [answer, why] of wrongAnswers(one.part)) {
      enter(one, answer);
      const line = submit(element)[index];
      expect(line.className === "is-wrong" && line.textContent.includes(why.replaceAll("`", "")), `${name}: ${answer} gets "${line.textContent}", not "${why}"`);
      expect(!element.hasAttribute("solved"), `${name}: ${answer} solves it`);
      expect(one.controls.every(control => control.getAttribute("aria-invalid") === "true"), `${name}: ${answer} is not marked`);
    }
    enter(one, rightAnswer(one.part));
  });
  expect(submit(element).every(line => line.className === "is-right"), `${name}: right, then wrong, then right again`);
}

const hexadecimal = document.querySelector("heap-exercise[name=p0-round]");
if (hexadecimal) {
  enter(hexadecimal.parts[0], " 0x2F40 ");
  expect(submit(hexadecimal)[0].className === "is-right", "a hexadecimal number is not understood");
}

const n = document.querySelectorAll("heap-exercise[solved]").length;
document.body.append(faults.length ? `FAULTS: ${faults.join("; ")}` : `all ${n} exercises were answered`);
