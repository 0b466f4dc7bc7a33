// OpenSSL's objects as owners, for this module's .cpp files alone.
#pragma once

#include <memory>

#include <openssl/err.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "base/ids.h"
#include "base/result.h"
#include "pki/certificate.h"

namespace intaglio::pki {

template <auto kFree>
struct Freed {
  template <typename T>
  void operator()(T* object) const {
    kFree(object);
  }
};

inline void free_names(GENERAL_NAMES* names) { sk_GENERAL_NAME_pop_free(names, GENERAL_NAME_free); }
inline void free_usages(EXTENDED_KEY_USAGE* usages) {
  sk_ASN1_OBJECT_pop_free(usages, ASN1_OBJECT_free);
}

using GeneralNames = std::unique_ptr<GENERAL_NAMES, Freed<free_names>>;
using ExtendedUsages = std::unique_ptr<EXTENDED_KEY_USAGE, Freed<free_usages>>;

// OpenSSL keeps a queue of errors for each thread: whoever calls it leaves that queue empty.
struct ErrorQueueCleared {
  ~ErrorQueueCleared() { ERR_clear_error(); }
};

inline ByteView content(const ASN1_STRING* text) {
  return {ASN1_STRING_get0_data(text), static_cast<std::size_t>(ASN1_STRING_length(text))};
}
inline ByteView content(const ASN1_OBJECT* object) {
  return {OBJ_get0_data(object), OBJ_length(object)};
}

// `bad_value` when it is negative or longer than 20 bytes.
Result<SerialNumber> serial_of(const ASN1_INTEGER* number);
// A time before 1970 reads as 0.
Result<Millis> time_of(const ASN1_TIME* time);
Bytes encoding_of(const X509_NAME* name);
Result<Name> name_of(const X509_NAME* name);

}  // namespace intaglio::pki
