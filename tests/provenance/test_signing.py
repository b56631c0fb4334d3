"""Signed files: what they say, that one byte shows, and whose key it is. With the real C2PA library, offline."""

from __future__ import annotations

import json
import stat
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from cryptography import x509
from films import pictures as moving_pictures

from reenact.devices.files import Seal
from reenact.devices.pictures import read_picture, write_picture
from reenact.devices.video_sink import VideoSink
from reenact.errors import ProvenanceError
from reenact.provenance import c2pa
from reenact.provenance.c2pa import SYNTHETIC, Sealer, manifest, read_signature
from reenact.provenance.certificate import Identity, identity_of
from reenact.provenance.settings import ProvenanceSettings, config_folder, read_settings
from reenact.provenance.signature import AvatarClaim, Claim, State
from reenact.types import Frame

CLAIM = Claim("reenact", "0.1", "lite", "ab" * 32, (AvatarClaim("cd" * 32, "none given"),), "14e7000000001234")
NAMES = ("a.png", "a.jpg", "a.mp4", "a.mov")


@pytest.fixture
def identity() -> Identity:
    return identity_of(ProvenanceSettings())


@pytest.fixture
def sealer(identity: Identity) -> Sealer:
    return Sealer(identity, CLAIM)


def write(path: Path, seal: Seal | None) -> Path:
    images = moving_pictures(8)
    if path.suffix in (".png", ".jpg"):
        write_picture(path, images[0], seal)
        return path
    with VideoSink(path, (96, 64), seal=seal) as sink:
        for index, image in enumerate(images):
            sink.send(Frame(image, index, index / 25))
    return path


@pytest.mark.parametrize("name", NAMES)
def test_a_signed_file_says_how_it_was_made(tmp_path: Path, sealer: Sealer, name: str) -> None:
    plain, signed = write(tmp_path / f"plain-{name}", None), write(tmp_path / name, sealer)
    found = read_signature(signed)
    assert found.state is State.VALID
    assert found.synthetic
    assert (found.software, found.engine) == ("reenact 0.1", "lite")
    assert (found.avatars, found.watermark) == (CLAIM.avatars, CLAIM.watermark)
    assert found.trusted == "own key"
    assert 0 < signed.stat().st_size - plain.stat().st_size < 6000
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([name, f"plain-{name}"])
    assert read_signature(plain).state is State.ABSENT


@pytest.mark.parametrize("name", NAMES)
def test_one_flipped_byte_shows(tmp_path: Path, sealer: Sealer, name: str) -> None:
    path = write(tmp_path / name, sealer)
    content = bytearray(path.read_bytes())
    for place in (len(content) * 9 // 10, len(content) - 40):
        flipped = content.copy()
        flipped[place] ^= 1
        path.write_bytes(flipped)
        assert read_signature(path).state is State.INVALID, place


def test_a_signed_picture_looks_like_an_unsigned_one(tmp_path: Path, sealer: Sealer) -> None:
    signed, plain = write(tmp_path / "signed.png", sealer), write(tmp_path / "plain.png", None)
    np.testing.assert_array_equal(read_picture(signed), read_picture(plain))


def test_the_manifest_holds_hashes_and_no_picture() -> None:
    made = manifest(CLAIM)
    actions, avatar = (assertion["data"] for assertion in made["assertions"])
    assert actions["actions"][0]["digitalSourceType"] == SYNTHETIC
    assert avatar["engine"] == {"name": "lite", "sha256": "ab" * 32}
    assert avatar["avatars"] == [{"sha256": "cd" * 32, "consent": "none given"}]
    assert "thumbnail" not in str(made)


def test_the_key_is_made_once_and_for_its_owner_alone(identity: Identity) -> None:
    folder = config_folder() / "signing"
    assert stat.S_IMODE((folder / "key.pem").stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert identity_of(ProvenanceSettings()) == identity
    own, authority = x509.load_pem_x509_certificates(identity.certificates)
    own.verify_directly_issued_by(authority)
    assert own.not_valid_after_utc > datetime.now(UTC)


def test_another_signer_is_valid_and_not_trusted(
    tmp_path: Path, sealer: Sealer, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path / "a.png", sealer)
    for home in ("nobody", "somebody"):
        monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / home))
        if home == "somebody":
            identity_of(ProvenanceSettings())
        found = read_signature(path)
        assert (found.state, found.trusted) == (State.VALID, "no")


