// The one judgement of certificates: does this one lead to an authority we trust, at this time,
// by algorithms that are good enough, and was none of them revoked (RFC 5280 section 6).
#pragma once

#include "base/verified.h"
#include "pki/revocation_list.h"

namespace intaglio::pki {

// Which keys and hashes are good enough. The default is production's: elliptic curve keys on P-256,
// P-384 or P-521, hashes of SHA-256 and longer, and nothing else. Only tests widen it.
struct AlgorithmPolicy {
  unsigned smallest_hash_bits = 256;
  std::optional<unsigned> smallest_rsa_bits = {};  // nothing: no RSA
  bool dsa = false;
};

// Whose revocation must be looked up. A list that is missing, too old or not its issuer's refuses
// the path: not to know is not to trust.
enum class RevocationCheck : std::uint8_t {
  none,  // the caller knows from elsewhere, e.g. from the key's row on its chain
  leaf,
  path,  // the leaf and every authority below the anchor
};

// The inputs of RFC 5280 section 6.1.1 (c) to (f), in dotted text. The default takes any policy.
struct CertificatePolicies {
  std::vector<std::string> acceptable;  // none: any policy
  bool require_explicit = false;
  bool inhibit_mapping = false;
  bool inhibit_any = false;
};

struct PathQuestion {
  Millis at;                                   // the time to judge at
  std::optional<CertificateUsage> usage = {};  // what the leaf must be for; nothing: anything
  RevocationCheck revocation = RevocationCheck::none;
  AlgorithmPolicy algorithms = {};
  CertificatePolicies policies = {};
  // Lists signed for other issuers or by other keys than the issuer's, and delta lists. We make
  // none.
  bool indirect_lists = false;
};

// What there is to judge with. Order does not matter.
struct PathMaterial {
  std::vector<Certificate> intermediates;  // from anywhere, not trusted by themselves
  std::vector<Certificate> anchors;        // self-signed, trusted
  std::vector<RevocationList> lists;       // from anywhere
};

inline constexpr std::size_t kMaxPathCertificates = 32;  // intermediates and anchors together
inline constexpr std::size_t kMaxPathLists = 32;

// Refuses with the reason and the depth at which it was found (0 is the leaf) in `where`:
// `path_invalid`, `certificate_not_valid_now`, `certificate_revoked`, `weak_key`, `not_capable`
// (not for the usage asked for). A critical extension that nobody here understands is
// `path_invalid`. Pure; any thread.
Result<Verified<Certificate>> validate_path(const Certificate& leaf, const PathMaterial& material,
                                            const PathQuestion& question);

// The same judgement over DER encodings, for certificates that Certificate does not hold (foreign
// authorities with RSA keys, the public test suites). It verifies nothing into a type.
struct EncodedPath {
  Bytes leaf;
  std::vector<Bytes> intermediates;
  std::vector<Bytes> anchors;
  std::vector<Bytes> lists;
};
Result<void> check_encoded_path(const EncodedPath& path, const PathQuestion& question);

// Whether the certificate names that one as its issuer: by name and, where it says so, by key (RFC
// 5280 sections 4.1.2.4 and 4.2.1.1). The signature is not looked at. Any thread.
bool names_issuer(const Certificate& certificate, const Certificate& issuer);

}  // namespace intaglio::pki
