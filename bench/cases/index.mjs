import echo from './echo.mjs';
import endless from './endless.mjs';
import idle from './idle.mjs';
import mapMixed from './map-mixed.mjs';
import mapShort from './map-short.mjs';
import mapTiny from './map-tiny.mjs';
import oneAtATime from './one-at-a-time.mjs';
import start from './start.mjs';
import tinyProcesses from './tiny-processes.mjs';
import tinyThreads from './tiny-threads.mjs';
import urls from './urls.mjs';

/** In the order in which they are run and written down. */
export const cases = [tinyThreads, oneAtATime, tinyProcesses, mapTiny, mapShort, mapMixed, echo, start, endless, idle, urls];
