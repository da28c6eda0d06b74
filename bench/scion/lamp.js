// Runs the document that is named, and does what each line of the input says: `events 1000` or `starts 1000`. Answers
// each with the nanoseconds that it took.

const readline = require("node:readline");
const scxml = require("@scion-scxml/scxml");

function begun(chart) {
  const one = new scxml.core.Statechart(chart);
  one.start();
  return one;
}

function answer(chart) {
  const lamp = begun(chart);
  const acts = {
    events: () => lamp.gen({ name: "turn" }),
    starts: () => begun(chart),
  };
  readline.createInterface({ input: process.stdin }).on("line", (line) => {
    const [what, count] = line.split(" ");
    const act = acts[what];
    const before = process.hrtime.bigint();
    for (let n = 0; n < Number(count); n += 1) act();
    console.log(String(process.hrtime.bigint() - before));
  });
  console.log("ready");
}

scxml.pathToModel(process.argv[2], (error, model) => {
  if (error) throw error;
  model.prepare((fault, chart) => {
    if (fault) throw fault;
    answer(chart);
  });
});
