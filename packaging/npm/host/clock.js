// The cron trigger of a self-hosted Afterword: an object whose alarm starts the nightly maintenance. The runtime stores alarms, so one that
// was missed while the process was down rings at the next start.

import { DurableObject } from 'cloudflare:workers';

export const CRON = '17 3 * * *';
const [MINUTE, HOUR] = CRON.split(' ').map(Number);

// The first time after `now` at which the maintenance is due, both in milliseconds.
export const nextRun = (now) => {
  const day = new Date(now);
  const today = Date.UTC(day.getUTCFullYear(), day.getUTCMonth(), day.getUTCDate(), HOUR, MINUTE);
  return today > now ? today : today + 86_400_000;
};

export class Clock extends DurableObject {
  // Sets the alarm, unless it is set.
  async start() {
    if ((await this.ctx.storage.getAlarm()) === null) {
      await this.ctx.storage.setAlarm(nextRun(Date.now()));
    }
  }

  async alarm() {
    const now = Date.now();
    // First the next alarm: a failed night must not be the last one.
    await this.ctx.storage.setAlarm(nextRun(now));
    try {
      await this.env.NIGHTLY.run(now);
    } catch (error) {
      console.error(`nightly maintenance failed route=clock cause=${error}`);
    }
  }
}
