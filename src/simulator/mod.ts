/**
 * A Stripe-compatible server and a synthetic company, for the demo and for tests. It holds no real
 * data and talks to nobody.
 */
export { type AccountOptions, makeAccount, makeBalance } from "./account.ts";
export { type Fault, FAULT_KINDS, type FaultKind, type FaultOptions } from "./faults.ts";
export { type Kind, KINDS, type KindTypes, type Resource } from "./kinds.ts";
export { type ServeOptions, serveSimulator, type SimulatorServer } from "./serve.ts";
export {
  createSimulator,
  type EmittedEvent,
  type ObjectLists,
  type Simulator,
  SIMULATOR_KEY,
  type SimulatorOptions,
} from "./simulator.ts";
export type { Source } from "./source.ts";
export {
  createEventTap,
  type Disorder,
  disordered,
  signWebhook,
  type Webhook,
} from "./webhooks.ts";
export { createDice, type Dice } from "./random.ts";
export type { Stats } from "./stats.ts";
export { type Company, type CompanyOptions, createCompany } from "./company/company.ts";
export type { Amount, Books, BooksOptions, TrueLife } from "./company/books.ts";
export { type Counting, COUNTINGS } from "./company/counting.ts";
export type { Lost } from "./company/unrecoverable.ts";
export type { Step, StepKind } from "./company/steps.ts";
export { liveOn, type LiveOnOptions } from "./live_on.ts";
export { decimal, makeItem, makePrice, makeSubscription } from "./objects.ts";
export {
  makeCoupon,
  makeCustomer,
  makeDiscount,
  makeProduct,
  makeTaxRate,
} from "./more_objects.ts";
export { API_VERSION } from "./version.ts";
