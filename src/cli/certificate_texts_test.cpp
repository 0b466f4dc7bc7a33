#include "cli/certificate_texts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace intaglio::cli {
namespace {

using testing::ElementsAre;
using testing::Pair;

const std::vector<ledger::GenesisAsset> kEuro = {{AssetId(978), "EUR", 2, Amount(1)}};

TEST(CertificateTexts, SayEveryBoundThatThereIs) {
  const pki::Capabilities all{.role = pki::CertificateUsage::holder,
                              .functions = {pki::Function::pay, pki::Function::hold},
                              .ceilings = {{AssetId(978), Amount(5000)}, {AssetId(999), Amount(7)}},
                              .simulated_element = false,
                              .categories = {{pki::MerchantCategory(42)}},
                              .offline = {{{AssetId(978), Amount(100)}}},
                              .places = {{"ud9d", "ud9e"}},
                              .expires_at = Millis(1'767'225'600'000)};
  EXPECT_THAT(
      capability_texts(all, kEuro),
      ElementsAre(Pair("allows", "pay, hold"),
                  Pair("at most", "50.00 EUR, 7 minor units of asset 999"),
                  Pair("categories", "0042"), Pair("offline", "at most 1.00 EUR"),
                  Pair("places", "ud9d, ud9e"), Pair("allowed", "until 2026-01-01T00:00:00Z"),
                  Pair("element", "vouched for by the operator")));
}

TEST(CertificateTexts, SayNothingOfWhatIsNotBound) {
  EXPECT_THAT(capability_texts({}, kEuro),
              ElementsAre(Pair("element", "simulated: only software guards the key")));
}

}  // namespace
}  // namespace intaglio::cli
