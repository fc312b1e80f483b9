/**
 * Where webhooks come in: the sources that take them, and why the last ones were refused.
 *
 * @module
 */
import type { AccountSettings } from "../../config/settings.ts";
import type { WebhookDesk } from "../../routes/deps.ts";
import type { SourceStore } from "../store/port.ts";
import { createWebhookVerifier } from "../stripe/webhook.ts";
import { createIntake, type IntakeSource } from "../sync/intake.ts";

export interface OpenWebhookDesk extends WebhookDesk {
  /** Takes a source's webhooks in, also before it is started. */
  open(account: AccountSettings, store: () => SourceStore): void;
  close(source: string): void;
}

export interface WebhookDeskOptions {
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly retry: WebhookDesk["retry"];
}

export function createWebhookDesk({ now, retry }: WebhookDeskOptions): OpenWebhookDesk {
  const doors = new Map<string, IntakeSource>();
  const takeIn = createIntake(() => [...doors.values()], now);
  /** The last one for each configured source; `null` where the address names none. */
  const refusals = new Map<string | null, { readonly at: number; readonly reason: string }>();

  return {
    open({ name, webhookSecrets = [] }, store) {
      const verify = webhookSecrets.length === 0
        ? null
        : createWebhookVerifier(webhookSecrets, () => now() / 1000);
      doors.set(name, {
        name,
        verify,
        get inbox() {
          return store().inbox;
        },
        get info() {
          return store().info;
        },
      });
    },
    close: (source) => void doors.delete(source),
    async receive(name, body, signature) {
      const result = await takeIn(name, body, signature);
      const passed = result.kind === "refused" || result.kind === "not_ours";
      if (passed && (name === null || doors.has(name))) {
        refusals.set(name, { at: now(), reason: result.reason });
      }
      return result;
    },
    refusal: (source) => refusals.get(source) ?? refusals.get(null) ?? null,
    retry,
  };
}