def test_the_user_s_own_key_signs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    identity_of(ProvenanceSettings())
    signing = tmp_path / "reenact" / "signing"
    own = signing.rename(tmp_path / "mine")
    config = tmp_path / "own.toml"
    config.write_text(f'[provenance]\nkey = "{own}/key.pem"\ncertificate = "{own}/certificate.pem"\n', encoding="utf-8")
    monkeypatch.setenv("REENACT_CONFIG", str(config))
    settings = read_settings().provenance
    assert read_signature(write(tmp_path / "a.png", Sealer(identity_of(settings), CLAIM))).state is State.VALID
    assert not signing.exists()


def test_keys_that_cannot_sign_are_said_before_any_work(tmp_path: Path, identity: Identity) -> None:
    with pytest.raises(ProvenanceError, match="name the other too"):
        identity_of(ProvenanceSettings(key=tmp_path / "key.pem"))
    both = ProvenanceSettings(key=tmp_path / "key.pem", certificate=tmp_path / "certificate.pem")
    with pytest.raises(ProvenanceError, match=r"key\.pem: the signing key cannot be read"):
        identity_of(both)
    (tmp_path / "key.pem").write_text("no key")
    (tmp_path / "certificate.pem").write_text("no certificate")
    with pytest.raises(ProvenanceError, match="PEM key"):
        identity_of(both)
    with pytest.raises(ProvenanceError, match="check the signing key"):
        Sealer(Identity(identity.key, b"no certificate", "es256"), CLAIM)


def test_a_place_that_cannot_hold_the_key_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "file"))
    with pytest.raises(ProvenanceError, match="cannot keep a signing key"):
        identity_of(ProvenanceSettings())


def test_a_failed_signature_leaves_no_file(tmp_path: Path) -> None:
    def refuse(path: Path, suffix: str) -> None:
        raise ProvenanceError("no")

    for name in ("a.png", "a.mp4"):
        with pytest.raises(ProvenanceError):
            write(tmp_path / name, refuse)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("text", ["[provenance]\nkei = 'x'", "[provenanze]", "not toml", "\xff"])
def test_settings_with_a_mistake_are_refused_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    path = tmp_path / "config.toml"
    path.write_bytes(text.encode("latin-1"))
    monkeypatch.setenv("REENACT_CONFIG", str(path))
    with pytest.raises(ProvenanceError, match=r"config\.toml: not a configuration"):
        read_settings()


def test_without_the_extra_a_manifest_is_seen_and_not_judged(
    tmp_path: Path, sealer: Sealer, monkeypatch: pytest.MonkeyPatch
) -> None:
    signed, plain = write(tmp_path / "a.png", sealer), write(tmp_path / "b.png", None)
    monkeypatch.setattr(c2pa, "missing", lambda: "c2pa")
    assert read_signature(signed).state is State.UNCHECKED
    assert read_signature(plain).state is State.ABSENT


@pytest.mark.parametrize("avatar", ['{"avatars": 7}', '{"avatars": [{}]}', '{"engine": "x"}', "7"])
def test_a_strange_manifest_is_no_crash(
    tmp_path: Path, identity: Identity, monkeypatch: pytest.MonkeyPatch, avatar: str
) -> None:
    strange = manifest(CLAIM)
    strange["assertions"][1]["data"] = json.loads(avatar)
    monkeypatch.setattr(c2pa, "manifest", lambda _: strange)
    found = read_signature(write(tmp_path / "a.png", Sealer(identity, CLAIM)))
    assert found.avatars == ()
    assert found.state in (State.INVALID, State.VALID)
