{{/* Labels of every object. */}}
{{- define "df.labels" -}}
app.kubernetes.io/name: demand-forecast
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end }}

{{/* The trainer's image, by digest or by tag. */}}
{{- define "df.image" -}}
{{- if .Values.image.digest -}}
{{ .Values.image.repository }}@{{ .Values.image.digest }}
{{- else -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end -}}
{{- end }}

{{- define "df.pullSecrets" -}}
{{- with .Values.image.pullSecrets }}
imagePullSecrets:
{{- range . }}
  - name: {{ . }}
{{- end }}
{{- end }}
{{- end }}

{{- define "df.airflowNamespace" -}}
{{ .Values.airflow.namespace | default .Release.Namespace }}
{{- end }}

{{/* What PodSecurity `restricted` asks of a pod ... */}}
{{- define "df.podSecurity" -}}
runAsNonRoot: true
runAsUser: {{ .Values.pods.user | default 10001 }}
runAsGroup: {{ .Values.pods.group | default 10001 }}
fsGroup: {{ .Values.pods.group | default 10001 }}
fsGroupChangePolicy: OnRootMismatch
seccompProfile: {type: RuntimeDefault}
{{- end }}

{{/* ... and of a container, and a read-only root besides. */}}
{{- define "df.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: {drop: [ALL]}
{{- end }}

{{- define "df.postgresEnv" -}}
- name: DEMAND_FORECAST_POSTGRES_URL
  valueFrom:
    secretKeyRef: {name: {{ .Values.postgres.secret }}, key: url}
{{- end }}

{{/* Where pods without a GPU may run: the migration Job and `helm test` are such. */}}
{{- define "df.placement" -}}
{{- with .Values.pods.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.pods.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}
