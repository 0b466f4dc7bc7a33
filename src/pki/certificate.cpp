#include "pki/certificate.h"

#include <ctime>

#include "base/format.h"
#include "crypto/sha256.h"
#include "pki/object_ids.h"
#include "pki/openssl_handles.h"

namespace intaglio::pki {

namespace {

constexpr int kMaxExtensions = 32;

Result<std::string> utf8(const ASN1_STRING* text) {
  unsigned char* out = nullptr;
  const int size = ASN1_STRING_to_UTF8(&out, text);
  if (size < 0) return refuse(Verdict::bad_encoding, "text");
  std::string result(reinterpret_cast<const char*>(out), static_cast<std::size_t>(size));
  OPENSSL_free(out);
  return result;
}

// Two extensions of one kind are for nobody to choose between (RFC 5280 section 4.2).
Result<void> check_extensions(const X509* native) {
  const int count = X509_get_ext_count(native);
  if (count > kMaxExtensions) return refuse(Verdict::too_large, "extensions");
  for (int i = 0; i < count; ++i) {
    const ASN1_OBJECT* kind = X509_EXTENSION_get_object(X509_get_ext(native, i));
    if (X509_get_ext_by_OBJ(native, kind, i) >= 0) {
      return refuse(Verdict::duplicate_field, format("extension {}", i));
    }
  }
  return {};
}

Result<crypto::PublicKey> public_key_of(const X509* native) {
  ASN1_OBJECT* algorithm = nullptr;
  const unsigned char* bits = nullptr;
  int size = 0;
  X509_ALGOR* parameters = nullptr;
  if (X509_PUBKEY_get0_param(&algorithm, &bits, &size, &parameters, X509_get_X509_PUBKEY(native)) !=
          1 ||
      !equal(content(algorithm), object_ids::kEcPublicKey)) {
    return refuse(Verdict::bad_key, "public key algorithm");
  }
  int kind = 0;
  const void* curve = nullptr;
  X509_ALGOR_get0(nullptr, &kind, &curve, parameters);
  if (kind != V_ASN1_OBJECT ||
      !equal(content(static_cast<const ASN1_OBJECT*>(curve)), object_ids::kP256)) {
    return refuse(Verdict::bad_key, "curve");
  }
  return crypto::PublicKey::parse({bits, static_cast<std::size_t>(size)});
}

Result<std::optional<CertificateUsage>> usage_in(const X509* native) {
  const ExtendedUsages usages(static_cast<EXTENDED_KEY_USAGE*>(
      X509_get_ext_d2i(native, NID_ext_key_usage, nullptr, nullptr)));
  std::optional<CertificateUsage> found;
  for (int i = 0; i < sk_ASN1_OBJECT_num(usages.get()); ++i) {
    const ByteView object = content(sk_ASN1_OBJECT_value(usages.get(), i));
    for (const auto& [usage, name] : codec::EnumNames<CertificateUsage>::kNames) {
      if (!equal(object, object_ids::usage(usage))) continue;
      if (found) return refuse(Verdict::bad_value, "more than one usage");
      found = usage;
    }
  }
  return found;
}

Result<std::optional<Address>> account_in(const X509* native) {
  const GeneralNames names(static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(native, NID_subject_alt_name, nullptr, nullptr)));
  std::optional<Address> found;
  for (int i = 0; i < sk_GENERAL_NAME_num(names.get()); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), i);
    if (name->type != GEN_URI) continue;
    const std::string_view uri = as_text(content(name->d.uniformResourceIdentifier));
    if (!uri.starts_with(kAccountUri)) continue;
    if (found) return refuse(Verdict::duplicate_field, "account");
    auto address = codec::address_from_text(uri.substr(kAccountUri.size()));
    if (!address) return refuse(Verdict::bad_value, "account");
    found = *address;
  }
  return found;
}

Result<std::optional<Capabilities>> capabilities_in(const X509* native) {
  const Bytes wanted = object_ids::capabilities();
  for (int i = 0; i < X509_get_ext_count(native); ++i) {
    X509_EXTENSION* extension = X509_get_ext(native, i);
    if (!equal(content(X509_EXTENSION_get_object(extension)), wanted)) continue;
    // An OCTET STRING whose content is the CBOR, inside the extension's own.
    const ByteView value = content(X509_EXTENSION_get_data(extension));
    const unsigned char* at = value.data();
    const std::unique_ptr<ASN1_OCTET_STRING, Freed<ASN1_OCTET_STRING_free>> inner(
        d2i_ASN1_OCTET_STRING(nullptr, &at, static_cast<long>(value.size())));
    if (inner == nullptr || at != value.data() + value.size()) {
      return refuse(Verdict::bad_encoding, "capabilities");
    }
    auto capabilities = decode_capabilities(content(inner.get()));
    if (!capabilities) return refuse_within("capabilities", capabilities.error());
    return *std::move(capabilities);
  }
  return std::nullopt;
}

}  // namespace

Result<SerialNumber> serial_of(const ASN1_INTEGER* number) {
  const ByteView value = content(number);
  if (ASN1_STRING_type(number) != V_ASN1_INTEGER || value.size() > SerialNumber::kSize) {
    return refuse(Verdict::bad_value, "serial");
  }
  SerialNumber out;
  std::ranges::copy(value, out.writable().last(value.size()).begin());
  return out;
}

