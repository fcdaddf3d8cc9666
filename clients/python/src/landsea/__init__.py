"""Client of the Landsea ledger.

- `Paper` normalises a document and computes its fingerprints; field values never leave the firm.
- `Client` talks to a node; `Draft` builds and signs transactions with the keys of `KeyFile`.
- `verify_certificate` judges a certificate offline, from a `Genesis` file alone.
"""

from .certificate import PaperEvidence, Trust, verify_answer, verify_certificate
from .codec import CODEC, Codec, CodecError
from .crypto import SecretKey
from .fingerprint import Paper, PaperError, Salts, party_raw, single_request, site_raw
from .genesis import Genesis, GenesisError
from .keys import Identity, KeyFile, KeyFileError
from .normalise import NormaliseError, normalise
from .rpc import (
    BusyError,
    Client,
    ForbiddenError,
    HeightError,
    OtherAnswerError,
    ProtocolError,
    QuotaExceededError,
    RefusedError,
    RpcError,
    TransportError,
    UnauthenticatedError,
    WaitTimeoutError,
    WrongNodeError,
)
from .transaction import Draft, DraftError, SignedTransaction, created_id, operation, sign_consent
from .verdict import HistoryVerification, Verification

__all__ = [
    "CODEC",
    "BusyError",
    "Client",
    "Codec",
    "CodecError",
    "Draft",
    "DraftError",
    "ForbiddenError",
    "Genesis",
    "GenesisError",
    "HeightError",
    "HistoryVerification",
    "Identity",
    "KeyFile",
    "KeyFileError",
    "NormaliseError",
    "OtherAnswerError",
    "Paper",
    "PaperError",
    "PaperEvidence",
    "ProtocolError",
    "QuotaExceededError",
    "RefusedError",
    "RpcError",
    "Salts",
    "SecretKey",
    "SignedTransaction",
    "TransportError",
    "Trust",
    "UnauthenticatedError",
    "Verification",
    "WaitTimeoutError",
    "WrongNodeError",
    "created_id",
    "normalise",
    "operation",
    "party_raw",
    "sign_consent",
    "single_request",
    "site_raw",
    "verify_answer",
    "verify_certificate",
]
