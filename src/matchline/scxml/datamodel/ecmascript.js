// What the host needs within a chart's context. The chart cannot reach any of it: the functions are held by this
// closure and by the host, and use the built-ins as they were before the chart ran.
(function () {
  "use strict";
  const { stringify, parse } = JSON;
  const { create, defineProperty, getOwnPropertyNames, getOwnPropertyDescriptor, freeze, isFrozen } = Object;
  const { construct, ownKeys } = Reflect;
  const isArray = Array.isArray;
  const toText = String;
  const InternalFault = InternalError;
  const world = globalThis;
  const has = Function.prototype.call.bind(Object.prototype.hasOwnProperty);
  const eventFields = ["name", "type", "sendid", "origin", "origintype", "invokeid"];
  let active = create(null);
  let event;

  // The time is that of the chart's step, and stands still within it. So what a delay is reckoned from is also what
  // the delay is added to, however long the step waited for its turn, and whatever this machine's clock shows.
  const RealDate = Date;
  let now = 0;
  const ChartDate = new Proxy(RealDate, {
    __proto__: null,
    apply: () => new RealDate(now).toString(),
    construct: (target, given, made) => construct(target, given.length ? given : [now], made),
  });
  RealDate.now = () => now;
  RealDate.prototype.constructor = ChartDate;
  defineProperty(world, "Date", { value: ChartDate });

  function deepFreeze(value) {
    if (typeof value === "object" && value !== null && !isFrozen(value)) {
      freeze(value);
      for (const key of ownKeys(value)) deepFreeze(value[key]);
    }
    return value;
  }

  // `undefined` where there is no value; what JSON cannot hold is an error, not a silent loss.
  function toJson(value) {
    if (value === undefined) return undefined;
    const json = stringify(value);
    if (json === undefined) throw new TypeError("a " + typeof value + " is not data");
    return json;
  }

  const fixed = (name, value) => defineProperty(world, name, { value: deepFreeze(value), enumerable: true });

  const host = {
    system(sessionid, name, ioprocessors, x) {
      fixed("_sessionid", sessionid);
      fixed("_name", name === null ? undefined : name);
      fixed("_ioprocessors", parse(ioprocessors));
      fixed("_x", parse(x));
      fixed("In", (id) => has(active, toText(id)));
      defineProperty(world, "_event", { get: () => event, enumerable: true });
      for (const key of getOwnPropertyNames(world)) builtin[key] = true;
    },
    setEvent(fields, data) {
      const made = { data: data === null ? undefined : parse(data) };
      const given = parse(fields);
      for (let i = 0; i < eventFields.length; i++) made[eventFields[i]] = given[eventFields[i]]; // all are there
      event = freeze(made);
    },
    setNow(milliseconds) { now = milliseconds; },
    setActive(ids) {
      active = create(null);
      const given = parse(ids);
      for (let i = 0; i < given.length; i++) active[given[i]] = true;
    },
    isTrue: (compute) => !!compute(),
    json: (compute) => toJson(compute()),
    text: (compute) => toText(compute()),
    assign(set, compute) { set(compute()); },
    assignJson(set, json) { set(json === null ? undefined : parse(json)); },
    declare(name) {
      if (has(builtin, name)) throw new TypeError(name + " is taken by the data model");
      if (!has(world, name)) {
        defineProperty(world, name, { value: undefined, writable: true, enumerable: true, configurable: true });
      }
    },
    setGlobal(name, json) { world[name] = json === null ? undefined : parse(json); },
    demandReadable(json) { parse(json); },
    copyOf(compute) {
      const array = compute();
      if (!isArray(array)) throw new TypeError("not an array");
      const copy = [];
      for (let i = 0; i < array.length; i++) defineProperty(copy, i, { value: array[i] });
      return copy;
    },
    lengthOf: (array) => array.length,
    setItem(set, array, index) { set(array[index]); },
    setIndex(set, index) { set(index); },
    variables() {
      const found = create(null);
      const names = getOwnPropertyNames(world);
      for (let i = 0; i < names.length; i++) {
        const name = names[i];
        if (has(builtin, name) || !("value" in getOwnPropertyDescriptor(world, name))) continue;
        const value = world[name];
        if (value === undefined) { found[name] = null; continue; }
        try {
          const json = stringify(value);
          if (json !== undefined) found[name] = json;
        } catch (error) {
          if (error instanceof InternalFault) throw error; // the context is at its limits
        }
      }
      return stringify(found);
    },
  };
  const builtin = create(null);
  return (name) => host[name];
})();
