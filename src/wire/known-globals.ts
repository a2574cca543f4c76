/** What every worker has, in any script: the language's globals and Node's. What a program adds to its own is not there. */
const names =
  // the language
  `globalThis undefined NaN Infinity eval isFinite isNaN parseFloat parseInt decodeURI decodeURIComponent encodeURI
  encodeURIComponent escape unescape Object Function Boolean Symbol Error AggregateError EvalError RangeError ReferenceError
  SyntaxError SuppressedError TypeError URIError Number BigInt Math Date String RegExp Array Int8Array Uint8Array
  Uint8ClampedArray Int16Array Uint16Array Int32Array Uint32Array BigInt64Array BigUint64Array Float16Array Float32Array
  Float64Array Map Set WeakMap WeakSet WeakRef FinalizationRegistry ArrayBuffer SharedArrayBuffer DataView Atomics JSON
  Promise Proxy Reflect Iterator AsyncIterator DisposableStack AsyncDisposableStack Intl Temporal WebAssembly ` +
  // Node, in the main thread and in workers alike
  `global process Buffer console queueMicrotask structuredClone atob btoa performance fetch navigator crypto setTimeout
  setInterval setImmediate clearTimeout clearInterval clearImmediate AbortController AbortSignal Blob File FormData Headers
  Request Response WebSocket EventSource CloseEvent MessageEvent ErrorEvent CustomEvent Event EventTarget MessageChannel
  MessagePort BroadcastChannel DOMException URL URLSearchParams URLPattern TextEncoder TextDecoder TextEncoderStream
  TextDecoderStream CompressionStream DecompressionStream ReadableStream ReadableStreamDefaultReader
  ReadableStreamBYOBReader ReadableStreamBYOBRequest ReadableByteStreamController ReadableStreamDefaultController
  TransformStream TransformStreamDefaultController WritableStream WritableStreamDefaultController
  WritableStreamDefaultWriter ByteLengthQueuingStrategy CountQueuingStrategy Crypto CryptoKey SubtleCrypto Performance
  PerformanceEntry PerformanceMark PerformanceMeasure PerformanceObserver PerformanceObserverEntryList
  PerformanceResourceTiming Navigator`;

const known: ReadonlySet<string> = new Set(names.split(/\s+/));

/** Whether a name means the same thing in this thread and in every worker. */
export const isKnownGlobal = (name: string): boolean => known.has(name) && (name in globalThis || name === 'undefined');
