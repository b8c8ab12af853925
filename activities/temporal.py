"""The connection to Temporal, the same for worker, API, command line and tests: converter, codec, encoded failures."""

import dataclasses

from temporalio.client import Client, GrpcCompression
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.converter import DataConverter, DefaultFailureConverterWithEncodedAttributes
from temporalio.service import TLSConfig

from db.crypto.keyring import Keyring
from db.crypto.payload_codec import SealingCodec
from settings import TemporalSettings


def data_converter(keyring: Keyring, namespace: str) -> DataConverter:
    """Pydantic models, sealed; messages and stack traces of failures are sealed too."""
    return dataclasses.replace(
        pydantic_data_converter,
        payload_codec=SealingCodec(keyring, namespace),
        failure_converter_class=DefaultFailureConverterWithEncodedAttributes,
    )


async def connect(settings: TemporalSettings, keyring: Keyring, *, lazy: bool = False) -> Client:
    """A client; `lazy` connects at the first call, so that an API starts while Temporal is away."""
    return await Client.connect(
        settings.address,
        namespace=settings.namespace,
        data_converter=data_converter(keyring, settings.namespace),
        tls=_tls(settings),
        api_key=settings.api_key.get_secret_value() or None,
        lazy=lazy,
        grpc_compression=GrpcCompression.NONE if settings.address.startswith("127.") else GrpcCompression.GZIP,
    )


def _tls(settings: TemporalSettings) -> TLSConfig | bool:
    root, certificate, key = (
        path.read_bytes() if path else None
        for path in (
            settings.tls_root_certificate,
            settings.tls_client_certificate,
            settings.tls_client_key,
        )
    )
    if root or certificate or key:
        return TLSConfig(server_root_ca_cert=root, client_cert=certificate, client_private_key=key)
    return settings.tls or bool(settings.api_key.get_secret_value())
