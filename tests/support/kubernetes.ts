/**
 * The fields of the Kubernetes objects that the manifests use, by the API reference of 1.34; a key
 * that is not named here is a fault. A cluster drops such keys in silence.
 */
import * as z from "zod";

const labels = z.record(z.string(), z.string());
const metadata = z.strictObject({
  name: z.string().regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/).max(63),
  namespace: z.string().optional(),
  labels: labels.optional(),
  annotations: labels.optional(),
});
const port = z.union([z.int().min(1).max(65_535), z.string()]);
const selector = z.strictObject({
  matchLabels: labels.optional(),
  matchExpressions: z.array(z.strictObject({
    key: z.string(),
    operator: z.enum(["In", "NotIn", "Exists", "DoesNotExist"]),
    values: z.array(z.string()).optional(),
  })).optional(),
});
const quantity = z.string().regex(/^\d+(m|Mi|Gi)?$/);
const quantities = z.strictObject({ cpu: quantity.optional(), memory: quantity.optional() });
const probe = z.strictObject({
  httpGet: z.strictObject({ path: z.string().startsWith("/"), port }),
  periodSeconds: z.int().min(1),
  timeoutSeconds: z.int().min(1),
  failureThreshold: z.int().min(1),
});

const container = z.strictObject({
  name: z.string(),
  image: z.string(),
  imagePullPolicy: z.enum(["Always", "IfNotPresent", "Never"]),
  env: z.array(z.strictObject({ name: z.string(), value: z.string() })),
  ports: z.array(z.strictObject({ name: z.string().max(15), containerPort: port })),
  startupProbe: probe,
  livenessProbe: probe,
  readinessProbe: probe,
  lifecycle: z.strictObject({
    preStop: z.strictObject({ sleep: z.strictObject({ seconds: z.int().min(1) }) }),
  }).optional(),
  resources: z.strictObject({ requests: quantities, limits: quantities }),
  securityContext: z.strictObject({
    allowPrivilegeEscalation: z.boolean(),
    readOnlyRootFilesystem: z.boolean(),
    capabilities: z.strictObject({ drop: z.array(z.string()) }),
  }),
  volumeMounts: z.array(
    z.strictObject({
      name: z.string(),
      mountPath: z.string().startsWith("/"),
      readOnly: z.boolean().optional(),
    }),
  ),
});

const volume = z.union([
  z.strictObject({ name: z.string(), configMap: z.strictObject({ name: z.string() }) }),
  z.strictObject({
    name: z.string(),
    secret: z.strictObject({ secretName: z.string(), defaultMode: z.int().min(0).max(0o777) }),
  }),
  z.strictObject({
    name: z.string(),
    persistentVolumeClaim: z.strictObject({ claimName: z.string() }),
  }),
]);

const pod = z.strictObject({
  automountServiceAccountToken: z.boolean(),
  enableServiceLinks: z.boolean(),
  terminationGracePeriodSeconds: z.int().min(0),
  securityContext: z.strictObject({
    runAsNonRoot: z.boolean(),
    runAsUser: z.int(),
    runAsGroup: z.int(),
    fsGroup: z.int(),
    seccompProfile: z.strictObject({ type: z.enum(["RuntimeDefault", "Localhost"]) }),
  }),
  topologySpreadConstraints: z.array(z.strictObject({
    maxSkew: z.int().min(1),
    topologyKey: z.string(),
    whenUnsatisfiable: z.enum(["DoNotSchedule", "ScheduleAnyway"]),
    labelSelector: selector,
  })).optional(),
  containers: z.array(container).length(1),
  volumes: z.array(volume),
});

const deployment = z.strictObject({
  replicas: z.int().min(1),
  revisionHistoryLimit: z.int(),
  selector: z.strictObject({ matchLabels: labels }),
  strategy: z.union([
    z.strictObject({ type: z.literal("Recreate") }),
    z.strictObject({
      type: z.literal("RollingUpdate"),
      rollingUpdate: z.strictObject({ maxSurge: z.int(), maxUnavailable: z.int() }),
    }),
  ]),
  template: z.strictObject({ metadata: z.strictObject({ labels }), spec: pod }),
});

const policyPorts = z.array(z.strictObject({ port, protocol: z.enum(["TCP", "UDP"]) })).min(1);
const peers = z.array(z.union([
  z.strictObject({ namespaceSelector: selector }),
  z.strictObject({
    ipBlock: z.strictObject({ cidr: z.string(), except: z.array(z.string()).optional() }),
  }),
])).min(1);

const networkPolicy = z.strictObject({
  podSelector: selector,
  policyTypes: z.array(z.enum(["Ingress", "Egress"])),
  ingress: z.array(z.strictObject({ from: peers, ports: policyPorts })).optional(),
  egress: z.array(z.strictObject({ to: peers, ports: policyPorts })).optional(),
});

const ingress = z.strictObject({
  ingressClassName: z.string(),
  tls: z.array(z.strictObject({ hosts: z.array(z.string()), secretName: z.string() })),
  rules: z.array(z.strictObject({
    host: z.string(),
    http: z.strictObject({
      paths: z.array(z.strictObject({
        path: z.string(),
        pathType: z.enum(["Exact", "Prefix"]),
        backend: z.strictObject({
          service: z.strictObject({
            name: z.string(),
            port: z.strictObject({ name: z.string() }),
          }),
        }),
      })),
    }),
  })),
});

const service = z.strictObject({
  ports: z.array(z.strictObject({ name: z.string(), port, targetPort: port })),
  selector: labels,
});

const serviceMonitor = z.strictObject({
  selector,
  endpoints: z.array(z.strictObject({
    port: z.string(),
    path: z.string(),
    interval: z.string().regex(/^\d+s$/),
    authorization: z.strictObject({
      credentials: z.strictObject({ name: z.string(), key: z.string() }),
    }),
  })),
});

function kind<V extends string, K extends string, S extends z.ZodType>(
  apiVersion: V,
  name: K,
  spec: S,
) {
  return z.strictObject({
    apiVersion: z.literal(apiVersion),
    kind: z.literal(name),
    metadata,
    spec,
  });
}

export const manifestSchema = z.discriminatedUnion("kind", [
  kind("apps/v1", "Deployment", deployment),
  kind("v1", "Service", service),
  kind("networking.k8s.io/v1", "Ingress", ingress),
  kind("networking.k8s.io/v1", "NetworkPolicy", networkPolicy),
  kind("monitoring.coreos.com/v1", "ServiceMonitor", serviceMonitor),
  kind(
    "policy/v1",
    "PodDisruptionBudget",
    z.strictObject({ minAvailable: z.int().min(1), selector }),
  ),
  kind(
    "v1",
    "PersistentVolumeClaim",
    z.strictObject({
      accessModes: z.array(z.enum(["ReadWriteOnce", "ReadWriteOncePod"])),
      resources: z.strictObject({ requests: z.strictObject({ storage: quantity }) }),
    }),
  ),
  z.strictObject({ apiVersion: z.literal("v1"), kind: z.literal("Namespace"), metadata }),
  z.strictObject({
    apiVersion: z.literal("v1"),
    kind: z.literal("ConfigMap"),
    metadata,
    data: labels,
  }),
  z.strictObject({
    apiVersion: z.literal("v1"),
    kind: z.literal("Secret"),
    metadata,
    type: z.literal("Opaque"),
    stringData: labels,
  }),
]);

/** A checked object of a manifest. */
export type Manifest = z.output<typeof manifestSchema>;
