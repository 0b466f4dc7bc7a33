// What a node answers: any JSON is read or refused, and a receipt that is read is written the same.
#include "base/check.h"
#include "cli/node_client.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace intaglio;
  const auto json = codec::parse_json(as_text(ByteView(data, size)));
  if (!json) return 0;
  if (const auto ledger = cli::LedgerInfo::from_json(*json)) {
    CHECK(!ledger->assets.empty());
    CHECK(ledger->asset(ledger->default_asset().id).has_value());
  }
  if (const auto known = cli::KnownCertificate::from_json(*json)) {
    CHECK(pki::Certificate::from_pem(known->certificate.to_pem()).has_value());
  }
  if (const auto approval = cli::AwaitedApproval::from_json(*json)) {
    CHECK(approval->digest == service::digest_of(approval->intended));
  }
  if (const auto receipt = cli::receipt_from_json(*json)) {
    const auto again = cli::receipt_from_json(codec::record_to_json(*receipt));
    CHECK(again.has_value());
    CHECK(codec::encode_record(*again) == codec::encode_record(*receipt));
  }
  return 0;
}
