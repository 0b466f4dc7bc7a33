// Signs the authority's answers by OCSP with a key that the authority certifies for this alone, for
// days at a time (RFC 6960 section 4.2.2.2): the issuing key signs certificates and lists only. The
// key is never stored: each certificate is for a new one.
#pragma once

#include <map>

#include "element/secure_element.h"
#include "pki/ocsp.h"
#include "service/certificate/authority.h"

namespace intaglio::service {

// Any thread. References must outlive it.
class OcspSigner {
 public:
  OcspSigner(Authority& authority, Env& env) : authority_(authority), env_(env) {}

  // The whole OCSPResponse for this content, in the name of one of the authority's issuers. What
  // says of one certificate, without a nonce, what was said of it less than a quarter of its time
  // ago is not signed again. As build_ocsp_response, and as Authority::certify_responder.
  Result<Bytes> respond(const Issuer& issuer, const pki::OcspResponseContent& content);

  // The responder of an issuer now, made anew when half of its time is over.
  Result<pki::Certificate> certificate(const Issuer& issuer);

  static constexpr std::size_t kMostKept = 10'000;  // answers, some 1 KiB each

 private:
  // Who signs now.
  struct Responder {
    std::shared_ptr<element::SecureElement> key;
    pki::Certificate certificate;
  };
  Result<Responder> responder(const Issuer& issuer);
  std::optional<Responder> present(const Issuer& issuer);
  static constexpr Duration kTriedAgain = seconds(60);  // after the chain did not take it

  struct Kept {
    pki::OcspStatus status;
    Millis made;
    Bytes response;
  };
  std::optional<Bytes> kept(const pki::OcspResponseContent& content);
  void keep(const pki::OcspResponseContent& content, const Bytes& response);

  Authority& authority_;
  Env& env_;
  std::mutex certifying_;                     // one at a time, and it waits for the main chain
  std::map<std::string, Millis> not_before_;  // under it: when to try again, by the issuer's name
  std::mutex holding_;
  std::map<std::string, Responder> responders_;  // by the issuer's name
  std::mutex keeping_;
  std::map<Bytes, Kept> kept_;  // by the question's encoding
};

}  // namespace intaglio::service
