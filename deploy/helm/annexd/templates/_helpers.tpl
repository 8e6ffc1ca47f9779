{{/* The name of everything: the release's, with the chart's where that is another. */}}
{{- define "annexd.name" -}}
{{- if contains .Chart.Name .Release.Name -}}
{{- .Release.Name | trunc 52 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name .Chart.Name | trunc 52 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "annexd.selector" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "annexd.labels" -}}
{{ include "annexd.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end -}}

{{/* Refuses what would start and then not do its work. An existing ConfigMap is not looked into. */}}
{{- define "annexd.refuse" -}}
{{- if .Values.config -}}
{{- $config := fromToml .Values.config -}}
{{- if hasKey $config "Error" -}}
{{- fail (printf "config is not TOML: %s" $config.Error) -}}
{{- end -}}
{{- $store := $config.store | default dict -}}
{{- $url := .Values.database.url | default $store.url | default "" -}}
{{- $server := regexMatch "^postgres(ql)?(\\+psycopg)?://" $url -}}
{{- if not (or $server (hasPrefix "sqlite:////var/lib/annexd/" $url)) -}}
{{- fail "url of [store] is neither on PostgreSQL nor below sqlite:////var/lib/annexd/, which is all that can be written to" -}}
{{- end -}}
{{- if eq .Values.mode "daemon" -}}
{{- $listen := ($config.daemon | default dict).listen | default "" -}}
{{- if not (regexMatch "^(0\\.0\\.0\\.0|\\[::\\]):9720$" $listen) -}}
{{- fail "config has no [daemon] listen = \"0.0.0.0:9720\": probes come from outside of the pod" -}}
{{- end -}}
{{- if and (gt (int .Values.replicas) 1) (not $server) -}}
{{- fail "replicas: two daemons take a store on PostgreSQL, in database.url or in url of [store]" -}}
{{- end -}}
{{- end -}}
{{- if $server -}}
{{- range $name := list "key" "signing_key" -}}
{{- $place := get $store $name -}}
{{- if not (or (kindIs "map" $place) (hasPrefix "/var/lib/annexd/" (toString $place))) -}}
{{- fail (printf "%s of [store] has to be below /var/lib/annexd, or named where it is kept, such as { env = \"NAME\" }" $name) -}}
{{- end -}}
{{- end -}}
{{- /* Left out it is beside the signing key, and where that is in no file, beside the configuration, which is read-only. */ -}}
{{- if not (hasPrefix "/var/lib/annexd/" (toString ($store.signer_memory | default $store.signing_key))) -}}
{{- fail "signer_memory of [store] has to be below /var/lib/annexd, which all replicas share" -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* What a pod of either mode is: who it runs as, what it may do, and what it mounts. */}}
{{- define "annexd.pod" -}}
serviceAccountName: {{ include "annexd.name" . }}
automountServiceAccountToken: false
enableServiceLinks: false
terminationGracePeriodSeconds: 120
{{- with .Values.image.pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
securityContext:
  runAsNonRoot: true
  runAsUser: 10001
  runAsGroup: 10001
  fsGroup: 10001
  fsGroupChangePolicy: OnRootMismatch
  seccompProfile:
    type: RuntimeDefault
{{- with .Values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
volumes:
  - name: store
    persistentVolumeClaim:
      claimName: {{ .Values.persistence.existingClaim | default (printf "%s-store" (include "annexd.name" .)) }}
  - name: config
    configMap:
      name: {{ .Values.existingConfigMap | default (printf "%s-config" (include "annexd.name" .)) }}
  - name: credentials
    secret:
      secretName: {{ .Values.credentials.secretName }}
      defaultMode: 0440
  - name: tmp
    emptyDir:
      medium: Memory
      sizeLimit: 64Mi
{{- end -}}

{{- define "annexd.container" -}}
name: annexd
image: {{ printf "%s@%s" .Values.image.repository .Values.image.digest }}
{{- if or .Values.database.url .Values.database.passwordSecret .Values.extraEnv }}
env:
  {{- with .Values.database.url }}
  - name: ANNEXD_STORE_URL
    value: {{ . | quote }}
  {{- end }}
  {{- if .Values.database.passwordSecret }}
  - name: PGPASSWORD
    valueFrom:
      secretKeyRef:
        name: {{ .Values.database.passwordSecret }}
        key: {{ .Values.database.passwordKey }}
  {{- end }}
  {{- with .Values.extraEnv }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end }}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities:
    drop: [ALL]
{{- with .Values.resources }}
resources:
  {{- toYaml . | nindent 2 }}
{{- end }}
volumeMounts:
  - name: store
    mountPath: /var/lib/annexd
  - name: config
    mountPath: /etc/annexd
    readOnly: true
  - name: credentials
    mountPath: /run/annexd
    readOnly: true
  - name: tmp
    mountPath: /tmp
{{- end -}}

{{- define "annexd.podMetadata" -}}
labels:
  {{- include "annexd.labels" . | nindent 2 }}
  {{- with .Values.podLabels }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
annotations:
  checksum/config: {{ .Values.config | sha256sum }}
  {{- with .Values.podAnnotations }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end -}}
