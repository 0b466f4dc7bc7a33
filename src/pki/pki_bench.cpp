// What the authority and those who judge its certificates compute, beside the signatures in it; one
// thread.
//   sign_and_verify     one ES256 signature and one verification: the limit of what follows
//   certificate_issue   the authority's own check of an application, and the certificate
//   path_from_bytes     a leaf parsed and judged up to the root, under an issuing authority
//   path_parsed         the same of a certificate that was parsed before
//   two_verifications   their limit: the path has two signatures to check
// The sizes of what a client sends and gets stand beside certificate_issue.
#include <benchmark/benchmark.h>

#include "base/check.h"
#include "base/env.h"
#include "crypto/sha256.h"
#include "pki/enrolment_answer.h"
#include "pki/path.h"

namespace intaglio::pki {
namespace {

constexpr Millis kNow{1767225600000};  // 2026-01-01 00:00:00 UTC
constexpr Duration kYear = seconds(365 * 86400);

template <typename T>
T have(Result<T> result) {
  CHECK(result.has_value());
  return *std::move(result);
}

struct Holder {
  crypto::SigningKey key = crypto::SigningKey::generate();
  crypto::Signer signer{key.public_key(), [this](ByteView message) -> Result<crypto::Signature> {
                          return key.sign(crypto::sha256(message));
                        }};
};

struct Bench {
  Holder root_holder;
  Holder issuing_holder;
  Holder shop;
  Certificate root = have(build_self_signed(
      content(root_holder.key.public_key(), "root", RootAuthority{}), root_holder.signer));
  Certificate issuing = have(
      build_certificate(content(issuing_holder.key.public_key(), "issuing", IssuingAuthority{}),
                        root, root_holder.signer));
  PathMaterial material{.intermediates = {issuing}, .anchors = {root}, .lists = {}};
  crypto::Verifier verifier{issuing_holder.key.public_key()};
  ApplicationInformation information{
      .issued_at = kNow, .expires_at = kNow + seconds(300), .login = "shop", .ledger = {}};
  CertificateRequest request = request_for(have(verify_application(answer(), information, kNow)));

  static CertificateContent content(const crypto::PublicKey& key, std::string common_name,
                                    CertificateProfile profile) {
    return {.serial = serial_from(system_env().random_id<SerialBits>()),
            .subject = {{}, std::move(common_name), codec::to_hex(key.hash())},
            .validity = {kNow, kNow + kYear},
            .public_key = key,
            .profile = std::move(profile)};
  }
  EnrolmentAnswer answer() const { return have(sign_application(information, shop.signer, true)); }
  Certificate issue() const {
    const auto application = have(verify_request(request, information, kNow));
    const auto usage = application->information.usage;
    auto wanted = content(application->public_key, "shop", usage);
    wanted.account = Address{ChainId(1), AccountId::prefix_of(application->public_key.hash())};
    wanted.capabilities =
        Capabilities{.role = usage,
                     .functions = {Function::pay, Function::refund, Function::hold},
                     .ceilings = {}};
    return have(build_certificate(wanted, issuing, issuing_holder.signer));
  }
};

const Bench& bench() {
  static const Bench made;
  return made;
}

void sign_and_verify(benchmark::State& state) {
  const Bytes message(300, 1);
  const Digest digest = crypto::sha256(message);
  for (auto _ : state) {
    const auto signature = bench().issuing_holder.signer.sign(message);
    CHECK(bench().verifier.verify(digest, *signature));
  }
}
BENCHMARK(sign_and_verify);

void certificate_issue(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(bench().issue());
  const auto bytes = [](std::size_t size) { return static_cast<double>(size); };
  state.counters["compact_bytes"] = bytes(encode_compact(bench().answer()).size());
  state.counters["framed_bytes"] = bytes(encode_framed(bench().answer()).size());
  state.counters["certificate_bytes"] = bytes(bench().issue().der().size());
}
BENCHMARK(certificate_issue);

void two_verifications(benchmark::State& state) {
  const Digest digest = crypto::sha256(Bytes(300, 1));
  const auto signature = have(bench().issuing_holder.signer.sign(Bytes(300, 1)));
  for (auto _ : state) {
    for (int i = 0; i < 2; ++i) CHECK(bench().verifier.verify(digest, signature));
  }
}
BENCHMARK(two_verifications);

void judge(const Certificate& leaf) {
  CHECK(validate_path(leaf, bench().material, {.at = kNow, .usage = CertificateUsage::holder})
            .has_value());
}

void path_from_bytes(benchmark::State& state) {
  const Bytes der = bench().issue().der();
  for (auto _ : state) judge(have(Certificate::parse(der)));
}
BENCHMARK(path_from_bytes);

void path_parsed(benchmark::State& state) {
  const Certificate leaf = bench().issue();
  for (auto _ : state) judge(leaf);
}
BENCHMARK(path_parsed);

}  // namespace
}  // namespace intaglio::pki
