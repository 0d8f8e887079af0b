"""TLS towards callers; certificates are read anew when their files change."""

import logging
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

import grpc

from featuremill_serving.errors import UsageError
from featuremill_serving.logs import Complaint

_T = TypeVar("_T")
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


class _Certificates(Generic[_T]):
    """What is made of the files, looked at whenever a caller connects. Broken files are refused, and the last stay."""

    def __init__(self, files: TlsFiles, make: Callable[[bytes, bytes, bytes | None], _T]) -> None:
        """Raises UsageError where the files are broken now."""
        self._files = files
        self._make = make
        self._complaint = Complaint(_log)
        self._held = files.read()
        self.made = make(*self._held)

    def look(self) -> bool:
        """Whether `made` is new."""
        try:
            held = self._files.read()
            if held == self._held:
                self._complaint.withdraw()
                return False
            self.made = self._make(*held)
        except UsageError as error:
            self._complaint.say(f"certificates refused, the last ones stay: {error.message}")
            return False
        self._held = held
        self._complaint.withdraw()
        _log.info("new certificates are in use")
        return True


def server_credentials(files: TlsFiles) -> grpc.ServerCredentials:
    """Credentials for gRPC that are as the files are when a caller connects.

    Raises:
        UsageError: the files are broken now.
    """
    certificates = _Certificates(files, _configuration)
    return grpc.dynamic_ssl_server_credentials(
        certificates.made,
        lambda: certificates.made if certificates.look() else None,  # type: ignore[arg-type,return-value]  # as before
        require_client_authentication=files.client_ca is not None,
    )


def server_context(files: TlsFiles) -> ssl.SSLContext:
    """The same for a server that speaks Python's own TLS.

    Raises:
        UsageError: the files are broken now.
    """
    certificates = _Certificates(files, lambda *_: _context(files))

    def choose(connection: ssl.SSLSocket | ssl.SSLObject, name: str | None, first: ssl.SSLContext) -> None:
        """Called for every connection, whether it names a host or not."""
        certificates.look()
        connection.context = certificates.made

    first = _context(files)
    first.sni_callback = choose
    return first


def _context(files: TlsFiles) -> ssl.SSLContext:
    """From the files themselves, as Python takes no key from memory; raises UsageError."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    # a session that is resumed isn't verified again, whatever authorities there are by then
    context.num_tickets = 0
    try:
        context.load_cert_chain(files.certificate, files.key)
        if files.client_ca is not None:
            context.verify_mode = ssl.CERT_REQUIRED
            context.load_verify_locations(files.client_ca)
    except OSError as error:
        raise UsageError(f"{files.certificate}: {error}", "give PEM files that belong together") from None
    return context


def _configuration(certificate: bytes, key: bytes, client_ca: bytes | None) -> grpc.ServerCertificateConfiguration:
    return grpc.ssl_server_certificate_configuration([(key, certificate)], root_certificates=client_ca)


def _check(files: TlsFiles, certificate: bytes, key: bytes, client_ca: bytes | None) -> None:
    """Raises UsageError where gRPC would take them in silence and refuse every caller."""
    from cryptography import x509  # takes a tenth of the time of a start, which a service without TLS doesn't need
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    mend = "give PEM files that belong together"
    try:
        own = x509.load_pem_x509_certificates(certificate)[0].public_key()
    except (ValueError, UnsupportedAlgorithm):
        raise UsageError(f"{files.certificate}: no certificate in PEM", mend) from None
    try:
        private = load_pem_private_key(key, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise UsageError(f"{files.key}: no key in PEM without a password", mend) from None
    if private.public_key() != own:
        raise UsageError(f"{files.key}: not the key of {files.certificate}", mend)
    if client_ca is not None:
        try:
            x509.load_pem_x509_certificates(client_ca)
        except ValueError:
            raise UsageError(f"{files.client_ca}: no certificates in PEM", mend) from None