Result<Millis> time_of(const ASN1_TIME* time) {
  std::tm broken{};
  if (time == nullptr || ASN1_TIME_to_tm(time, &broken) != 1) {
    return refuse(Verdict::bad_value, "time");
  }
  std::tm epoch{};
  epoch.tm_year = 70;
  epoch.tm_mday = 1;
  int days = 0;
  int seconds = 0;
  if (OPENSSL_gmtime_diff(&days, &seconds, &epoch, &broken) != 1) {
    return refuse(Verdict::bad_value, "time");
  }
  const std::int64_t since = std::int64_t{days} * 86400 + seconds;
  return Millis(since < 0 ? 0 : static_cast<std::uint64_t>(since) * 1000);
}

Bytes encoding_of(const X509_NAME* name) {
  const unsigned char* der = nullptr;
  std::size_t size = 0;
  if (X509_NAME_get0_der(name, &der, &size) != 1) return {};
  return Bytes(der, der + size);
}

Result<Name> name_of(const X509_NAME* name) {
  Name out;
  for (int i = 0; i < X509_NAME_entry_count(name); ++i) {
    const X509_NAME_ENTRY* entry = X509_NAME_get_entry(name, i);
    const ByteView kind = content(X509_NAME_ENTRY_get_object(entry));
    std::string* place = equal(kind, object_ids::kOrganization)       ? &out.organization
                         : equal(kind, object_ids::kCommonName)       ? &out.common_name
                         : equal(kind, object_ids::kNameSerialNumber) ? &out.serial_number
                                                                      : nullptr;
    if (place == nullptr) continue;
    ASSIGN(*place, utf8(X509_NAME_ENTRY_get_data(entry)));
  }
  return out;
}

// Reads one certificate; each step leaves with its own refusal.
struct CertificateParser {
  static Result<std::shared_ptr<X509>> decode(ByteView der) {
    if (der.size() > Certificate::kMaxBytes) return refuse(Verdict::too_large, "certificate");
    const unsigned char* at = der.data();
    std::shared_ptr<X509> native(d2i_X509(nullptr, &at, static_cast<long>(der.size())), X509_free);
    if (native == nullptr) return refuse(Verdict::bad_encoding, "certificate");
    if (at != der.data() + der.size()) return refuse(Verdict::trailing_bytes, "certificate");
    // The signed part is kept as it came; around it only the one DER form is taken, so that nobody
    // but the issuer can make a second encoding of what was signed.
    unsigned char* again = nullptr;
    const int size = i2d_X509(native.get(), &again);
    const bool same = size >= 0 && equal(der, {again, static_cast<std::size_t>(size)});
    OPENSSL_free(again);
    if (!same) return refuse(Verdict::bad_encoding, "certificate");
    if (X509_get_version(native.get()) != X509_VERSION_3) return refuse(Verdict::bad_version);
    TRY(check_extensions(native.get()));
    if (X509_check_purpose(native.get(), -1, 0) != 1 ||
        (X509_get_extension_flags(native.get()) & EXFLAG_INVALID) != 0) {
      return refuse(Verdict::bad_encoding, "extensions");
    }
    return native;
  }

  static Result<Certificate> parse(ByteView der) {
    const ErrorQueueCleared cleared;
    Certificate::Fields out;
    ASSIGN(out.native, decode(der));
    X509* native = out.native.get();
    ASSIGN(out.serial, serial_of(X509_get0_serialNumber(native)));
    ASSIGN(out.subject, name_of(X509_get_subject_name(native)));
    ASSIGN(out.issuer, name_of(X509_get_issuer_name(native)));
    ASSIGN(out.validity.not_before, time_of(X509_get0_notBefore(native)));
    ASSIGN(out.validity.not_after, time_of(X509_get0_notAfter(native)));
    ASSIGN(out.public_key, public_key_of(native));
    ASSIGN(out.usage, usage_in(native));
    ASSIGN(out.account, account_in(native));
    ASSIGN(out.capabilities, capabilities_in(native));
    if (out.capabilities && out.capabilities->role != out.usage) {
      return refuse(Verdict::bad_value, "capabilities.role");
    }
    out.is_authority = (X509_get_extension_flags(native) & EXFLAG_CA) != 0;
    out.key_hash = out.public_key.hash();
    out.fingerprint = *Fingerprint::from(crypto::sha256(der).view());
    out.der = to_bytes(der);
    out.subject_der = encoding_of(X509_get_subject_name(native));
    out.issuer_der = encoding_of(X509_get_issuer_name(native));
    if (const ASN1_OCTET_STRING* id = X509_get0_subject_key_id(native)) {
      out.subject_key_id = to_bytes(content(id));
    }
    return Certificate(std::move(out));
  }
};

Result<Certificate> Certificate::parse(ByteView der) { return CertificateParser::parse(der); }

SerialNumber serial_from(const SerialBits& random) {
  SerialNumber out;
  std::ranges::copy(random.view(), out.writable().last<SerialBits::kSize>().begin());
  return out;
}

std::string capabilities_oid() { return std::string(kOidArc) + ".1"; }

std::string usage_oid(CertificateUsage usage) {
  return format("{}.2.{}", kOidArc, static_cast<unsigned>(usage));
}

}  // namespace intaglio::pki
