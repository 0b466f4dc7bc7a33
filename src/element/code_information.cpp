#include "element/code_information.h"

#include "base/format.h"
#include "codec/address.h"
#include "codec/base64url.h"
#include "codec/emv_text.h"
#include "codec/utf8.h"
#include "proof/payment_code.h"

namespace intaglio::element {
namespace {

constexpr std::size_t kMaxCharacters = 512;  // as codec::EmvLimits
constexpr unsigned kFirstAccount = 2;        // merchant account information, 02 to 51
constexpr unsigned kLastAccount = 51;
constexpr unsigned kPayee = 26;
constexpr unsigned kCrc = 63;
constexpr unsigned kFirstUnreserved = 80;  // templates of anybody's, 80 to 99
constexpr unsigned kHeader = 80;
constexpr unsigned kSignatureFirst = 81;
constexpr unsigned kSignatureSecond = 82;
constexpr unsigned kGuid = 0;

struct ExpectedObject {
  unsigned id;
  std::string value;
};

// Whether a template holds exactly these objects, in any order.
bool holds(std::string_view value, std::span<const ExpectedObject> expected) {
  const auto inside = codec::parse_emv_objects(value);
  if (!inside || inside->all().size() != expected.size()) return false;
  return std::ranges::all_of(expected, [&](const ExpectedObject& object) {
    const auto* found = inside->find(object.id);
    return found != nullptr && found->value == object.value;
  });
}

// The one merchant account is the bound one: an account of any other scheme beside it would be
// somebody's to choose whom we cannot check.
Result<void> check_payee(const codec::EmvObjects& objects, const ExpectedCode& expected) {
  for (const auto& object : objects.all()) {
    if (object.id >= kFirstAccount && object.id <= kLastAccount && object.id != kPayee) {
      return refuse(Verdict::element_foreign_account, format("{:02}", object.id));
    }
  }
  ASSIGN(const auto payee, objects.value(kPayee));
  const ExpectedObject content[] = {{kGuid, std::string(expected.guid)},
                                    {1, codec::to_text(expected.released.account)}};
  if (!holds(payee, content)) return refuse(Verdict::element_foreign_account, "26");
  return {};
}

Result<void> check_security_data(const codec::EmvObjects& objects, const ExpectedCode& expected) {
  ASSIGN(const auto header, objects.value(kHeader));
  const proof::SecurityData& released = expected.released;
  const ExpectedObject content[] = {
      {kGuid, std::string(expected.guid)},
      {1, std::string(proof::kCodeProfile)},
      {2, codec::to_base64url(proof::KeyId::prefix_of(expected.display).view())},
      {3, format("{}", released.step.value())},
      {4, format("{:010}", released.counter)},
      {8, codec::to_base64url(released.value.view())},
  };
  if (!holds(header, content)) return refuse(Verdict::security_data_mismatch, "80");
  return {};
}

// Nothing that belongs behind the signed bytes, and no second template of ours: a reader finds ours
// by its GUID.
Result<void> check_no_other_template(const codec::EmvObjects& objects, std::string_view guid) {
  for (const auto& object : objects.all()) {
    const bool behind =
        object.id == kCrc || object.id == kSignatureFirst || object.id == kSignatureSecond;
    if (behind) return refuse(Verdict::unknown_field, format("{:02}", object.id));
    if (object.id < kFirstUnreserved || object.id == kHeader) continue;
    const auto inside = codec::parse_emv_objects(object.value);
    if (!inside) return refuse_within(format("{:02}", object.id), inside.error());
    const auto* other = inside->find(kGuid);
    if (other != nullptr && other->value == guid) {
      return refuse(Verdict::duplicate_field, format("{:02}", object.id));
    }
  }
  return {};
}

}  // namespace

Result<void> check_code_information(std::string_view text, const ExpectedCode& expected) {
  // A character is one to four bytes: a text far too long is not looked at.
  if (text.size() / 4 > kMaxCharacters) return refuse(Verdict::too_large);
  ASSIGN(const auto objects, codec::parse_emv_objects(text));
  if (codec::utf8_length(text) > kMaxCharacters) return refuse(Verdict::too_large);
  ASSIGN(const auto version, objects.value(0));
  if (version != "01" || objects.all().front().id != 0) return refuse(Verdict::bad_version, "00");
  TRY(check_payee(objects, expected));
  TRY(check_security_data(objects, expected));
  return check_no_other_template(objects, expected.guid);
}

}  // namespace intaglio::element
