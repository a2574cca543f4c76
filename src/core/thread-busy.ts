/** How long the event loop of the calling thread was not idle since it began, in ms. */
export const threadBusy = (): number => performance.eventLoopUtilization().active;
