import { UTF8 } from '../../core/index.js';
/**
 * The most memory that this process has ever had, in bytes. On Linux from the kernel's own file: there `maxRSS` is handed down by the process that started this one, if
 * that was larger.
 */
export function peakMemory(): number {
  if (process.platform === 'linux') {
    const { readFileSync } = process.getBuiltinModule('node:fs');
    try {
      const [, kilobytes] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', UTF8)) ?? [];
      if (kilobytes !== undefined) return Number(kilobytes) * 1024;
    } catch {
      // No /proc: Node's own figure will do.
    }
  }
  return process.resourceUsage().maxRSS * 1024;
}
