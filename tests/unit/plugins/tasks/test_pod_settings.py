"""What a site sets of its pods: a store's claim, queues, GPUs, volumes and variables of its own."""

from __future__ import annotations

import pytest

from tests.unit.plugins.tasks.built_pods import base, operator, pod, variables
from trainer.contract import Verb

pytestmark = pytest.mark.usefixtures("on_kubernetes")


def test_a_file_store_is_a_claim_that_pods_mount(configure) -> None:
    configure(POD__STORE_CLAIM="models", POD__STORE_MOUNT_PATH="/store", POD_STORE_URL="file:///store")
    built = pod(Verb.TRAIN)
    assert {"name": "store", "persistentVolumeClaim": {"claimName": "models"}} in built["spec"]["volumes"]
    assert {"name": "store", "mountPath": "/store"} in base(built)["volumeMounts"]
    assert "--store=file:///store" in base(built)["args"]


def test_queue_priority_and_runtime_class_belong_to_gpu_pods(configure) -> None:
    configure(
        POD__KUEUE_QUEUE="gpu",
        POD__PRIORITY_CLASS="training",
        POD__GPU_RUNTIME_CLASS="nvidia",
    )
    training, light = pod(Verb.TRAIN), pod(Verb.SNAPSHOT)
    assert training["metadata"]["labels"]["kueue.x-k8s.io/queue-name"] == "gpu"
    assert (training["spec"]["priorityClassName"], training["spec"]["runtimeClassName"]) == (
        "training",
        "nvidia",
    )
    assert "kueue.x-k8s.io/queue-name" not in light["metadata"]["labels"]
    assert {"priorityClassName", "runtimeClassName"}.isdisjoint(light["spec"])


def test_without_gpus_training_pods_go_anywhere(configure) -> None:
    configure(POD__GPU_COUNT="0", POD__NODE_SELECTOR='{"pool": "cpu"}')
    built = pod(Verb.TRAIN)
    assert "nvidia.com/gpu" not in base(built)["resources"]["limits"]
    assert built["spec"]["nodeSelector"] == {"pool": "cpu"}
    assert base(built)["resources"]["requests"]["memory"] == "16Gi"


def test_another_verb_holds_a_gpu_where_it_is_told_to(configure) -> None:
    configure(POD__GPU_VERBS='["search", "train", "evaluate"]', TRAINING_POOL="training")
    built = pod(Verb.EVALUATE)
    assert base(built)["resources"]["limits"]["nvidia.com/gpu"] == "1"
    assert base(built)["resources"]["requests"]["memory"] == "16Gi"
    assert built["spec"]["nodeSelector"] == {"nvidia.com/gpu.present": "true"}
    assert operator(Verb.EVALUATE).pool == "training"
    assert "nvidia.com/gpu" not in base(pod(Verb.FORECAST))["resources"]["limits"]


def test_sites_add_volumes_and_variables_of_their_own(configure) -> None:
    configure(
        POD__VOLUMES='[{"name": "ca", "configMap": {"name": "ca"}}]',
        POD__VOLUME_MOUNTS='[{"name": "ca", "mountPath": "/etc/ca", "readOnly": true}]',
        POD__ENV='{"SSL_CERT_FILE": "/etc/ca/ca.crt"}',
        POD__ANNOTATIONS='{"cluster-autoscaler.kubernetes.io/safe-to-evict": "false"}',
        POD__IMAGE_PULL_SECRETS='["registry"]',
    )
    built = pod(Verb.EVALUATE)
    assert {"name": "ca", "configMap": {"name": "ca"}} in built["spec"]["volumes"]
    assert {"name": "ca", "mountPath": "/etc/ca", "readOnly": True} in base(built)["volumeMounts"]
    assert variables(built)["SSL_CERT_FILE"] == "/etc/ca/ca.crt"
    assert built["metadata"]["annotations"] == {"cluster-autoscaler.kubernetes.io/safe-to-evict": "false"}
    assert built["spec"]["imagePullSecrets"] == [{"name": "registry"}]
