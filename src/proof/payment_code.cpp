#include "proof/payment_code.h"

#include "base/check.h"
#include "base/format.h"
#include "codec/base64url.h"
#include "codec/emv_text.h"
#include "codec/json.h"
#include "codec/utf8.h"
#include "crypto/sha256.h"

namespace intaglio::proof {
namespace {

// Ids of EMVCo MPM 1.1 table 3.1, and of our templates among the unreserved ones.
constexpr unsigned kPointOfInitiation = 1;
constexpr std::string_view kDynamic = "12";
constexpr unsigned kAccountTemplate = 26;
constexpr unsigned kLastAccountTemplate = 51;
constexpr unsigned kCategory = 52;
constexpr unsigned kCurrency = 53;
constexpr unsigned kAmount = 54;
constexpr unsigned kFees[] = {55, 56, 57};
constexpr unsigned kCountry = 58;
constexpr unsigned kMerchant = 59;
constexpr unsigned kCity = 60;
constexpr unsigned kAdditionalData = 62;
constexpr unsigned kFirstUnreserved = 80;
constexpr unsigned kLastUnreserved = 99;
constexpr unsigned kHeaderTemplate = 80;
constexpr unsigned kSignatureTemplates[] = {81, 82};

// Inside templates.
constexpr unsigned kGuid = 0;
constexpr unsigned kContent = 1;  // the account, or half a signature
constexpr unsigned kProfile = 1;
constexpr unsigned kKey = 2;
constexpr unsigned kStep = 3;
constexpr unsigned kCounter = 4;
constexpr unsigned kSecurity = 8;
constexpr unsigned kReference = 5;
constexpr unsigned kTerminal = 7;

constexpr std::size_t kHalfSignature = 43;  // of 86 base64url characters
constexpr std::size_t kMaxGuid = 32;        // EMVCo MPM 1.1 table 4.9
constexpr std::size_t kMaxMerchant = 25;
constexpr std::size_t kMaxCity = 15;
constexpr std::size_t kMaxLabel = 25;
constexpr std::size_t kMaxAmount = 13;

constexpr std::string_view kPrefix{"PAY-MPM1\0", 9};

std::string name_of(unsigned id) { return format("{:02}", id); }
std::string name_of(unsigned id, unsigned inner) { return format("{:02}.{:02}", id, inner); }

// A template with our GUID, its objects and where it stands.
struct OurTemplate {
  unsigned id;
  std::size_t offset;
  codec::EmvObjects objects;

