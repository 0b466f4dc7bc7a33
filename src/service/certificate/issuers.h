// The issuing authorities of a node: the one that signs certificates now, and those before it, each
// of which goes on saying what became of its own.
#pragma once

#include <string>
#include <vector>

#include "base/check.h"
#include "codec/record.h"
#include "pki/revocation_list.h"

namespace intaglio::service {

// At a time: those whose certificates have ended do not count.
inline constexpr std::size_t kMaxIssuers = 8;

enum class IssuerState : std::uint8_t {
  current = 1,   // issues
  kept = 2,      // says what became of its own
  revoked = 3,   // by the root; says so while its key is there
  key_gone = 4,  // says nothing any more; its certificates are as good as before
  ended = 5,     // its certificate is over, and so are all of its own
};

struct Issuer {
  std::string name;  // of its files and its list: "issuing", "issuing-2"
  pki::Certificate certificate;
  IssuerState state = IssuerState::current;
  std::optional<crypto::Signer> signer = {};               // unless key_gone or ended
  std::optional<pki::RevokedCertificate> revocation = {};  // what the root's list says of it
};

// Does not change while the node runs. Any thread; elements behind the signers must outlive it.
class Issuers {
 public:
  // The one that issues first, then newest first. `root_list` is what the root revoked, if
  // anything.
  Issuers(pki::Certificate root, std::optional<pki::RevocationList> root_list,
          std::vector<Issuer> all)
      : root_(std::move(root)), root_list_(std::move(root_list)), all_(std::move(all)) {
    CHECK(!all_.empty() && all_.front().signer && all_.front().state == IssuerState::current);
  }

  const pki::Certificate& root() const { return root_; }
  const std::optional<pki::RevocationList>& root_list() const { return root_list_; }
  const Issuer& current() const { return all_.front(); }
  const std::vector<Issuer>& all() const { return all_; }

  // Who issued it; null for a certificate of nobody here, and of the root.
  const Issuer* issuer_of(const pki::Certificate& certificate) const;
  const Issuer* named(std::string_view name) const;
  // The key that signed it, the root's too: nothing for a certificate of nobody here.
  std::optional<KeyHash> key_that_signed(const pki::Certificate& certificate) const;

  // What a client needs to judge any certificate of this node that may be good: the current one
  // first, the root last.
  std::vector<pki::Certificate> certificates() const;

 private:
  pki::Certificate root_;
  std::optional<pki::RevocationList> root_list_;
  std::vector<Issuer> all_;
};

}  // namespace intaglio::service

template <>
struct intaglio::codec::EnumNames<intaglio::service::IssuerState> {
  using IssuerState = intaglio::service::IssuerState;
  static constexpr std::pair<IssuerState, std::string_view> kNames[] = {
      {IssuerState::current, "current"},
      {IssuerState::kept, "kept"},
      {IssuerState::revoked, "revoked"},
      {IssuerState::key_gone, "key_gone"},
      {IssuerState::ended, "ended"}};
};
