export { browserPlatform, type BrowserOptions } from './browser.ts';
export type { Cell } from './cell.ts';
export { MutableCell } from './cell.ts';
export { Conclave, createConclave } from './conclave.ts';
export type { Platform } from './platform.ts';
export * from './views.ts';
