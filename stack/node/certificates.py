"""A certificate authority of a day's life, the certificates of each component, and their kubeconfigs."""

from __future__ import annotations

import ipaddress
import json
from base64 import b64encode
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from stack.node.layout import API_SERVICE_ADDRESS, API_URL, KUBECONFIG, NODE_ADDRESS, NODE_NAME, STATE

PKI = STATE / "pki"
LIFE = timedelta(days=30)
USERS = {
    # file: (group, name) as the API server's authorisation reads them
    "admin": ("system:masters", "admin"),
    "controller-manager": (None, "system:kube-controller-manager"),
    "scheduler": (None, "system:kube-scheduler"),
    "proxy": (None, "system:kube-proxy"),
    "node": ("system:nodes", f"system:node:{NODE_NAME}"),
}


def create() -> None:
    """Fills the state folder's pki: ca, server, node and user certificates, service account keys, and one
    kubeconfig per user."""
    PKI.mkdir(parents=True, mode=0o700)
    ca_key, ca = _authority()
    services = ["localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc"]
    _issue(
        "server",
        None,
        "kube-apiserver",
        [*services, "127.0.0.1", API_SERVICE_ADDRESS, NODE_ADDRESS],
        ca_key,
        ca,
    )
    for user, (group, name) in USERS.items():
        _issue(user, group, name, [NODE_NAME, NODE_ADDRESS] if user == "node" else [user], ca_key, ca)
        _kubeconfig(user, KUBECONFIG if user == "admin" else PKI / f"{user}.conf")
    key = ec.generate_private_key(ec.SECP256R1())
    _write_key("service-account.key", key)
    public = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    (PKI / "service-account.pub").write_bytes(public)


def _authority() -> tuple[ec.EllipticCurvePrivateKey, x509.Certificate]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "demand-forecast test cluster")])
    usage = x509.KeyUsage(True, False, False, False, False, True, True, False, False)
    certificate = (
        _begun(name, name, key)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .sign(key, hashes.SHA256())
    )
    (PKI / "ca.crt").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    _write_key("ca.key", key)
    return key, certificate


def _issue(
    file: str,
    group: str | None,
    name: str,
    alternatives: Sequence[str],
    ca_key: ec.EllipticCurvePrivateKey,
    ca: x509.Certificate,
) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    attributes = [x509.NameAttribute(NameOID.COMMON_NAME, name)]
    if group:
        attributes.insert(0, x509.NameAttribute(NameOID.ORGANIZATION_NAME, group))
    certificate = (
        _begun(x509.Name(attributes), ca.subject, key)
        .add_extension(
            x509.SubjectAlternativeName([_general_name(text) for text in alternatives]), critical=False
        )
        .sign(ca_key, hashes.SHA256())
    )
    (PKI / f"{file}.crt").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    _write_key(f"{file}.key", key)


def _begun(subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + LIFE)
    )


def _general_name(text: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(text))
    except ValueError:
        return x509.DNSName(text)


def _write_key(file: str, key: ec.EllipticCurvePrivateKey) -> None:
    path = PKI / file
    path.touch(mode=0o600)
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )


def _kubeconfig(user: str, path: Path) -> None:
    """JSON is YAML; the certificates are inside, so that the file works wherever it is copied."""

    def encoded(file: str) -> str:
        return b64encode((PKI / file).read_bytes()).decode()

    cluster = {"server": API_URL, "certificate-authority-data": encoded("ca.crt")}
    credentials = {
        "client-certificate-data": encoded(f"{user}.crt"),
        "client-key-data": encoded(f"{user}.key"),
    }
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "test", "cluster": cluster}],
        "users": [{"name": user, "user": credentials}],
        "contexts": [{"name": "test", "context": {"cluster": "test", "user": user}}],
        "current-context": "test",
    }
    path.touch(mode=0o600)
    path.write_text(json.dumps(config, indent=1), encoding="utf-8")
