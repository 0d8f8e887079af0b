"""TLS towards callers; certificates are read anew when their files change."""

import logging
from dataclasses import dataclass
from pathlib import Path

import grpc
from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from featuremill_serving.errors import UsageError

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class TlsFiles:
    """Our certificate and key, and the authorities of our callers' certificates; with those, every caller needs one."""

    certificate: Path
    key: Path
    client_ca: Path | None = None

    def read(self) -> tuple[bytes, bytes, bytes | None]:
        """What the files hold.

        Raises:
            UsageError: one can't be read, or the key isn't the certificate's.
        """
        mend = "give --tls-certificate, --tls-key and --tls-client-ca PEM files"
        try:
            held = (
                self.certificate.read_bytes(),
                self.key.read_bytes(),
                None if self.client_ca is None else self.client_ca.read_bytes(),
            )
        except OSError as error:
            raise UsageError(f"{error.filename}: {error.strerror}", mend) from None
        _check(self, *held)
        return held


def server_credentials(files: TlsFiles) -> grpc.ServerCredentials:
    """Credentials that are as the files are when a caller connects. Broken files are refused, and the last stay.

    Raises:
        UsageError: the files are broken now.
    """
    in_use = files.read()
    complaint = ""

    def configuration() -> grpc.ServerCertificateConfiguration | None:
        nonlocal in_use, complaint
        try:
            held = files.read()
        except UsageError as error:
            if error.message != complaint:
                complaint = error.message
                _log.error("certificates refused, the last ones stay: %s", error.message)
            return None
        complaint = ""
        if held == in_use:
            return None
        in_use = held
        _log.info("new certificates are in use")
        return _configuration(*held)

    return grpc.dynamic_ssl_server_credentials(
        _configuration(*in_use),
        configuration,  # type: ignore[arg-type]  # None means: as before
        require_client_authentication=files.client_ca is not None,
    )


def _configuration(certificate: bytes, key: bytes, client_ca: bytes | None) -> grpc.ServerCertificateConfiguration:
    return grpc.ssl_server_certificate_configuration([(key, certificate)], root_certificates=client_ca)


def _check(files: TlsFiles, certificate: bytes, key: bytes, client_ca: bytes | None) -> None:
    """Raises UsageError where gRPC would take them in silence and refuse every caller."""
    mend = "give PEM files that belong together"
    try:
        own = x509.load_pem_x509_certificates(certificate)[0]
    except ValueError:
        raise UsageError(f"{files.certificate}: no certificate in PEM", mend) from None
    try:
        private = load_pem_private_key(key, password=None)
    except (ValueError, TypeError):
        raise UsageError(f"{files.key}: no key in PEM without a password", mend) from None
    if private.public_key() != own.public_key():
        raise UsageError(f"{files.key}: not the key of {files.certificate}", mend)
    if client_ca is not None:
        try:
            x509.load_pem_x509_certificates(client_ca)
        except ValueError:
            raise UsageError(f"{files.client_ca}: no certificates in PEM", mend) from None
