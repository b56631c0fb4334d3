"""Signed manifests inside files, by the C2PA's rules: made and read offline. Needs the extra `provenance`."""

from __future__ import annotations

import importlib.util
import io
import json
import mmap
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO

from reenact.errors import ProvenanceError
from reenact.provenance.certificate import Identity, own_anchors
from reenact.provenance.signature import AvatarClaim, Claim, Signature, State

KINDS = {
    ".mp4": "video/mp4",
    ".mov": "video/quicktime",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".webp": "image/webp",
    ".avi": "video/x-msvideo",
}
"""Files that can carry a manifest, and what the C2PA calls them."""
SYNTHETIC = "http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia"
"""IPTC's word for a picture that a trained program changed in part."""
SYNTHETIC_KINDS = ("trainedAlgorithmicMedia", "compositeWithTrainedAlgorithmicMedia", "compositeSynthetic")
LABEL = "reenact.avatar"
"""Our own assertion."""
OFFLINE = {"remote_manifest_fetch": False, "ocsp_fetch": False}
UNTRUSTED = "signingCredential.untrusted"
_ONE_PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108000000003a7e9b550000000a49444154789c63600000000200"
    "0148afa4710000000049454e44ae426082"
)


def missing() -> str | None:
    """Which package of the extra is not installed; None: all are."""
    return next((name for name in ("c2pa", "cryptography") if importlib.util.find_spec(name) is None), None)


class Sealer:
    """Signs whole files, in place. Tries the key on making, so that no work is lost for a wrong one."""

    def __init__(self, identity: Identity, claim: Claim) -> None:
        """Raises ProvenanceError where that key and certificate cannot sign."""
        self._identity, self._manifest = identity, manifest(claim)
        self._sign("image/png", io.BytesIO(_ONE_PIXEL), io.BytesIO())

    def __call__(self, path: Path, suffix: str) -> None:
        """Put a signed manifest into the file at `path`, which will be known under a name that ends with `suffix`.

        Raises:
            ProvenanceError: the key does not fit, or the file cannot be signed.
        """
        signed = path.with_name(path.name + ".signed")
        try:
            with path.open("rb") as source, signed.open("w+b") as target:
                self._sign(KINDS[suffix.lower()], source, target)
            signed.replace(path)
        finally:
            signed.unlink(missing_ok=True)

    def _sign(self, kind: str, source: BinaryIO, target: BinaryIO) -> None:
        import c2pa

        try:
            with (
                c2pa.Context.from_dict({"builder": {"thumbnail": {"enabled": False}}}) as context,
                c2pa.Signer.from_info(self._signer_info()) as signer,
                c2pa.Builder(self._manifest, context=context) as builder,
            ):
                builder.sign(signer, kind, source, target)
        except c2pa.C2paError as error:
            raise ProvenanceError(f"cannot sign ({_short(error)}); check the signing key and certificate.") from error

    def _signer_info(self) -> Any:
        import c2pa

        identity = self._identity
        return c2pa.C2paSignerInfo(identity.algorithm.encode(), identity.certificates, identity.key, None)


def manifest(claim: Claim) -> dict[str, Any]:
    """What goes into the file: how it was made, with what, and which picture moves (by its hash)."""
    software = {"name": claim.software, "version": claim.version}
    created = {"action": "c2pa.created", "digitalSourceType": SYNTHETIC, "softwareAgent": software}
    avatar = {
        "engine": {"name": claim.engine, "sha256": claim.engine_sha256},
        "avatars": [{"sha256": avatar.sha256, "consent": avatar.consent} for avatar in claim.avatars],
        "watermark": claim.watermark or "none",
    }
    return {
        "claim_generator_info": [software],
        "assertions": [
            {"label": "c2pa.actions.v2", "data": {"actions": [created]}},
            {"label": LABEL, "data": avatar, "kind": "Json"},
        ],
    }


def read_signature(path: Path) -> Signature:
    """What a file's manifest says, and whether the file is still the one that was signed. Asks no network."""
    kind = KINDS.get(path.suffix.lower())
    if kind is None:
        return Signature(State.ABSENT)
    if missing():
        return Signature(State.UNCHECKED if _carries_manifest(path) else State.ABSENT)
    import c2pa

    anchors = own_anchors()
    trust = {"trust": {"trust_anchors": anchors.decode()}} if anchors else {}
    try:
        with (
            c2pa.Context.from_dict({"verify": OFFLINE | {"verify_trust": bool(anchors)}} | trust) as context,
            path.open("rb") as file,
            c2pa.Reader(kind, file, context=context) as reader,
        ):
            return _understood(json.loads(reader.json()), reader.get_validation_state())
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        return Signature(State.INVALID, problems=(f"a manifest in an unknown form ({_short(error)})",))
    except c2pa.C2paError.ManifestNotFound:
        return Signature(State.ABSENT)
    except c2pa.C2paError as error:
        return Signature(State.INVALID if _carries_manifest(path) else State.ABSENT, problems=(_short(error),))


def _understood(store: Mapping[str, Any], state: str | None) -> Signature:
    active = store["manifests"][store["active_manifest"]]
    ours = _assertion(active, LABEL)
    signed = active.get("signature_info", {})
    problems = [status.get("code", "") for status in store.get("validation_status", [])]
    return Signature(
        state=State.VALID if state in ("Valid", "Trusted") else State.INVALID,
        synthetic=_synthetic(active),
        signer=signed.get("common_name") or signed.get("issuer"),
        trusted="own key" if state == "Trusted" else "no",
        software=_software(active),
        watermark=None if ours.get("watermark") in (None, "none") else str(ours["watermark"]),
        avatars=tuple(AvatarClaim(str(a["sha256"]), str(a["consent"])) for a in ours.get("avatars", [])),
        engine=ours.get("engine", {}).get("name"),
        problems=tuple(dict.fromkeys(code for code in problems if code and code != UNTRUSTED)),
    )


def _assertion(active: Mapping[str, Any], label: str) -> Mapping[str, Any]:
    found = (item.get("data") for item in active.get("assertions", []) if item.get("label") == label)
    return next((data for data in found if isinstance(data, Mapping)), {})


def _synthetic(active: Mapping[str, Any]) -> bool:
    """Whether any action names a source that only programs are."""
    actions = [
        action
        for item in active.get("assertions", [])
        if str(item.get("label")).startswith("c2pa.actions")
        for action in item.get("data", {}).get("actions", [])
    ]
    return any(str(action.get("digitalSourceType", "")).rpartition("/")[2] in SYNTHETIC_KINDS for action in actions)


def _software(active: Mapping[str, Any]) -> str | None:
    for info in active.get("claim_generator_info") or []:
        return " ".join(filter(None, (info.get("name"), info.get("version"))))
    return None


def _carries_manifest(path: Path) -> bool:
    """Whether the bytes look as if a manifest were in them."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        return content.find(b"jumdc2pa") >= 0


def _short(error: Exception) -> str:
    return " ".join(str(error).split())[:200]
