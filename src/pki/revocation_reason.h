// Why a certificate is not good any more.
#pragma once

#include "codec/record.h"

namespace intaglio::pki {

// RFC 5280 section 5.3.1, by its numbers. `hold` is a suspension: the next list may leave it out.
enum class RevocationReason : std::uint8_t {
  unspecified = 0,
  key_compromise = 1,
  authority_compromise = 2,
  affiliation_changed = 3,
  superseded = 4,
  cessation = 5,
  hold = 6,
  privilege_withdrawn = 9,
};

}  // namespace intaglio::pki

namespace intaglio::codec {

template <>
struct EnumNames<pki::RevocationReason> {
  static constexpr std::pair<pki::RevocationReason, std::string_view> kNames[] = {
      {pki::RevocationReason::unspecified, "unspecified"},
      {pki::RevocationReason::key_compromise, "key_compromise"},
      {pki::RevocationReason::authority_compromise, "authority_compromise"},
      {pki::RevocationReason::affiliation_changed, "affiliation_changed"},
      {pki::RevocationReason::superseded, "superseded"},
      {pki::RevocationReason::cessation, "cessation"},
      {pki::RevocationReason::hold, "hold"},
      {pki::RevocationReason::privilege_withdrawn, "privilege_withdrawn"},
  };
};

}  // namespace intaglio::codec
