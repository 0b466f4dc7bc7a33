// What the authority says of its certificates to whoever asks, signed: whether one was revoked
// (OCSP, RFC 6960), and the list of all that were (RFC 5280 section 5). Both say what the main
// chain says; a suspended one is revoked with the reason `hold`.
#pragma once

#include <map>

#include "pki/revocation_list.h"
#include "service/certificate/ocsp_signer.h"

namespace intaglio::service {

// Any thread. References must outlive the desk. Of each certificate speaks who issued it, also when
// that one issues no more.
class StatusDesk {
 public:
  StatusDesk(store::RecordStore& records, Authority& authority, Env& env)
      : records_(records), authority_(authority), ocsp_(authority, env), env_(env) {}

  // A whole OCSPResponse in DER, failures too: what cannot be read is `malformed_request`. One
  // issuer's responder signs it, that of the first certificate asked for: others', and what nobody
  // here issued, is answered as unknown; `unauthorized` when the issuer's key is gone.
  Bytes answer(ByteView request);

  // The newest list of the issuing authority `name` ("issuing-2"; empty: the current one), or
  // that of the root ("root") as it was installed; `unknown_route` when there is none with a key.
  // It is made anew once the standing of a certificate changed, and after kListRenewed; each has a
  // higher number than the last, also after a restart: the time in ms, or more. So it has after a
  // restore of older records too, while the clock is right. Refuses with the signer's refusal or
  // the disk's.
  Result<pki::RevocationList> list(std::string_view name = {});

  static constexpr Duration kAnswerGood = seconds(3600);     // how long an OCSP answer holds
  static constexpr Duration kListGood = seconds(24 * 3600);  // and a list
  static constexpr Duration kListRenewed = seconds(12 * 3600);

 private:
  Result<Bytes> answer_to(ByteView encoded);
  const Issuer& issuer_asked(const pki::OcspQuestion& question) const;
  pki::OcspStatus status_of(const pki::OcspQuestion& question, const Issuer& issuer) const;
  pki::RevocationListContent content(const Issuer& issuer, Millis now) const;

  store::RecordStore& records_;
  const Authority& authority_;
  OcspSigner ocsp_;
  Env& env_;
  std::mutex making_list_;
  struct Made {
    pki::RevocationList list;
    std::uint64_t changes;  // of the issuer's certificates, when it was made
  };
  std::map<std::string, Made> last_;  // by the issuer's name
};

}  // namespace intaglio::service
