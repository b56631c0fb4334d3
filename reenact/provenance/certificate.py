"""Who signs: the key and certificate that the settings name, or a pair made on first use."""

from __future__ import annotations

import os
import secrets
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from reenact.errors import ProvenanceError
from reenact.provenance.settings import ProvenanceSettings, config_folder

if TYPE_CHECKING:
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey, EllipticCurvePublicKey

YEARS = 10
FOLDER = "signing"
KEY, CERTIFICATE = "key.pem", "certificate.pem"


@dataclass(frozen=True, slots=True)
class Identity:
    """What signs."""

    key: bytes
    """PEM"""
    certificates: bytes
    """PEM chain, the signer's own first."""
    algorithm: str
    """As C2PA names it: es256, es384, es512, ed25519 or ps256."""


def identity_of(settings: ProvenanceSettings) -> Identity:
    """The user's own pair if the settings name one; else the self-made one, which is made when there is none.

    Raises:
        ProvenanceError: only one of the two is named, or they cannot be read, or the folder cannot be written.
    """
    if settings.key is None and settings.certificate is None:
        folder = config_folder() / FOLDER
        if not folder.is_dir():
            _make(folder)
        return _read(folder / KEY, folder / CERTIFICATE)
    if settings.key is None or settings.certificate is None:
        raise ProvenanceError("the settings name a key or a certificate; signing needs both, name the other too.")
    return _read(settings.key.expanduser(), settings.certificate.expanduser())


def own_anchors() -> bytes:
    """PEM of the self-made certificates; empty where none were made."""
    path = config_folder() / FOLDER / CERTIFICATE
    try:
        return path.read_bytes()
    except OSError:
        return b""


def _read(key: Path, certificate: Path) -> Identity:
    try:
        pem = key.read_bytes()
        return Identity(pem, certificate.read_bytes(), _algorithm(pem))
    except OSError as error:
        raise ProvenanceError(
            f"{error.filename}: the signing key cannot be read ({error.strerror}); check it."
        ) from error
    except (ValueError, TypeError) as error:
        raise ProvenanceError(f"{key}: wanted a PEM key without a password, found something else; check it.") from error


def _algorithm(pem: bytes) -> str:
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    key = load_pem_private_key(pem, None)
    if isinstance(key, ec.EllipticCurvePrivateKey) and key.key_size in (256, 384, 521):
        return {256: "es256", 384: "es384", 521: "es512"}[key.key_size]
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return "ed25519"
    if isinstance(key, rsa.RSAPrivateKey):
        return "ps256"
    raise ValueError("a kind of key that C2PA does not know")


def _make(folder: Path) -> None:
    """Key and certificate appear together, or not at all, also when two runs begin at once."""
    key, chain = _new_pair()
    beside = folder.with_name(f".{folder.name}.{secrets.token_hex(4)}")
    try:
        beside.mkdir(mode=0o700, parents=True)
        with os.fdopen(os.open(beside / KEY, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(key)
        (beside / CERTIFICATE).write_bytes(chain)
        try:
            beside.rename(folder)
        except OSError:
            shutil.rmtree(beside, ignore_errors=True)
            if not folder.is_dir():
                raise
    except OSError as error:
        raise ProvenanceError(
            f"{folder}: cannot keep a signing key there ({error.strerror}); set XDG_CONFIG_HOME to a folder of yours."
        ) from error


def _new_pair() -> tuple[bytes, bytes]:
    """PEM key and chain: a certificate by an authority whose own key is forgotten at once, so it certifies no other."""
    from cryptography.hazmat.primitives import serialization as form
    from cryptography.hazmat.primitives.asymmetric import ec

    authority_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    number = secrets.token_hex(4)
    authority, name = f"reenact self-made authority {number}", f"reenact self-made {number}"
    chain = [
        _certificate(name, authority, key.public_key(), authority_key, certifies=False),
        _certificate(authority, authority, authority_key.public_key(), authority_key, certifies=True),
    ]
    pem = key.private_bytes(form.Encoding.PEM, form.PrivateFormat.PKCS8, form.NoEncryption())
    return pem, b"".join(certificate.public_bytes(form.Encoding.PEM) for certificate in chain)


def _certificate(
    subject: str,
    issuer: str,
    public: EllipticCurvePublicKey,
    signer: EllipticCurvePrivateKey,
    *,
    certifies: bool,
) -> x509.Certificate:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes

    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(_name(subject))
        .issuer_name(_name(issuer))
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=365 * YEARS))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False)
        .add_extension(x509.BasicConstraints(ca=certifies, path_length=0 if certifies else None), critical=True)
        .add_extension(_usage(certifies), critical=True)
    )
    if not certifies:
        for_documents = x509.ExtendedKeyUsage([x509.oid.ExtendedKeyUsageOID.EMAIL_PROTECTION])
        builder = builder.add_extension(for_documents, critical=False)
    return builder.sign(signer, hashes.SHA256())


def _name(text: str) -> x509.Name:
    from cryptography import x509

    parts = {x509.oid.NameOID.ORGANIZATION_NAME: "self-made", x509.oid.NameOID.COMMON_NAME: text}
    return x509.Name([x509.NameAttribute(kind, value) for kind, value in parts.items()])


def _usage(certifies: bool) -> x509.KeyUsage:
    from cryptography import x509

    return x509.KeyUsage(
        digital_signature=not certifies,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=certifies,
        crl_sign=certifies,
        encipher_only=False,
        decipher_only=False,
    )
