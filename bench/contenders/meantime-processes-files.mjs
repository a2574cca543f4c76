// As if the optional koffi were not installed, here and in the workers.
process.env.MEANTIME_NATIVE = 'off';

export { open } from './meantime-processes.mjs';
