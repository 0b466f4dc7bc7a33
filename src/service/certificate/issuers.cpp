#include "service/certificate/issuers.h"

#include <algorithm>

#include "pki/path.h"

namespace intaglio::service {
namespace {

const Issuer* pointer_to(const std::vector<Issuer>& all, std::vector<Issuer>::const_iterator each) {
  return each == all.end() ? nullptr : &*each;
}

}  // namespace

const Issuer* Issuers::issuer_of(const pki::Certificate& certificate) const {
  return pointer_to(all_, std::ranges::find_if(all_, [&](const Issuer& each) {
                      return pki::names_issuer(certificate, each.certificate);
                    }));
}

const Issuer* Issuers::named(std::string_view name) const {
  return pointer_to(all_, std::ranges::find(all_, name, &Issuer::name));
}

std::optional<KeyHash> Issuers::key_that_signed(const pki::Certificate& certificate) const {
  if (const Issuer* issuer = issuer_of(certificate)) return issuer->certificate.key_hash();
  if (pki::names_issuer(certificate, root_)) return root_.key_hash();
  return std::nullopt;
}

std::vector<pki::Certificate> Issuers::certificates() const {
  std::vector<pki::Certificate> out;
  for (const Issuer& each : all_) {
    if (each.state != IssuerState::ended) out.push_back(each.certificate);
  }
  out.push_back(root_);
  return out;
}

}  // namespace intaglio::service
