// Times stand in UTC in the page; readers see their own, and UTC when they point at one.

const today = new Intl.DateTimeFormat(undefined, { timeStyle: "medium" });
const other = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });

export function localTimes(within) {
  for (const each of within.querySelectorAll("time[datetime]:not([data-local])")) {
    const moment = new Date(each.dateTime);
    const isToday = moment.toDateString() === new Date().toDateString();
    each.textContent = (isToday ? today : other).format(moment);
    each.title = `${each.dateTime.replace("T", " ").replace("Z", "")} UTC`;
    each.dataset.local = "";
  }
}
