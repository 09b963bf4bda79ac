# The test cluster. `make cluster KUBECONFIG=file` takes one that exists (kind, k3d, a cloud's); a KUBECONFIG that
# is merely set in the shell is not taken, since the tests make and delete namespaces. TRAINER_IMAGE names an image
# that such a cluster can pull.
ifeq ($(origin KUBECONFIG),command line)
CLUSTER_FLAGS := --kubeconfig $(KUBECONFIG)
endif
export TRAINER_IMAGE := $(TRAINER_IMAGE)

.PHONY: cluster cluster-down cluster-tools test-cluster

cluster: venv ## A one-node Kubernetes with two pretended GPUs and the trainer's image, on this machine
	@$(BIN)/python -m stack.node.up --trainer-image $(CLUSTER_FLAGS)

cluster-down: venv ## Ends the test cluster and removes its traces, also after a crash
	@$(BIN)/python -m stack.node.down

cluster-tools: venv ## helm alone, for the chart's tests
	@$(BIN)/python -c 'from stack.node import toolchain; toolchain.build_helm()'

test-cluster: venv ## Everything that is proved on the cluster, and a table of it
	@$(BIN)/python -m tests.cluster.suite $(CLUSTER_FLAGS) -- $(PYTEST)
