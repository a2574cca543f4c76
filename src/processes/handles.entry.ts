// How the handles of this room are made again where they arrive. Loaded when the first of them does.
export {};
