// Certificate revocation lists (RFC 5280 section 5): full, direct lists, signed by the authority
// that issued the certificates.
#pragma once

#include "base/verified.h"
#include "pki/certificate.h"
#include "pki/revocation_reason.h"

struct X509_crl_st;  // OpenSSL's X509_CRL

namespace intaglio::pki {

struct RevokedCertificate {
  SerialNumber serial;
  Millis revoked_at;  // whole seconds
  RevocationReason reason = RevocationReason::unspecified;
  bool operator==(const RevokedCertificate&) const = default;
};

struct RevocationListContent {
  std::uint64_t number = 0;  // grows with every list of this issuer
  Millis this_update;        // whole seconds
  Millis next_update;        // from then on the list is too old
  std::vector<RevokedCertificate> revoked;
  bool operator==(const RevocationListContent&) const = default;
};

// A list as it stands, parsed once; copies share the parsed form. Any thread.
class RevocationList {
 public:
  static constexpr std::size_t kMaxBytes = 1024 * 1024;

  // One DER encoding with nothing after it. `too_large`, `bad_encoding`, `trailing_bytes`,
  // `bad_version` (not v2), `missing_field` (number or next update), `bad_value`.
  static Result<RevocationList> parse(ByteView der);
  static Result<RevocationList> from_pem(std::string_view pem);
  std::string to_pem() const;

  const RevocationListContent& content() const { return fields_->content; }
  const Name& issuer() const { return fields_->issuer; }
  const Bytes& der() const { return fields_->der; }

  // For this module: the parsed form, never null.
  X509_crl_st* native() const { return fields_->native.get(); }

 private:
  struct Fields {
    RevocationListContent content;
    Name issuer;
    Bytes der;
    std::shared_ptr<X509_crl_st> native;
  };
  friend struct RevocationListParser;
  explicit RevocationList(Fields fields)
      : fields_(std::make_shared<const Fields>(std::move(fields))) {}
  std::shared_ptr<const Fields> fields_;
};

// Builds a list under `issuer` and has it signed. `bad_value`: a serial named twice, times in the
// wrong order, a signer without the issuer's key.
Result<RevocationList> build_revocation_list(const RevocationListContent& content,
                                             const Certificate& issuer,
                                             const crypto::Signer& signer);

// Whether `issuer` signed the list (ES256): `path_invalid` when it is another's, `bad_algorithm`,
// `bad_signature`. The issuer itself must have been validated by the caller.
Result<Verified<RevocationList>> verify_revocation_list(const RevocationList& list,
                                                        const Certificate& issuer);

}  // namespace intaglio::pki
