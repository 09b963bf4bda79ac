"""The task of the kubernetes runtime: KubernetesPodOperator, held to the verb's manifest."""

from __future__ import annotations

from typing import Any, Final

from airflow.providers.cncf.kubernetes.kubernetes_helper_functions import KubernetesApiException
from airflow.providers.cncf.kubernetes.operators.pod import KubernetesPodOperator
from airflow.providers.cncf.kubernetes.utils.container import get_container_status
from airflow.providers.cncf.kubernetes.utils.pod_manager import PodPhase
from airflow.sdk import Context
from airflow.sdk.exceptions import AirflowException
from kubernetes.client import ApiException  # type: ignore[import-untyped]
from kubernetes.client import models as k8s

from demand_forecast.tasks.run_arguments import without_empty_options
from demand_forecast.tasks.verb_task import VerbTask, failure

_TOLD: Final = 3
"""Warnings of Kubernetes that an error repeats, the newest."""


class TrainerPodOperator(VerbTask, KubernetesPodOperator):
    """KubernetesPodOperator whose success is the manifest's and whose failures are told apart."""

    ui_color = "#e4e8f0"

    def execute(self, context: Context) -> dict[str, Any]:
        return self.verified(context, super().execute(context))

    def trigger_reentry(self, context: Context, event: dict[str, Any]) -> dict[str, Any]:
        return self.verified(context, super().trigger_reentry(context, event))

    def build_pod_request_obj(self, context: Context | None = None, *, dry_run: bool = False) -> k8s.V1Pod:
        self.arguments = without_empty_options(self.arguments)
        return super().build_pod_request_obj(context, dry_run=dry_run)

    def get_or_create_pod(self, pod_request_obj: k8s.V1Pod, context: Context) -> k8s.V1Pod:
        """Does as KubernetesPodOperator, and removes the pods of earlier tries.

        A try that is killed between marking its pod as checked and deleting it leaves it to nobody: retries
        pass over what is marked.
        """
        pod = super().get_or_create_pod(pod_request_obj, context)
        if context["ti"].try_number > 1:
            self._remove_others(pod, context)
        return pod

    def _remove_others(self, pod: k8s.V1Pod, context: Context) -> None:
        selector = self._build_find_pod_label_selector(context, exclude_checked=False)
        try:
            found = self.client.list_namespaced_pod(pod.metadata.namespace, label_selector=selector).items
        except ApiException as error:
            self.log.warning("pods of earlier tries could not be looked for: %s", error.reason)
            return
        for other in found:
            if other.metadata.name != pod.metadata.name:
                self.process_pod_deletion(other, reraise=False)
                self._end(other)

    def _end(self, pod: k8s.V1Pod) -> None:
        """Deletes a pod whose verb has not ended, which would begin, or go on, for nobody: where failed pods
        are left to be looked at, KubernetesPodOperator leaves it too."""
        if pod.status.phase in PodPhase.terminal_states or _ended(pod, self.base_container_name):
            return
        try:
            self.pod_manager.delete_pod(pod)
        except ApiException as error:
            self.log.warning("pod %s could not be deleted: %s", pod.metadata.name, error.reason)

    def cleanup(
        self,
        pod: k8s.V1Pod,
        remote_pod: k8s.V1Pod,
        xcom_result: dict[str, Any] | None = None,
        context: Context | None = None,
    ) -> None:
        """Does as KubernetesPodOperator, but its error says why the verb failed, and a verb that failed by
        its own fault is not retried."""
        try:
            super().cleanup(pod, remote_pod, xcom_result, context)
        except AirflowException as error:
            code = None if _taken_away(remote_pod) else _exit_code(remote_pod, self.base_container_name)
            told = _status(remote_pod, self.base_container_name)
            if code is None and not told:
                told = self._events(pod)
            self._end(remote_pod)
            raise failure(self.verb, code, told) from error

    def _events(self, pod: k8s.V1Pod) -> str:
        """What Kubernetes warned of; events outlive their pod. Nothing where it cannot be asked."""
        try:
            events = self.pod_manager.read_pod_events(pod).items
        except (ApiException, KubernetesApiException) as error:
            self.log.warning("the pod's events could not be read: %s", error)
            return ""
        warnings = dict.fromkeys(f"{e.reason}: {e.message}" for e in events if e.type == "Warning")
        told = "; ".join(list(warnings)[-_TOLD:])
        verb = f"spec.containers{{{self.base_container_name}}}"  # the sidecar starts without it
        if any(event.reason == "Started" and event.involved_object.field_path == verb for event in events):
            return told
        return (
            f"its pod did not start (it may wait {self.schedule_timeout_seconds} s for a node, then "
            f"{self.startup_timeout_seconds} s for its containers){told and ': '}{told}"
        )


def _taken_away(pod: k8s.V1Pod | None) -> bool:
    """Whether it was Kubernetes that ended the pod, such as Evicted or DeadlineExceeded: then the code of a
    verb that was interrupted anywhere says nothing of it."""
    return pod is not None and pod.status is not None and bool(pod.status.reason)


def _exit_code(pod: k8s.V1Pod | None, container: str) -> int | None:
    """None when the pod is gone or its container never ended, such as on eviction."""
    ended = _ended(pod, container)
    return ended.exit_code if ended is not None else None


def _status(pod: k8s.V1Pod | None, container: str) -> str:
    """Why the pod ended (Evicted, DeadlineExceeded), else why its container did (OOMKilled)."""
    if pod is None or not pod.status:
        return ""
    place = pod.status if pod.status.reason else _ended(pod, container)
    return ": ".join(part for part in (place.reason, place.message) if part) if place is not None else ""


def _ended(pod: k8s.V1Pod | None, container: str) -> k8s.V1ContainerStateTerminated | None:
    status = get_container_status(pod, container) if pod is not None and pod.status else None
    return status.state.terminated if status is not None and status.state else None
