// The text of a merchant-presented QR code, as EMVCo's QR Code Specification for Payment Systems,
// Merchant-Presented Mode 1.1, has it: data objects of a two-digit id, a two-digit length in
// characters (UTF-8 code points) and a value; the first is 00 "01", the last 63 with a CRC over
// everything before its four digits. The CRC finds misreading, not forgery.
#pragma once

#include <bitset>
#include <string>
#include <vector>

#include "base/amount.h"
#include "base/bytes.h"
#include "base/result.h"

namespace intaglio::codec {

struct EmvLimits {
  std::size_t characters = 512;  // of the whole text (section 3.1 advises no more)
};

// One data object. The views are into the text that was read.
struct EmvObject {
  unsigned id;             // 0 to 99
  std::string_view value;  // 1 to 99 characters
  std::size_t offset;      // of the first digit of the id, in bytes of the text it was read from
};

// The objects of a list in their order; no id stands twice.
class EmvObjects {
 public:
  const std::vector<EmvObject>& all() const { return objects_; }
  // nullptr when there is none.
  const EmvObject* find(unsigned id) const;
  // The value of a required object: `missing_field` names the id.
  Result<std::string_view> value(unsigned id) const;

 private:
  friend Result<EmvObjects> parse_emv_objects(std::string_view text);
  std::vector<EmvObject> objects_;
};

// Reads a list of objects that fills `text` to its end: the value of a template, or a whole code
// without its rules on 00 and 63. `bad_encoding` names the byte where no id, length or printable
// UTF-8 stands, `truncated` the object that the text ends inside of, `duplicate_field` the id.
Result<EmvObjects> parse_emv_objects(std::string_view text);

// A whole code whose first and last object and CRC are right. Views the text, which must outlive
// it.
class EmvText {
 public:
  const EmvObjects& objects() const { return objects_; }
  std::string_view text() const { return text_; }

  // The bytes before the object with this id: what a signature in that template covers. Nothing
  // when there is no such object.
  std::optional<std::string_view> before(unsigned id) const;

  // The objects inside a template: `missing_field` when it is absent; a refusal inside it names
  // the template and then the byte of its value.
  Result<EmvObjects> template_at(unsigned id) const;

 private:
  friend Result<EmvText> parse_emv_text(std::string_view text, EmvLimits limits);
  std::string_view text_;
  EmvObjects objects_;
};

// Refuses what parse_emv_objects refuses; `too_large` past the limit; `missing_field` for 00 or 63,
// `bad_version` for another 00 than "01", `trailing_bytes` for anything after 63, `bad_checksum`.
// The digits of the CRC are read in upper and lower case.
Result<EmvText> parse_emv_text(std::string_view text, EmvLimits limits = {});

// Whether the objects that every code must have are there: 00, one of 02 to 51, 52, 53, 58, 59, 60
// and 63 (table 3.1). `missing_field` names the first that is not. Apart from parsing, since codes
// in shops leave some out and can still be shown.
Result<void> check_emv_mandatory(const EmvText& code);

// CRC-16 with polynomial 0x1021, start 0xFFFF, not reflected, over the UTF-8 bytes
// (ISO/IEC 13239; check value of "123456789": 0x29B1).
std::uint16_t emv_crc(std::string_view text);

// Appends objects. What does not fit the format (a value that is empty, longer than 99 characters
// or not printable UTF-8; an id above 99 or put twice) may come from outside, so it is kept as a
// refusal that finish() and value() give; nothing is appended after it. One thread.
class EmvWriter {
 public:
  EmvWriter& put(unsigned id, std::string_view value);
  // A template with what was put into `inside`, or the refusal kept there.
  EmvWriter& put(unsigned id, const EmvWriter& inside);

  // The objects so far, as they will stand in the code.
  std::string_view view() const { return text_; }

  // The objects as the value of a template.
  Result<std::string> value() const;

  // The whole code: adds 63 with the CRC. 00 "01" must have been put first (`bad_version`).
  Result<std::string> finish(EmvLimits limits = {}) const;

 private:
  void keep(Verdict verdict, std::string where);

  std::string text_;
  std::bitset<100> ids_;
  std::optional<Refusal> refusal_;
};

// The amount of object 54: digits with at most one ".", which must follow a digit, and at most
// `scale` digits after it ("98", "98.", "98.7" and "98.73" for scale 2); 13 characters at most.
// `bad_value`. The scale is that of the asset: its minor unit is 10^-scale, 0 to 12.
Result<Amount> emv_amount(std::string_view text, unsigned scale);

// With exactly `scale` digits after the "." and none of both for scale 0. `too_large` when that
// takes more than 13 characters.
Result<std::string> emv_amount_text(Amount amount, unsigned scale);

}  // namespace intaglio::codec
