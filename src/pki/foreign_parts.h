// Parts in DER that other programs make: names, public keys, signatures. For this module alone.
#pragma once

#include "pki/certificate.h"
#include "pki/der_reader.h"

namespace intaglio::pki {

// The attributes of ours that a distinguished name has (RFC 5280 section 4.1.2.4); others are left
// aside. `too_large` above 4 KiB.
Result<Name> read_name(ByteView der);

// A SubjectPublicKeyInfo's content: id-ecPublicKey on P-256, `bad_key` otherwise.
Result<crypto::PublicKey> read_public_key(ByteView content);

// The hash of an ecdsa-with-SHA256, -SHA384 or -SHA512 AlgorithmIdentifier (RFC 5758 section 3.2);
// `bad_algorithm` for every other.
enum class EcdsaHash { sha256, sha384, sha512 };
Result<EcdsaHash> read_ecdsa_hash(ByteView algorithm_content);

// Whether `signature` (DER, low or high s: foreign signers make both) is the key's over `message`.
bool verify_ecdsa(const crypto::PublicKey& key, EcdsaHash hash, ByteView message,
                  ByteView signature);

// SHA-1, for the places where a foreign protocol names issuers by it and nothing rests on it.
using Sha1Digest = FixedBytes<struct Sha1DigestTag, 20>;
Sha1Digest sha1(ByteView message);

// A serial number's INTEGER content: `bad_value` when it is negative or longer than 20 bytes.
Result<SerialNumber> read_serial(ByteView integer_content);

// The URIs of a SubjectAltName's value: at most `limit`, each at most 256 bytes (`too_large`).
Result<std::vector<std::string>> read_uris(ByteView subject_alt_name, std::size_t limit);

}  // namespace intaglio::pki
