"""The cluster's certificate authority: the server's certificate, those of clients, and the key of tokens.

Names follow kubeadm's and EKS's: `CN=kubernetes` for the authority; a client's CN is its user name and each O
one of its groups (https://kubernetes.io/docs/reference/access-authn-authz/authentication/).
"""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from eks_lab.errors import InputError

SERVER_NAMES = (
    "localhost",
    "kubernetes",
    "kubernetes.default",
    "kubernetes.default.svc",
    "kubernetes.default.svc.cluster.local",
)
SERVER_ADDRESSES = ("127.0.0.1", "::1", "172.20.0.1")
"""The loopback, and the first address of the service range, which pods use."""
LIFETIME = timedelta(days=3650)
EARLIER = timedelta(days=1)
"""Certificates begin a day back, so that a clock that is a little slow accepts them."""

_Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


@dataclass(frozen=True, slots=True)
class Pair:
    """A certificate and its key as PEM."""

    certificate: bytes
    key: bytes

    def write(self, certificate: Path, key: Path) -> None:
        """Write both; the key is readable by its owner only."""
        certificate.write_bytes(self.certificate)
        key.touch(mode=0o600)
        key.chmod(0o600)
        key.write_bytes(self.key)


class Authority:
    """A certificate authority of one cluster. It lives in real time: TLS clients read the machine's clock."""

    def __init__(self, pair: Pair) -> None:
        """Take a kept authority.

        Raises:
            InputError: certificate or key cannot be read.
        """
        self.pair = pair
        try:
            self._certificate = x509.load_pem_x509_certificate(pair.certificate)
            key = serialization.load_pem_private_key(pair.key, None)
        except ValueError as error:
            raise InputError(
                f"the certificate authority cannot be read: {error}", hint="Run `eks-lab sandbox reset`."
            ) from error
        if not isinstance(key, ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey):
            raise InputError("the key of the certificate authority is neither RSA nor elliptic-curve")
        self._key: _Key = key

    @classmethod
    def create(cls, now: datetime) -> Authority:
        """Return a new authority.

        Args:
            now: the real moment.
        """
        key = ec.generate_private_key(ec.SECP256R1())
        name = _name("kubernetes")
        usage = x509.KeyUsage(
            digital_signature=True,
            key_encipherment=True,
            key_cert_sign=True,
            crl_sign=False,
            content_commitment=False,
            data_encipherment=False,
            key_agreement=False,
            encipher_only=False,
            decipher_only=False,
        )
        identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
        certificate = (
            _builder(name, name, key, now)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .add_extension(usage, critical=True)
            .add_extension(identifier, critical=False)
            .sign(key, hashes.SHA256())
        )
        return cls(_pair(certificate, key))

    def server(self, now: datetime, names: tuple[str, ...] = SERVER_NAMES) -> Pair:
        """Return a certificate for the API server.

        Args:
            now: the real moment.
            names: DNS names it answers to, besides the loopback addresses.
        """
        alternatives: list[x509.GeneralName] = [x509.DNSName(each) for each in names]
        alternatives += [x509.IPAddress(ip_address(each)) for each in SERVER_ADDRESSES]
        return self._issue(
            _name("kube-apiserver"),
            ExtendedKeyUsageOID.SERVER_AUTH,
            now,
            x509.SubjectAlternativeName(alternatives),
        )

    def client(self, user: str, groups: tuple[str, ...], now: datetime) -> Pair:
        """Return a certificate for a user.

        Args:
            user: becomes the CN.
            groups: become O; `system:masters` may do everything.
            now: the real moment.
        """
        return self._issue(_name(user, *groups), ExtendedKeyUsageOID.CLIENT_AUTH, now, None)

    def _issue(
        self,
        subject: x509.Name,
        purpose: x509.ObjectIdentifier,
        now: datetime,
        alternatives: x509.SubjectAlternativeName | None,
    ) -> Pair:
        key = ec.generate_private_key(ec.SECP256R1())
        identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())
        builder = (
            _builder(subject, self._certificate.subject, key, now)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(x509.ExtendedKeyUsage([purpose]), critical=False)
            .add_extension(identifier, critical=False)
        )
        if alternatives is not None:
            builder = builder.add_extension(alternatives, critical=False)
        return _pair(builder.sign(self._key, hashes.SHA256()), key)


def _name(common: str, *organizations: str) -> x509.Name:
    attributes = [x509.NameAttribute(NameOID.ORGANIZATION_NAME, each) for each in organizations]
    return x509.Name([*attributes, x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _builder(subject: x509.Name, issuer: x509.Name, key: _Key, now: datetime) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - EARLIER)
        .not_valid_after(now + LIFETIME)
    )


def _pair(certificate: x509.Certificate, key: _Key) -> Pair:
    return Pair(certificate.public_bytes(serialization.Encoding.PEM), private_pem(key))


def private_pem(key: _Key) -> bytes:
    """Return a private key as PKCS #8 PEM."""
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def server_context(authority: Path, certificate: Path, key: Path) -> ssl.SSLContext:
    """Return TLS as a kube-apiserver has it: client certificates are asked for, not demanded.

    Args:
        authority: PEM file of who may issue client certificates.
        certificate: PEM file of the server.
        key: its key.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(certificate, key)
    context.load_verify_locations(authority)
    context.verify_mode = ssl.CERT_OPTIONAL
    return context