  // A required object: `missing_field`.
  Result<std::string_view> value(unsigned inner) const {
    auto found = objects.value(inner);
    if (!found) return refuse(Verdict::missing_field, name_of(id, inner));
    return found;
  }
  // Nothing but these: an object whose meaning we do not know might change that of the others.
  Result<void> only(std::initializer_list<unsigned> known) const {
    for (const auto& object : objects.all()) {
      if (std::ranges::find(known, object.id) == known.end()) {
        return refuse(Verdict::unknown_field, name_of(id, object.id));
      }
    }
    return {};
  }
};

// Those among ids `first` to `last`, in the order they stand in. `bad_encoding` for a template that
// begins with our GUID and then cannot be read: it is not for us to pass over.
Result<std::vector<OurTemplate>> our_templates(const codec::EmvObjects& objects, unsigned first,
                                               unsigned last, std::string_view guid) {
  std::vector<OurTemplate> out;
  for (const auto& object : objects.all()) {
    if (object.id < first || object.id > last) continue;
    auto inside = codec::parse_emv_objects(object.value);
    if (!inside) {
      codec::EmvWriter ours;
      if (!object.value.starts_with(ours.put(kGuid, guid).view())) continue;
      return refuse_within(name_of(object.id), inside.error());
    }
    const auto* name = inside->find(kGuid);
    if (name != nullptr && name->value == guid) {
      out.push_back({object.id, object.offset, *std::move(inside)});
    }
  }
  return out;
}

bool are_digits(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

// Digits in the one form a number has: no leading zero, or exactly `width` characters.
Result<std::uint64_t> read_number(std::string_view text, std::optional<std::size_t> width,
                                  std::uint64_t max) {
  const bool one_form = width ? text.size() == *width : text == "0" || !text.starts_with('0');
  const auto number = codec::uint_from_digits(text);
  if (!one_form || !number || *number > max) return refuse(Verdict::bad_value);
  return *number;
}

template <typename Id>
Result<Id> read_base64url(std::string_view text) {
  ASSIGN(const auto bytes, codec::from_base64url(text));
  const auto id = Id::from(bytes);
  if (!id) return refuse(Verdict::bad_value, "length");
  return *id;
}

Result<void> require(bool good, unsigned id) {
  if (good) return {};
  return refuse(Verdict::bad_value, name_of(id));
}

// Digits with at most one ".", which must follow a digit. How many decimals the currency has is not
// known here.
bool is_amount(std::string_view text) {
  if (text.size() > kMaxAmount || text.empty() || text.front() == '.') return false;
  const std::size_t point = std::min(text.find('.'), text.size());
  return are_digits(text.substr(0, point)) &&
         (point == text.size() || are_digits(text.substr(point + 1)));
}

// Whether a text is UTF-8 of at most `max` characters.
bool fits(std::string_view text, std::size_t max) {
  return !codec::utf8_error(text) && codec::utf8_length(text) <= max;
}

// What the objects of EMVCo's must look like, written or read.
Result<void> check_form(const PaymentCode& code) {
  const auto is_upper = [](char c) { return c >= 'A' && c <= 'Z'; };
  TRY(require(code.category.size() == 4 && are_digits(code.category), kCategory));
  TRY(require(code.currency.value() <= 999, kCurrency));
  TRY(require(!code.amount || is_amount(*code.amount), kAmount));
  TRY(require(code.country.size() == 2 && std::ranges::all_of(code.country, is_upper), kCountry));
  TRY(require(fits(code.merchant, kMaxMerchant), kMerchant));
  TRY(require(fits(code.city, kMaxCity), kCity));
  TRY(require(fits(code.reference.value_or(""), kMaxLabel), kAdditionalData));
  return require(fits(code.terminal.value_or(""), kMaxLabel), kAdditionalData);
}

Result<void> read_header(const OurTemplate& header, PaymentCode& code) {
  const auto within = [&](unsigned inner, const Refusal& refusal) {
    return refuse_within(name_of(header.id, inner), refusal);
  };
  ASSIGN(const auto profile, header.value(kProfile));
  if (profile != kCodeProfile) {
    return refuse(Verdict::bad_version, name_of(header.id, kProfile));
  }
  TRY(header.only({kGuid, kProfile, kKey, kStep, kCounter, kSecurity}));
  ASSIGN(const auto key_text, header.value(kKey));
  const auto key = read_base64url<KeyId>(key_text);
  if (!key) return within(kKey, key.error());
  ASSIGN(const auto step_text, header.value(kStep));
  const auto step = read_number(step_text, std::nullopt, UINT64_MAX);
  if (!step) return within(kStep, step.error());
  ASSIGN(const auto counter_text, header.value(kCounter));
  const auto counter = read_number(counter_text, 10, UINT32_MAX);
  if (!counter) return within(kCounter, counter.error());
  code.key = *key;
  code.step = TimeStep(*step);
  code.counter = static_cast<std::uint32_t>(*counter);
  if (const auto* object = header.objects.find(kSecurity)) {
    const auto security = read_base64url<SecurityValue>(object->value);
    if (!security) return within(kSecurity, security.error());
    code.security = *security;
  }
  return {};
}

Result<std::string> read_account(const codec::EmvObjects& objects, std::string_view guid) {
  ASSIGN(const auto ours, our_templates(objects, kAccountTemplate, kLastAccountTemplate, guid));
  if (ours.empty()) return refuse(Verdict::code_not_ours, "26 to 51");
  if (ours.size() > 1) return refuse(Verdict::duplicate_field, name_of(ours[1].id));
  TRY(ours[0].only({kGuid, kContent}));
  ASSIGN(const auto account, ours[0].value(kContent));
  return std::string(account);
}

// Everything that is EMVCo's. The mandatory objects are there.
Result<void> read_merchant(const codec::EmvText& text, PaymentCode& code) {
  const auto& objects = text.objects();
  const auto copy = [&](unsigned id) { return std::string(objects.find(id)->value); };
  // A fee or tip changes what is owed: another reader of this text would see another amount.
  for (const unsigned fee : kFees) {
    if (objects.find(fee) != nullptr) return refuse(Verdict::unknown_field, name_of(fee));
  }
  const auto currency = read_number(objects.find(kCurrency)->value, 3, 999);
  if (!currency) return refuse(Verdict::bad_value, name_of(kCurrency));
  code.currency = AssetId(static_cast<std::uint32_t>(*currency));
  if (objects.find(kAmount) != nullptr) code.amount = copy(kAmount);
  code.category = copy(kCategory);
  code.country = copy(kCountry);
  code.merchant = copy(kMerchant);
  code.city = copy(kCity);
  if (objects.find(kAdditionalData) != nullptr) {
    ASSIGN(const auto additional, text.template_at(kAdditionalData));
    if (const auto* found = additional.find(kReference)) code.reference = found->value;
    if (const auto* found = additional.find(kTerminal)) code.terminal = found->value;
  }
  return check_form(code);
}

Result<crypto::Signature> read_signature(const OurTemplate& first, const OurTemplate& second) {
  std::string characters;
  for (const OurTemplate* half : {&first, &second}) {
    TRY(half->only({kGuid, kContent}));
    ASSIGN(const auto value, half->value(kContent));
    if (value.size() != kHalfSignature) {
      return refuse(Verdict::bad_value, name_of(half->id, kContent));
    }
    characters += value;
  }
  auto signature = read_base64url<crypto::Signature>(characters);
  if (!signature) return refuse_within(name_of(first.id, kContent), signature.error());
  *signature = crypto::to_low_s(*signature);
  if (!crypto::in_canonical_form(*signature)) {
    return refuse(Verdict::bad_signature_form, name_of(first.id, kContent));
  }
  return signature;
}

// Our header and the two halves of the signature, the halves being last but for the CRC. Were
// anything behind the signature, or one more template of ours, two readers might see two codes in
// one text.
Result<std::array<OurTemplate, 3>> find_ours(const codec::EmvObjects& objects,
                                             std::string_view guid) {
  ASSIGN(auto ours, our_templates(objects, kFirstUnreserved, kLastUnreserved, guid));
  if (ours.empty()) return refuse(Verdict::code_not_ours, "80 to 99");
  if (ours.size() < 3) return refuse(Verdict::missing_field, name_of(kSignatureTemplates[1]));
  if (ours.size() > 3) return refuse(Verdict::duplicate_field, name_of(ours[3].id));
  const auto& all = objects.all();
  const auto behind = all.end() - std::ranges::find(all, ours[1].id, &codec::EmvObject::id);
  if (behind != 3 || all[all.size() - 2].id != ours[2].id) {
    return refuse(Verdict::bad_encoding, format("behind {:02}", ours[1].id));
  }
  return std::array{std::move(ours[0]), std::move(ours[1]), std::move(ours[2])};
}

}  // namespace

Result<Address> PaymentCode::payee() const {
  const auto address = codec::address_from_text(account);
  if (!address) return refuse(Verdict::code_not_ours, "merchant account");
  return *address;
}

Result<std::optional<Amount>> PaymentCode::minor_units(unsigned scale) const {
  if (!amount) return std::nullopt;
  const auto units = codec::emv_amount(*amount, scale);
  if (!units) return refuse_within(name_of(kAmount), units.error());
  return *units;
}

Result<std::string> code_information(const PaymentCode& code, std::string_view guid) {
  if (guid.size() > kMaxGuid) return refuse(Verdict::bad_value, "guid");
  TRY(check_form(code));
  codec::EmvWriter account;
  account.put(kGuid, guid).put(kContent, code.account);
  codec::EmvWriter header;
  header.put(kGuid, guid).put(kProfile, kCodeProfile);
  header.put(kKey, codec::to_base64url(code.key.view()));
  header.put(kStep, std::to_string(code.step.value()));
  header.put(kCounter, format("{:010}", code.counter));
  if (code.security) header.put(kSecurity, codec::to_base64url(code.security->view()));

  codec::EmvWriter text;
  text.put(0, "01").put(kPointOfInitiation, kDynamic).put(kAccountTemplate, account);
  text.put(kCategory, code.category);
  text.put(kCurrency, format("{:03}", code.currency.value()));
  if (code.amount) text.put(kAmount, *code.amount);
  text.put(kCountry, code.country).put(kMerchant, code.merchant).put(kCity, code.city);
  if (code.reference || code.terminal) {
    codec::EmvWriter additional;
    if (code.reference) additional.put(kReference, *code.reference);
    if (code.terminal) additional.put(kTerminal, *code.terminal);
    text.put(kAdditionalData, additional);
  }
  text.put(kHeaderTemplate, header);
  return text.value();
}

Bytes code_to_be_signed(std::string_view code_information) {
  Bytes out;
  out.reserve(kPrefix.size() + code_information.size());
  append(out, as_bytes(kPrefix));
  append(out, as_bytes(code_information));
  return out;
}

Result<std::string> assemble_code(std::string_view code_information,
                                  const crypto::Signature& signature, std::string_view guid) {
  ASSIGN(const auto objects, codec::parse_emv_objects(code_information));
  codec::EmvWriter text;
  for (const auto& object : objects.all()) text.put(object.id, object.value);
  const std::string characters = codec::to_base64url(signature.view());
  for (std::size_t i = 0; i < std::size(kSignatureTemplates); ++i) {
    codec::EmvWriter half;
    half.put(kGuid, guid).put(kContent, characters.substr(i * kHalfSignature, kHalfSignature));
    text.put(kSignatureTemplates[i], half);
  }
  return text.finish();
}

Result<UnverifiedPaymentCode> parse_payment_code(std::string_view text, std::string_view guid) {
  ASSIGN(const auto parsed, codec::parse_emv_text(text));
  ASSIGN(const auto ours, find_ours(parsed.objects(), guid));
  const auto& [header, first_half, second_half] = ours;
  TRY(codec::check_emv_mandatory(parsed));
  PaymentCode code;
  TRY(read_header(header, code));
  ASSIGN(code.account, read_account(parsed.objects(), guid));
  TRY(read_merchant(parsed, code));
  ASSIGN(const auto signature, read_signature(first_half, second_half));
  const auto digest =
      crypto::sha256({as_bytes(kPrefix), as_bytes(text.substr(0, first_half.offset))});
  return UnverifiedPaymentCode(std::move(code), digest, signature);
}

Result<Verified<PaymentCode>> verify_payment_code(const UnverifiedPaymentCode& code,
                                                  const crypto::Verifier& verifier) {
  if (code.code().key != KeyId::prefix_of(verifier.key_hash()) ||
      !verifier.verify(code.digest(), code.signature())) {
    return refuse(Verdict::code_bad_signature);
  }
  return VerificationPass::grant(code.code());
}

TimeStep time_step(Millis at, Duration step_length) {
  CHECK(step_length.value() != 0);
  return TimeStep(at.value() / step_length.value());
}

Result<void> judge_freshness(TimeStep step, Millis now, Duration step_length, unsigned window) {
  const std::uint64_t current = time_step(now, step_length).value();
  const std::uint64_t apart =
      current > step.value() ? current - step.value() : step.value() - current;
  if (apart > window) {
    return refuse(Verdict::code_stale, format("step {}, now {}", step.value(), current));
  }
  return {};
}

}  // namespace intaglio::proof
