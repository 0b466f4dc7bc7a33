// For the CMP responder's tests and fuzz target: an authority that keeps everything in memory, and
// the certificates it stands under. Keys follow from seeds, so the same request can be answered in
// another run too.
#pragma once

#include <functional>
#include <mutex>

#include "crypto/seeded_key_for_test.h"
#include "pki/cmp.h"

namespace intaglio::pki {

inline constexpr Millis kCmpNow{1767225600000};  // 2026-01-01 00:00:00 UTC

inline const crypto::SeededKey& cmp_key(std::string_view name) {
  static std::map<std::string, crypto::SeededKey, std::less<>> keys;
  static std::mutex mutex;
  const std::lock_guard lock(mutex);
  const auto found = keys.find(name);
  if (found != keys.end()) return found->second;
  return keys.emplace(name, crypto::SeededKey::of(as_bytes(name))).first->second;
}

inline CertificateContent cmp_content(const crypto::PublicKey& key, std::string common_name,
                                      CertificateProfile profile, std::uint8_t serial) {
  SerialBits bits;
  bits.writable()[0] = 0x80;
  bits.writable()[15] = serial;
  return {serial_from(bits),
          {"", std::move(common_name), ""},
          {kCmpNow, kCmpNow + seconds(30 * 86400)},
          key,
          std::move(profile)};
}

template <typename T>
T have(Result<T> result) {
  CHECK(result.has_value());
  return *std::move(result);
}

inline CmpIdentity make_cmp_identity() {
  const auto& root_key = cmp_key("root");
  const auto& issuing_key = cmp_key("issuing");
  const auto& protection_key = cmp_key("protection");
  const Certificate root = have(build_self_signed(
      cmp_content(root_key.public_key(), "CMP root", RootAuthority{}, 1), root_key.signer()));
  const Certificate issuing = have(
      build_certificate(cmp_content(issuing_key.public_key(), "CMP issuing", IssuingAuthority{}, 2),
                        root, root_key.signer()));
  const Certificate protection = have(build_certificate(
      cmp_content(protection_key.public_key(), "CMP protection", CmpProtection{}, 3), issuing,
      issuing_key.signer()));
  return {{issuing, root}, protection, protection_key.signer()};
}

inline const CmpIdentity& cmp_identity() {
  static const CmpIdentity identity = make_cmp_identity();
  return identity;
}

// Gives each reference of `secrets` one certificate, and holders as many as they like.
class CmpAuthorityForTest : public CmpAuthority {
 public:
  struct Confirmed {
    Certificate certificate;
    CmpConfirmation confirmation;
  };

  std::map<std::string, std::string, std::less<>> secrets{{"app-42", "pass"}, {"app-43", "other"}};
  std::function<void()> while_identifying = [] {};
  std::function<void()> while_issuing = [] {};
  // How often it says that it has not decided yet, and what it decides then.
  std::size_t undecided = 0;
  Result<void> decision = {};

  // What it was asked, for whoever looks when nobody asks any more.
  std::vector<CmpApplication> applications;
  std::vector<std::pair<Certificate, RevocationReason>> revocations;
  std::vector<Confirmed> confirmations;
  std::vector<Certificate> issued;

  Result<Secret> secret_of(std::string_view reference) override {
    while_identifying();
    const auto found = secrets.find(reference);
    if (found == secrets.end()) return refuse(Verdict::challenge_unknown);
    return Secret(to_bytes(as_bytes(found->second)));
  }
  Result<void> admit(const Certificate& sender) override {
    const std::lock_guard lock(mutex_);
    for (const auto& [revoked, reason] : revocations) {
      if (revoked == sender) return refuse(Verdict::certificate_revoked);
    }
    return {};
  }
  Result<Certificate> issue(const Verified<CmpApplication>& application) override {
    while_issuing();
    const std::lock_guard lock(mutex_);
    applications.push_back(*application);
    TRY(decide());
    if (application->sender) return make_once(*application);
    const auto spent = spent_.find(application->reference);
    if (spent == spent_.end()) {
      Certificate certificate = make(*application);
      spent_.emplace(application->reference, std::pair(application->signed_part, certificate));
      return certificate;
    }
    if (spent->second.first != application->signed_part) return refuse(Verdict::challenge_spent);
    return spent->second.second;
  }
  Result<Certificate> renew(const Certificate& old,
                            const Verified<CmpApplication>& application) override {
    CHECK(application->sender == old);
    const std::lock_guard lock(mutex_);
    applications.push_back(*application);
    TRY(decide());
    return make_once(*application);
  }
  Result<void> revoke(const Certificate& certificate, RevocationReason reason) override {
    const std::lock_guard lock(mutex_);
    revocations.emplace_back(certificate, reason);
    return {};
  }
  Result<void> confirm(const Certificate& certificate, CmpConfirmation confirmation) override {
    const std::lock_guard lock(mutex_);
    confirmations.push_back({certificate, confirmation});
    return {};
  }

 private:
  Result<void> decide() {
    if (undecided == 0) return decision;
    --undecided;
    return refuse(Verdict::approval_pending, "0 of 1 officers");
  }
  Certificate make_once(const CmpApplication& application) {
    const auto made = made_.find(application.signed_part);
    if (made != made_.end()) return made->second;
    return made_.emplace(application.signed_part, make(application)).first->second;
  }
  Certificate make(const CmpApplication& application) {
    CertificateContent content =
        cmp_content(application.public_key, "holder", CertificateUsage::holder,
                    static_cast<std::uint8_t>(16 + issued.size()));
    if (!application.subject.common_name.empty()) content.subject = application.subject;
    issued.push_back(have(build_certificate(content, cmp_identity().authorities.front(),
                                            cmp_key("issuing").signer())));
    return issued.back();
  }

  std::mutex mutex_;
  std::map<std::string, std::pair<Bytes, Certificate>> spent_;  // by reference
  std::map<Bytes, Certificate> made_;                           // for holders, by application
};

}  // namespace intaglio::pki
