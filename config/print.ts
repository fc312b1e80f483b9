/**
 * The configuration in force, as YAML: includes and variables resolved, the environment's part
 * included, secrets masked.
 *
 * @module
 */
import { stringify } from "yaml";
import { format, type Rational } from "../src/metrics/rational.ts";
import type { Hsl, ThemeColors } from "../src/widgets/models.ts";
import { UNDERSTOOD } from "./auth.ts";
import type { AccountSettings, FigureSettings, Settings, WidgetSettings } from "./settings.ts";

function hsl(color: Hsl | undefined): string | undefined {
  return color && `${color.hue} ${color.saturation} ${color.lightness}`;
}

function ratio(value: Rational | null | undefined): string | undefined {
  return value ? format(value) : undefined;
}

function colors(theme: ThemeColors) {
  return {
    light: theme.light,
    "background-color": hsl(theme.background),
    "primary-color": hsl(theme.primary),
    "positive-color": hsl(theme.positive),
    "negative-color": hsl(theme.negative),
    "contrast-multiplier": theme.contrastMultiplier,
    "text-saturation-multiplier": theme.textSaturationMultiplier,
  };
}

function widget(settings: WidgetSettings) {
  return {
    type: settings.type,
    title: settings.title,
    "title-url": settings.titleUrl,
    "hide-header": settings.hideHeader,
    "css-class": settings.cssClass,
    account: settings.account,
    cache: settings.cacheSeconds === null ? undefined : `${settings.cacheSeconds}s`,
  };
}

function account(settings: AccountSettings) {
  const { limits } = settings;
  return {
    "stripe-api-key": String(settings.key),
    "stripe-mode": settings.mode,
    "webhook-secrets": settings.webhookSecrets?.map(String),
    "api-base": settings.base,
    "time-zone": settings.timeZone,
    account: settings.account ?? undefined,
    exclude: settings.exclude,
    "customer-label": settings.customerLabel,
    limits: {
      rate: limits.rate,
      burst: limits.burst,
      "endpoint-rate": limits.endpointRate,
      "attempt-timeout": limits.attemptTimeoutMs && `${limits.attemptTimeoutMs / 1000}s`,
      concurrency: limits.concurrency,
    },
  };
}

function figures({ preset, options, reporting, inputs }: FigureSettings) {
  const { every, byMonth } = inputs.marketingSpend;
  const months = Object.entries(byMonth).map(([month, spend]) => [month, format(spend)]);
  const { pastDue } = options;
  const rates = Object.entries(reporting?.rates ?? {});
  return {
    preset,
    "past-due": typeof pastDue === "object" ? { "max-days": pastDue.maxDays } : pastDue,
    trialing: options.trialing,
    cancellation: options.cancellation,
    "pause-collection": options.pauseCollection,
    "trial-offers": options.trialOffers,
    "subtract-repeating": options.subtractRepeating,
    "subtract-once": options.subtractOnce,
    "weeks-per-month": format(options.weeksPerMonth),
    "days-per-month": format(options.daysPerMonth),
    "inclusive-tax": options.inclusiveTax,
    "test-clocks": options.testClocks,
    activation: options.activation,
    "reporting-currency": reporting?.currency,
    rates: reporting
      ? Object.fromEntries(rates.map(([currency, rate]) => [currency, format(rate)]))
      : undefined,
    "rates-file": reporting?.quotes && reporting.ratesFile,
    "gross-margin": ratio(inputs.grossMargin),
    "profit-margin": ratio(inputs.profitMargin),
    "acquisition-cost": ratio(inputs.acquisitionCost),
    "marketing-spend": ratio(every) ?? (months.length > 0 ? Object.fromEntries(months) : undefined),
    "acquisition-lag": inputs.acquisitionLag,
    grain: inputs.grain,
    "pause-is-churn": inputs.pauseIsChurn,
  };
}

function pages(settings: Settings) {
  return settings.pages.map((page) => ({
    name: page.name,
    slug: page.slug || undefined,
    users: page.users ? [...page.users] : undefined,
    width: page.width,
    "head-widgets": page.headWidgets.map(widget),
    columns: page.columns.map(({ size, widgets }) => ({ size, widgets: widgets.map(widget) })),
  }));
}

function branding({ branding }: Settings) {
  return {
    "logo-text": branding.logoText,
    "logo-url": branding.logoHref,
    "favicon-url": branding.faviconHref,
    "app-name": branding.appName,
    "app-icon-url": branding.appIconHref,
    "app-background-color": branding.appBackgroundColor,
    "hide-footer": branding.hideFooter,
    "custom-footer": branding.customFooter,
  };
}

function theme({ theme }: Settings) {
  const presets = Object.entries(theme.presets);
  return {
    ...colors(theme.colors),
    "custom-css-file": theme.customCssFile ?? undefined,
    "disable-picker": theme.disablePicker,
    presets: Object.fromEntries(presets.map(([name, preset]) => [name, colors(preset)])),
  };
}

function auth(settings: NonNullable<Settings["auth"]>) {
  const { tokens, auditDays, sessionDays } = settings;
  const users = settings.mode === "users"
    ? {
      users: Object.fromEntries(
        [...settings.users].map((
          [name, { role }],
        ) => [name, { "password-hash": "[secret]", role }]),
      ),
    }
    : {};
  const proxy = settings.mode === "proxy"
    ? {
      header: settings.header,
      "groups-header": settings.groupsHeader ?? undefined,
      admins: [...settings.admins],
      "admin-groups": settings.groupsHeader === null ? undefined : [...settings.adminGroups],
    }
    : {};
  return {
    mode: settings.mode,
    ...users,
    ...proxy,
    "i-understand": settings.mode === "none" ? UNDERSTOOD : undefined,
    tokens: tokens.map(({ name, hash, scopes, expires }) => ({
      name,
      hash,
      scopes,
      expires: new Date(expires).toISOString().slice(0, 10),
    })),
    "session-lifetime": `${sessionDays}d`,
    "audit-retention": `${auditDays}d`,
  };
}

/** The settings as YAML in the keys of the configuration file. */
export function printConfig(settings: Settings): string {
  const { server } = settings;
  return stringify({
    ...(settings.auth && { auth: auth(settings.auth) }),
    server: {
      host: server.host,
      port: server.port,
      proxied: server.proxy.hops > 1 ? server.proxy.hops : server.proxied,
      "trusted-proxies": server.trustsByName
        ? server.proxy.trusted.map(({ text }) => text)
        : undefined,
      "base-url": server.baseUrl ?? undefined,
      "allowed-hosts": server.hosts && server.hosts.size > 0 ? [...server.hosts] : undefined,
      "security-contact": server.securityContacts.length > 0
        ? [...server.securityContacts]
        : undefined,
      "assets-path": server.assetsPath ?? undefined,
    },
    branding: branding(settings),
    theme: theme(settings),
    accounts: Object.fromEntries(settings.accounts.map((one) => [one.name, account(one)])),
    figures: figures(settings.figures),
    metrics: { enabled: settings.metrics.enabled, public: settings.metrics.public },
    network: { allow: [...settings.network.allow] },
    health: { public: settings.healthPublic },
    log: settings.log,
    pages: pages(settings),
  }, { aliasDuplicateObjects: false });
}
