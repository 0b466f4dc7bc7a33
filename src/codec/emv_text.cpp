#include "codec/emv_text.h"

#include <charconv>

#include "base/check.h"
#include "base/format.h"
#include "codec/utf8.h"

namespace intaglio::codec {
namespace {

constexpr unsigned kFormatIndicator = 0;
constexpr std::string_view kFormat = "01";
constexpr unsigned kCrc = 63;
constexpr std::string_view kCrcHead = "6304";
constexpr std::size_t kCrcDigits = 4;
constexpr std::size_t kMaxValue = 99;  // characters
constexpr std::size_t kMaxAmountText = 13;

std::string name_of(unsigned id) { return format("{:02}", id); }

// Two digits at the start of `text`; nothing when there are none.
std::optional<unsigned> two_digits(std::string_view text) {
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  if (text.size() < 2 || !is_digit(text[0]) || !is_digit(text[1])) return std::nullopt;
  return static_cast<unsigned>((text[0] - '0') * 10 + (text[1] - '0'));
}

// The first byte that is not UTF-8, or is a control character: none belongs in a code, and in a
// merchant's name it could change what a person is shown.
std::optional<std::size_t> unprintable(std::string_view text) {
  const auto error = utf8_error(text);
  const auto control = std::ranges::find_if(
      text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
  if (control == text.end()) return error;
  const auto at = static_cast<std::size_t>(control - text.begin());
  return error ? std::min(*error, at) : at;
}

std::unexpected<Refusal> refuse_byte(Verdict verdict, std::size_t at) {
  return refuse(verdict, format("byte {}", at));
}

// The object at `offset`, from a text that is UTF-8.
Result<EmvObject> parse_object(std::string_view text, std::size_t offset) {
  const auto id = two_digits(text.substr(offset));
  if (!id) return refuse_byte(Verdict::bad_encoding, offset);
  const auto length = two_digits(text.substr(offset + 2));
  if (!length || *length == 0) return refuse_byte(Verdict::bad_encoding, offset + 2);
  const auto rest = text.substr(offset + 4);
  const auto size = utf8_prefix(rest, *length);
  if (!size) return refuse_byte(Verdict::truncated, offset);
  return EmvObject{*id, rest.substr(0, *size), offset};
}

std::string crc_digits(std::uint16_t crc) { return format("{:04X}", crc); }

// The CRC that four digits of either case say.
std::optional<std::uint16_t> crc_from_digits(std::string_view digits) {
  std::uint16_t crc = 0;
  const char* end = digits.data() + digits.size();
  const auto parsed = std::from_chars(digits.data(), end, crc, 16);
  if (parsed.ec != std::errc() || parsed.ptr != end) return std::nullopt;
  return crc;
}

}  // namespace

const EmvObject* EmvObjects::find(unsigned id) const {
  const auto found = std::ranges::find(objects_, id, &EmvObject::id);
  return found == objects_.end() ? nullptr : &*found;
}

Result<std::string_view> EmvObjects::value(unsigned id) const {
  const auto* object = find(id);
  if (object == nullptr) return refuse(Verdict::missing_field, name_of(id));
  return object->value;
}

Result<EmvObjects> parse_emv_objects(std::string_view text) {
  if (const auto at = unprintable(text)) return refuse_byte(Verdict::bad_encoding, *at);
  EmvObjects out;
  std::bitset<100> seen;
  for (std::size_t offset = 0; offset < text.size();) {
    ASSIGN(const auto object, parse_object(text, offset));
    if (seen.test(object.id)) return refuse(Verdict::duplicate_field, name_of(object.id));
    seen.set(object.id);
    offset += 4 + object.value.size();
    out.objects_.push_back(object);
  }
  return out;
}

std::optional<std::string_view> EmvText::before(unsigned id) const {
  const auto* object = objects_.find(id);
  if (object == nullptr) return std::nullopt;
  return text_.substr(0, object->offset);
}

Result<EmvObjects> EmvText::template_at(unsigned id) const {
  ASSIGN(const auto value, objects_.value(id));
  auto inside = parse_emv_objects(value);
  if (!inside) return refuse_within(name_of(id), inside.error());
  return inside;
}

Result<EmvText> parse_emv_text(std::string_view text, EmvLimits limits) {
  // A character is one to four bytes: a text far too long is not looked at.
  if (text.size() / 4 > limits.characters) return refuse(Verdict::too_large);
  EmvText out;
  out.text_ = text;
  ASSIGN(out.objects_, parse_emv_objects(text));
  if (utf8_length(text) > limits.characters) return refuse(Verdict::too_large);
  const auto& all = out.objects_.all();
  ASSIGN(const auto version, out.objects_.value(kFormatIndicator));
  if (all.front().id != kFormatIndicator) return refuse_byte(Verdict::bad_encoding, 0);
  if (version != kFormat) return refuse(Verdict::bad_version, name_of(kFormatIndicator));
  ASSIGN(const auto digits, out.objects_.value(kCrc));
  if (all.back().id != kCrc) {
    const auto* crc = out.objects_.find(kCrc);
    return refuse_byte(Verdict::trailing_bytes, crc->offset + 4 + crc->value.size());
  }
  if (digits.size() != kCrcDigits) return refuse(Verdict::bad_checksum, name_of(kCrc));
  const auto covered = text.substr(0, text.size() - kCrcDigits);
  if (crc_from_digits(digits) != emv_crc(covered)) {
    return refuse(Verdict::bad_checksum, name_of(kCrc));
  }
  return out;
}

Result<void> check_emv_mandatory(const EmvText& code) {
  const auto& objects = code.objects();
  TRY(objects.value(kFormatIndicator));
  const bool has_account = std::ranges::any_of(
      objects.all(), [](const EmvObject& object) { return object.id >= 2 && object.id <= 51; });
  if (!has_account) return refuse(Verdict::missing_field, "02 to 51");
  for (const unsigned id : {52U, 53U, 58U, 59U, 60U, kCrc}) TRY(objects.value(id));
  return {};
}

std::uint16_t emv_crc(std::string_view text) {
  unsigned crc = 0xFFFF;
  for (const std::uint8_t byte : as_bytes(text)) {
    crc ^= static_cast<unsigned>(byte) << 8;
    for (int bit = 0; bit < 8; ++bit) {
      crc = (crc & 0x8000) != 0 ? crc << 1 ^ 0x1021 : crc << 1;
    }
  }
  return static_cast<std::uint16_t>(crc);
}

void EmvWriter::keep(Verdict verdict, std::string where) {
  if (!refusal_) refusal_ = Refusal{verdict, std::move(where)};
}

EmvWriter& EmvWriter::put(unsigned id, std::string_view value) {
  if (refusal_) return *this;
  if (id > 99) {
    keep(Verdict::bad_value, name_of(id));
  } else if (ids_.test(id)) {
    keep(Verdict::duplicate_field, name_of(id));
  } else if (value.empty()) {
    keep(Verdict::bad_value, name_of(id));
  } else if (const auto at = unprintable(value)) {
    keep(Verdict::bad_encoding, format("{}.byte {}", name_of(id), *at));
  } else if (const auto length = utf8_length(value); length > kMaxValue) {
    keep(Verdict::too_large, name_of(id));
  } else {
    ids_.set(id);
    text_ += format("{:02}{:02}{}", id, length, value);
  }
  return *this;
}

EmvWriter& EmvWriter::put(unsigned id, const EmvWriter& inside) {
  const auto value = inside.value();
  if (value) return put(id, *value);
  const auto within = refuse_within(name_of(id), value.error());
  keep(within.error().verdict, within.error().where);
  return *this;
}

Result<std::string> EmvWriter::value() const {
  if (refusal_) return std::unexpected(*refusal_);
  return text_;
}

Result<std::string> EmvWriter::finish(EmvLimits limits) const {
  if (refusal_) return std::unexpected(*refusal_);
  if (!text_.starts_with("000201")) return refuse(Verdict::bad_version, name_of(kFormatIndicator));
  if (ids_.test(kCrc)) return refuse(Verdict::duplicate_field, name_of(kCrc));
  std::string out = text_;
  out += kCrcHead;
  out += crc_digits(emv_crc(out));
  if (utf8_length(out) > limits.characters) return refuse(Verdict::too_large);
  return out;
}

Result<Amount> emv_amount(std::string_view text, unsigned scale) {
  if (text.empty() || text.size() > kMaxAmountText || scale > 12) {
    return refuse(Verdict::bad_value);
  }
  std::uint64_t units = 0;
  std::optional<unsigned> decimals;  // after the "."
  const auto add_digit = [&](unsigned digit) {
    if (units > (UINT64_MAX - digit) / 10) return false;
    units = units * 10 + digit;
    return true;
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '.' && i > 0 && !decimals) {
      decimals = 0;
      continue;
    }
    if (text[i] < '0' || text[i] > '9') return refuse(Verdict::bad_value);
    if (decimals && ++*decimals > scale) return refuse(Verdict::bad_value);
    if (!add_digit(static_cast<unsigned>(text[i] - '0'))) return refuse(Verdict::bad_value);
  }
  for (unsigned i = decimals.value_or(0); i < scale; ++i) {
    if (!add_digit(0)) return refuse(Verdict::bad_value);
  }
  return Amount(units);
}

Result<std::string> emv_amount_text(Amount amount, unsigned scale) {
  if (scale > 12) return refuse(Verdict::bad_value);
  std::string out = std::to_string(amount.value());
  if (scale > 0) {
    if (out.size() <= scale) out.insert(0, scale + 1 - out.size(), '0');
    out.insert(out.size() - scale, 1, '.');
  }
  if (out.size() > kMaxAmountText) return refuse(Verdict::too_large);
  return out;
}

}  // namespace intaglio::codec
