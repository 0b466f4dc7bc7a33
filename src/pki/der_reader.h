// Reads DER (X.690 section 10) that came from outside, element by element. Nothing is copied: what
// it gives are views of the bytes it was handed. Pure, any thread.
#pragma once

#include <optional>

#include "base/result.h"
#include "pki/der.h"

namespace intaglio::pki::der {

struct Element {
  std::uint8_t tag;
  ByteView content;
  ByteView whole;  // tag, length and content
};

// One reader for the contents of one constructed element. Takes definite lengths in their shortest
// form and tag numbers up to 30, and nothing else: all of `truncated`, `bad_encoding`.
class Reader {
 public:
  explicit Reader(ByteView content) : rest_(content) {}

  bool at_end() const { return rest_.empty(); }
  bool next_is(std::uint8_t tag) const { return !rest_.empty() && rest_.front() == tag; }

  Result<Element> next();
  // The next element, which must have this tag; `what` names it in a refusal (`bad_encoding`).
  Result<Element> next(std::uint8_t tag, const char* what);
  // Steps over the next element when it has this tag; nothing when it has another.
  Result<std::optional<Element>> next_if(std::uint8_t tag);
  // `trailing_bytes` when something is left.
  Result<void> finish(const char* what) const;

 private:
  ByteView rest_;
};

// The one element that these bytes are, with nothing after it.
Result<Element> only_element(ByteView bytes, std::uint8_t tag, const char* what);

// An INTEGER that is not negative and fits. `bad_value` otherwise.
Result<std::uint64_t> to_uint(const Element& integer, const char* what);

// The bytes of a BIT STRING without unused bits. `bad_encoding` otherwise.
Result<ByteView> to_octets(const Element& bit_string, const char* what);

}  // namespace intaglio::pki::der
